package imagebuild

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// verdict is what a failed call's output means.
type verdict struct {
	reason    buildstrategy.Reason
	sentence  string
	temporary bool
}

var (
	refused     = regexp.MustCompile(`(?i)unauthorized|authentication required|access denied|access to the resource is denied|\bdenied\b|\b40[13]\b|forbidden`)
	unknownCert = regexp.MustCompile(`(?i)x509:|server gave HTTP response to HTTPS client`)
	// offline is a registry that gave no answer. These are words with blanks between them, which no name of an image has. The
	// V1 registry is what buildah takes one for whose first answer it did not get.
	offline = regexp.MustCompile(`(?i)connection refused|connection reset|connection timed out|no such host|no route to host|host is down|` +
		`network is unreachable|i/o timeout|TLS handshake timeout|timeout awaiting|Client\.Timeout exceeded|context deadline exceeded|broken pipe|` +
		`unexpected EOF|: EOF\b|can't talk to a V1 container registry|server misbehaving|http2: server sent GOAWAY|` +
		`stream error[^\n]*INTERNAL_ERROR|server closed idle connection`)
	// passing is a registry that answered that it is in trouble.
	passing = regexp.MustCompile(`(?i)too many requests|toomanyrequests|\b(429|50[0234])\b|service unavailable|bad gateway|internal server error|` +
		`received unexpected HTTP status: 5`)
	// names are addresses, hosts, references, ports and tags, which may read like an answer: a port 403, a repository
	// team/denied.
	names      = regexp.MustCompile(`\S*(/|:\d|\w\.\w)\S*|pinging container registry \S+|manifest \S+ in `)
	full       = regexp.MustCompile(`(?i)no space left on device|disk quota exceeded`)
	killed     = regexp.MustCompile(`(?i)subprocess exited on killed|signal: killed|exit status 137`)
	basePull   = regexp.MustCompile(`(?m)^Error: .*(initializing source|creating build container|unable to copy from source|short-name|image not known)`)
	noPip      = regexp.MustCompile(`No module named '?pip\b`)
	noPython   = regexp.MustCompile(`(?i)exec(utable file| failed).*python3.*(not found|no such file)|python3.*executable file not found`)
	pipOffline = regexp.MustCompile(`connection broken by|Max retries exceeded|Temporary failure in name resolution|` +
		`ReadTimeoutError|Read timed out|ConnectTimeoutError|NewConnectionError|ProtocolError|Connection aborted|` +
		`HTTP error (429|5\d\d)\b|\b(429 Client|5\d\d Server) Error`)
	pipError    = regexp.MustCompile(`(?m)^\s*ERROR: .*$`)
	toolError   = regexp.MustCompile(`(?m)^\s*error: .*$`)
	buildError  = regexp.MustCompile(`(?m)^Error: .*$`)
	pythonError = regexp.MustCompile(`(?m)^\w+(Error|Exception|Exit)\b.*$`)
	stepPattern = regexp.MustCompile(`building at STEP "(.*)": `)
)

// shownErrors is how many of the error lines are named in the sentence; the log shows the rest.
const shownErrors = 4

// nodeForbids is a node that does not let buildah mount in a user namespace.
var nodeForbids = regexp.MustCompile(`(?i)CLONE_NEWUSER\)?: operation not permitted|mount[^\n]*: (operation not permitted|permission denied)`)

// classifyNode tells a node that forbids what buildah does from everything that buildah may fail at once it runs.
func classifyNode(log string, classify func(string) verdict) verdict {
	if said := lastErrors(log, buildError); nodeForbids.MatchString(said) || nodeForbids.MatchString(log) && !pipError.MatchString(log) {
		return verdict{buildstrategy.BuilderForbidden, "The node does not let the image builder mount in a user namespace. Start the operator " +
			"with --builder-privileged, and allow privileged pods in this namespace. " + said, false}
	}
	return classify(log)
}

func classifyPull(log string) verdict {
	return registryVerdict(buildstrategy.BaseImagePullFailed, "The base image cannot be pulled", "baseImage and the push secret", log)
}

func classifyPush(log string) verdict {
	return registryVerdict(buildstrategy.PushFailed, "The built image cannot be pushed", "the name of the image and the push secret", log)
}

// registryVerdict reads what a registry answered, and not what it is called. Only trouble that is known to pass is tried
// again.
func registryVerdict(reason buildstrategy.Reason, what, check, log string) verdict {
	said := lastErrors(log, buildError)
	answer := names.ReplaceAllString(said, " ")
	unreachable := verdict{reason, what + ", because the registry cannot be reached or is in trouble. " + said, true}
	switch {
	case full.MatchString(said):
		return noRoom(said)
	case offline.MatchString(said):
		return unreachable
	case refused.MatchString(answer):
		return verdict{reason, what + ", because the registry refuses the credentials or has none. Check " + check + ". " + said, false}
	case unknownCert.MatchString(answer):
		return verdict{reason, what + ", because the registry's certificate is not trusted or it speaks plain http. Allow that with the " +
			"registry's insecure setting, or add its certificate to the builder's image. " + said, false}
	case passing.MatchString(answer):
		return unreachable
	default:
		return verdict{reason, what + ". Check " + check + ". " + said, false}
	}
}

// classifyBuild prefers what pip says over what buildah says about pip.
func classifyBuild(log string) verdict {
	last := lastErrors(log, buildError)
	failed := buildstrategy.BuildFailed
	switch {
	case basePull.MatchString(last) && !stepPattern.MatchString(last):
		return classifyPull(log)
	case full.MatchString(log):
		return noRoom(lastErrors(log, pipError, buildError))
	case killed.MatchString(log):
		return outOfMemory(last)
	case noPip.MatchString(log):
		return verdict{failed, "The base image has no pip, so nothing can be installed into it. Choose a base image with pip, such as python:3.12.", false}
	case noPython.MatchString(log):
		return verdict{failed, "The base image has no python3. Choose a base image with Python, such as python:3.12.", false}
	case pipError.MatchString(log) && pipOffline.MatchString(log):
		return verdict{buildstrategy.BuilderFailed, "pip cannot reach its package index: " + lastErrors(log, pipError), true}
	default:
		return verdict{failed, "The build failed" + atStep(last) + ": " + lastErrors(log, pipError, toolError, buildError), false}
	}
}

// classifyOpen is buildah that cannot look into the image that it has made, or write down what was added to it.
func classifyOpen(log string) verdict {
	said := lastErrors(log, buildError)
	switch {
	case full.MatchString(log):
		return noRoom(said)
	case killed.MatchString(log):
		return outOfMemory(said)
	default:
		return verdict{buildstrategy.BuilderFailed, "buildah cannot look into the image that the repository's Dockerfile makes, or complete it. Run the build again; " +
			"if that does not help, configure another builder image on the operator. " + said, false}
	}
}

// classifyProbe is an image of the repository's own Dockerfile whose python3 does not even start.
func classifyProbe(log string) verdict {
	said := lastErrors(log, buildError)
	failed := buildstrategy.BuildFailed
	switch {
	case full.MatchString(log):
		return noRoom(said)
	case killed.MatchString(log):
		return outOfMemory(said)
	case noPython.MatchString(log):
		return verdict{failed, "The image that the repository's Dockerfile makes has no python3, so no notebook can run in it. Start the " +
			"Dockerfile FROM an image with Python, such as python:3.12, or install python3 in it.", false}
	default:
		return verdict{failed, "The python3 of the image that the repository's Dockerfile makes cannot be started, so no notebook can run " +
			"in it. Correct the Dockerfile so that its USER can run python3. " + said, false}
	}
}

// classifyAddition is pip that cannot add to the image of the repository's own Dockerfile.
func classifyAddition(packages []string) func(string) verdict {
	return func(log string) verdict {
		v := classifyBuild(log)
		v.sentence = fmt.Sprintf("The image that the repository's Dockerfile makes lacks %s, which running a notebook takes, and it cannot "+
			"be added. Install it in the Dockerfile. %s", strings.Join(packages, ", "), v.sentence)
		return v
	}
}

// classifyBroken are packages that are installed and cannot be imported all the same.
func classifyBroken(packages []string) func(string) verdict {
	return func(log string) verdict {
		return verdict{buildstrategy.BuildFailed, fmt.Sprintf("The image that the repository's Dockerfile makes cannot import %s, which running "+
			"a notebook takes, though it is installed. Correct the Dockerfile so that python3 can import it: %s",
			strings.Join(packages, ", "), lastErrors(log, pythonError)), false}
	}
}

func outOfMemory(said string) verdict {
	return verdict{buildstrategy.OutOfMemory, "A step of the build was killed, most likely because it needs more memory than the build's " +
		"limit. Raise the limit. " + said, false}
}

func noRoom(said string) verdict {
	return verdict{buildstrategy.BuilderFailed, "The build has no room left on its node's disk. Use a smaller base image or fewer packages, or " +
		"build on a node with more ephemeral storage. " + said, false}
}

// atStep names the instruction that failed, if buildah does.
func atStep(said string) string {
	step := stepPattern.FindStringSubmatch(said)
	if step == nil {
		return ""
	}
	const longest = 200
	return " at " + strings.ToValidUTF8(step[1][:min(longest, len(step[1]))], "")
}

// lastErrors returns the last different lines of the first kind of error that the log has.
func lastErrors(log string, kinds ...*regexp.Regexp) string {
	for _, kind := range kinds {
		var lines []string
		for _, line := range kind.FindAllString(log, -1) {
			if line = strings.TrimSpace(line); !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
		if len(lines) > 0 {
			return strings.Join(lines[max(0, len(lines)-shownErrors):], " ")
		}
	}
	return "see the end of the log."
}
