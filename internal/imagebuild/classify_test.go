package imagebuild_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// Exit codes of a build that failed.
const (
	permanent = 65
	temporary = 75
)

// failure is a call of buildah that prints that and fails, and what becomes of the build.
type failure struct {
	step, out string
	code      int
	reason    buildstrategy.Reason
	says      string
}

func (c failure) check(t *testing.T) {
	t.Helper()
	f := newFixture(t)
	f.says(c.step+".out", c.out)
	f.says(c.step+".code", "125")
	var flags []string
	if c.step != "build" {
		flags = append(flags, "--base-image=python:3.12")
	}
	code, result, _ := f.run(t.Context(), flags...)
	assert.Equal(t, c.code, code, result.Message)
	assert.Equal(t, c.reason, result.Reason)
	assert.Contains(t, result.Message, c.says)
	assert.Empty(t, result.Image)
}

func TestWhatFailsAndWhetherTryingAgainHelps(t *testing.T) {
	for name, test := range map[string]failure{
		"pip finds no such package": {"build", "STEP 7/9: RUN x\nERROR: Could not find a version that satisfies the requirement nosuch==9 (from versions: none)\n" +
			"ERROR: No matching distribution found for nosuch==9\nError: building at STEP \"RUN python3 -m pip install\": exit status 1\n",
			permanent, buildstrategy.BuildFailed, "at RUN python3 -m pip install: ERROR: Could not find a version that satisfies the requirement nosuch==9 (from versions: none) ERROR: No matching"},
		"pip cannot build a package": {"build", "  error: subprocess-exited-with-error\n  x\nerror: metadata-generation-failed\nError: building at STEP \"RUN p\": exit status 1\n",
			permanent, buildstrategy.BuildFailed, "error: metadata-generation-failed"},
		"pip cannot reach its index": {"build", "WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: No matching distribution found for a\nError: building at STEP \"RUN p\": exit status 1\n",
			temporary, buildstrategy.BuilderFailed, "cannot reach its package index"},
		"there is no pip": {"build", "/usr/bin/python3: No module named pip\nError: building at STEP \"RUN p\": exit status 1\n",
			permanent, buildstrategy.BuildFailed, "has no pip"},
		"a step of the Dockerfile fails": {"build", "sh: make: not found\nError: building at STEP \"RUN make\": exit status 127\n",
			permanent, buildstrategy.BuildFailed, "at RUN make: Error: building at STEP"},
		"the Dockerfile is wrong": {"build", "Error: dockerfile parse error line 1: unknown instruction: FORM\n",
			permanent, buildstrategy.BuildFailed, "unknown instruction: FORM"},
		"a step is killed": {"build", "subprocess exited on killed\nError: building at STEP \"RUN p\": exit status 1\n",
			permanent, buildstrategy.OutOfMemory, "Raise the limit"},
		"the disk is full": {"build", "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\nError: building at STEP \"RUN p\": exit status 1\n",
			permanent, buildstrategy.BuilderFailed, "no room left"},
		"the Dockerfile's base image is unknown": {"build", "Error: creating build container: initializing source docker://r/b:1: reading manifest 1 in r/b: manifest unknown: manifest unknown\n",
			permanent, buildstrategy.BaseImagePullFailed, "manifest unknown"},
		"the base image is unknown": {"pull", "Error: initializing source docker://r/b:1: reading manifest 1 in r/b: manifest unknown: manifest unknown\n",
			permanent, buildstrategy.BaseImagePullFailed, "Check baseImage and the push secret"},
		"the base image is not for everyone": {"pull", "Error: initializing source docker://r/b:1: unauthorized: authentication required\n",
			permanent, buildstrategy.BaseImagePullFailed, "refuses the credentials"},
		"the base image's registry is down": {"pull", "Error: initializing source docker://r/b:1: pinging container registry r: Get \"https://r/v2/\": dial tcp 127.0.0.1:5559: connect: connection refused\n",
			temporary, buildstrategy.BaseImagePullFailed, "cannot be reached"},
		"the base image has no readable settings": {"inspect", "Error: importing settings: image not known\n", permanent, buildstrategy.BaseImagePullFailed, ""},
		"the push is denied": {"push", "Error: pushing image: requested access to the resource is denied\n",
			permanent, buildstrategy.PushFailed, "refuses the credentials"},
		"the push needs a login": {"push", "Error: pushing image: trying to reuse blob: checking whether a blob exists: received unexpected HTTP status: 401 Unauthorized\n",
			permanent, buildstrategy.PushFailed, "Check the name of the image and the push secret"},
		"the push is forbidden": {"push", "Error: pushing image: writing blob: received unexpected HTTP status: 403 Forbidden\n",
			permanent, buildstrategy.PushFailed, "refuses the credentials"},
		"the registry speaks plain http": {"push", "Error: pushing image: pinging container registry r: Get \"https://r/v2/\": http: server gave HTTP response to HTTPS client\n",
			permanent, buildstrategy.PushFailed, "insecure setting"},
		"the registry is in trouble": {"push", "Error: pushing image: writing blob: received unexpected HTTP status: 503 Service Unavailable\n",
			temporary, buildstrategy.PushFailed, "in trouble"},
		"the registry does not keep up": {"pull", "Error: initializing source docker://r/b@sha256:0: can't talk to a V1 container registry\n",
			temporary, buildstrategy.BaseImagePullFailed, "in trouble"},
		"the registry has no name": {"push", "Error: pushing image: dial tcp: lookup r on 10.0.0.1:53: no such host\n",
			temporary, buildstrategy.PushFailed, "no such host"},
		"the push has no room": {"push", "Error: pushing image: writing blob: write /var/tmp/x: no space left on device\n",
			permanent, buildstrategy.BuilderFailed, "no room left"},
		"something nobody has seen": {"push", "Error: the moon is full\n", permanent, buildstrategy.PushFailed, "the moon is full"},
		"not a word":                {"push", "", permanent, buildstrategy.PushFailed, "see the end of the log"},
	} {
		t.Run(name, test.check)
	}
}

func TestARegistryThatDoesNotAnswerIsTriedAgain(t *testing.T) {
	for name, trouble := range map[string]string{
		"no headers in time":            `Get "https://r.example.com/v2/": net/http: request canceled (Client.Timeout exceeded while awaiting headers)`,
		"no answer in time":             `Get "https://r.example.com/v2/": context deadline exceeded`,
		"hung up while it was written":  `writing blob: Patch "https://r.example.com/v2/x": write tcp 10.0.0.2:41234->10.0.0.1:443: write: broken pipe`,
		"no route in time":              `dial tcp 10.0.0.1:443: connect: connection timed out`,
		"a host that is off":            `dial tcp 10.0.0.1:443: connect: host is down`,
		"a server that shuts down":      `reading blob: http2: server sent GOAWAY and closed the connection; LastStreamID=19, ErrCode=NO_ERROR, debug=""`,
		"a stream that broke":           `reading blob: stream error: stream ID 7; INTERNAL_ERROR; received from peer`,
		"hung up on an idle connection": `Get "https://r.example.com/v2/": http: server closed idle connection`,
	} {
		says := "cannot be reached or is in trouble. Error: "
		t.Run("push, "+name, failure{"push", "Error: pushing image: " + trouble + "\n", temporary, buildstrategy.PushFailed, says}.check)
		t.Run("pull, "+name, failure{"pull", "Error: initializing source docker://r.example.com/b:1: " + trouble + "\n", temporary, buildstrategy.BaseImagePullFailed, says}.check)
	}
}

func TestWhatARegistryIsCalledIsNoAnswer(t *testing.T) {
	const (
		passes  = "cannot be reached or is in trouble"
		refuses = "refuses the credentials"
		other   = "cannot be pushed. Check"
		push    = buildstrategy.PushFailed
	)
	for name, test := range map[string]failure{
		"a port 403 that is closed": {"push", "Error: pushing image \"b\" to \"docker://r.example.com:403/team/iris:1\": pinging container registry r.example.com:403: " +
			"Get \"https://r.example.com:403/v2/\": dial tcp 10.0.0.1:403: connect: connection refused\n", temporary, push, passes},
		"a repository named denied": {"push", "Error: trying to reuse blob sha256:aa at destination: pinging container registry r.example.com:5000: " +
			"Get \"https://r.example.com:5000/v2/team/denied/blobs/\": dial tcp 10.0.0.1:5000: connect: connection refused\n", temporary, push, passes},
		"a repository named denied, of a registry in trouble": {"push", "Error: pushing image \"b\" to \"docker://r.example.com/team/denied:1\": writing blob: " +
			"received unexpected HTTP status: 503 Service Unavailable\n", temporary, push, passes},
		"a host named forbidden": {"push", "Error: pinging container registry forbidden.example.com: received unexpected HTTP status: 502 Bad Gateway\n", temporary, push, passes},
		"a host named denied without a domain": {"push", "Error: pinging container registry denied: Get \"https://denied/v2/\": dial tcp: " +
			"lookup denied on 10.96.0.10:53: no such host\n", temporary, push, passes},
		"a host named denied without a domain, in trouble": {"push", "Error: pinging container registry denied: received unexpected HTTP status: 500 Internal Server Error\n",
			temporary, push, passes},
		"a tag 401 of a registry in trouble": {"pull", "Error: initializing source docker://r.example.com/b:401: reading manifest 401 in r.example.com/b: " +
			"received unexpected HTTP status: 504 Gateway Timeout\n", temporary, buildstrategy.BaseImagePullFailed, passes},
		"a tag 403 that is not there": {"pull", "Error: initializing source docker://r.example.com/b:403: reading manifest 403 in r.example.com/b: manifest unknown\n",
			permanent, buildstrategy.BaseImagePullFailed, "cannot be pulled. Check"},
		"a port 503 with a name that is not valid": {"push", "Error: pushing image \"b\" to \"docker://r.example.com:503/team/x509:500\": name invalid\n", permanent, push, other},
		"a repository named x509":                  {"push", "Error: pushing image \"b\" to \"docker://r.example.com/x509:1\": name invalid\n", permanent, push, other},
		"403 of a registry on port 503": {"push", "Error: pushing image \"b\" to \"docker://r.example.com:503/team/denied:1\": writing blob: initiating layer upload to " +
			"/v2/team/denied/blobs/uploads/ in r.example.com:503: received unexpected HTTP status: 403 Forbidden\n", permanent, push, refuses},
		"403 with a page": {"push", "Error: checking whether a blob sha256:aa exists in r.example.com:503/team/a: StatusCode: 403, <html><title>No</title></html>\n",
			permanent, push, refuses},
		"401 of the token's server": {"push", "Error: pinging container registry r.example.com: Requesting bearer token: invalid status code from registry 401 (Unauthorized)\n",
			permanent, push, refuses},
		"denied in words": {"push", "Error: writing blob: initiating layer upload to /v2/team/500/blobs/uploads/ in r.example.com:500: denied: requested access to the resource is denied\n",
			permanent, push, refuses},
		"a wrong password": {"push", "Error: pinging container registry r.example.com:502: unable to retrieve auth token: invalid username/password: unauthorized: incorrect username or password\n",
			permanent, push, refuses},
		"a certificate of nobody, on port 403": {"push", "Error: pinging container registry r.example.com:403: Get \"https://r.example.com:403/v2/\": tls: failed to verify certificate: " +
			"x509: certificate signed by unknown authority\n", permanent, push, "insecure setting"},
	} {
		t.Run(name, test.check)
	}
}

func TestPipThatDoesNotGetWhatItAsksForIsTriedAgain(t *testing.T) {
	for name, trouble := range map[string]string{
		"no answer in time, while it downloads": "ERROR: Exception:\npip._vendor.urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool(host='files.pythonhosted.org', port=443): Read timed out.",
		"no answer in time, in other words":     "ERROR: Could not install packages due to an OSError: HTTPSConnectionPool(host='p', port=443): Read timed out. (read timeout=15)",
		"no connection in time":                 "ERROR: Could not install packages due to an OSError: ConnectTimeoutError('Connection to p timed out.')",
		"no connection":                         "ERROR: Could not install packages due to an OSError: NewConnectionError('Failed to establish a new connection')",
		"a broken protocol":                     "ERROR: Exception:\npip._vendor.urllib3.exceptions.ProtocolError: ('Connection broken: IncompleteRead(1 bytes read)')",
		"hung up":                               "ERROR: Could not install packages due to an OSError: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
		"an index in trouble":                   "ERROR: HTTP error 502 while getting https://p/a.whl",
		"an index in trouble, in other words":   "WARNING: Could not fetch URL https://p/simple/a/: 503 Server Error: Service Unavailable for url: https://p/simple/a/ - skipping\nERROR: No matching distribution found for a",
		"an index that is asked too often":      "ERROR: Could not install requirement a because of HTTP error 429 Client Error: Too Many Requests for url: https://p/a.whl",
	} {
		t.Run(name, failure{"build", trouble + "\nError: building at STEP \"RUN pip\": exit status 2\n", temporary, buildstrategy.BuilderFailed, "cannot reach its package index: ERROR: "}.check)
	}
	t.Run("but a package that the index does not have fails for good", failure{"build", "ERROR: HTTP error 404 while getting https://p/a.whl\nError: building at STEP \"RUN pip\": exit status 1\n",
		permanent, buildstrategy.BuildFailed, "HTTP error 404"}.check)
}
