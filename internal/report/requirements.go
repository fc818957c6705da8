package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxRequirementsBytes bounds the list of packages; the runner has the same
	// bound.
	maxRequirementsBytes = 256 << 10
	// maxRequirements is far above the number of packages of the largest images.
	maxRequirements = 10000
)

// requirementForm is what pip freeze prints: a comment, a package that is
// installed from a folder or a repository, or a package with its version or
// address. An option such as --index-url is none of these: whoever installs
// from the list would be led elsewhere.
var requirementForm = regexp.MustCompile(`^(?:#.*|-e \S.*|[A-Za-z0-9][A-Za-z0-9._-]*(?:={2,3}\S+| @ \S.*))$`)

// dropStrangeRequirements takes the whole list out of the record where a part
// of it is wrong: half a list would be taken for the whole.
func dropStrangeRequirements(run *Run) {
	if err := checkRequirements(run.Requirements); err != nil {
		run.Requirements = []string{}
		run.Notes = append(run.Notes, "requirements.lock was left out: "+err.Error())
	}
}

func checkRequirements(lines []string) error {
	if len(lines) > maxRequirements {
		return fmt.Errorf("the list of packages has %d lines, at most %d are allowed", len(lines), maxRequirements)
	}
	left := maxRequirementsBytes
	for i, line := range lines {
		left -= len(line) + len("\n")
		switch {
		case left < 0:
			return fmt.Errorf("the list of packages is larger than %d KiB", maxRequirementsBytes>>10)
		case len(line) > maxFieldBytes:
			return fmt.Errorf("line %d of the list of packages has more than %d bytes", i+1, maxFieldBytes)
		case strings.ContainsFunc(line, unprintable):
			return fmt.Errorf("line %d of the list of packages has characters that cannot be printed", i+1)
		case !requirementForm.MatchString(line):
			return fmt.Errorf("line %d of the list of packages is nothing that pip freeze prints: %.60q", i+1, line)
		}
	}
	return nil
}

// unprintable is true of control characters, of those that end a line or turn
// its direction, and of what stands for broken text.
func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

var (
	// userInfo is what stands before the host in a URL.
	userInfo = regexp.MustCompile(`://([^/?#\s]*)@`)
	// query may carry a token or a signature.
	query = regexp.MustCompile(`(://[^?#\s]*)\?[^#\s]+`)
)

// harmlessUser is a user without a password that pip, too, prints: the one that
// all Git servers share, and variables in place of the credentials.
var harmlessUser = regexp.MustCompile(`^(?:git|\$\{[A-Z0-9_]+\}(?::\$\{[A-Z0-9_]+\})?)$`)

// redactRequirement takes credentials out of the addresses of a line. pip does
// that for most packages, but not for those that are installed from a clone.
func redactRequirement(line string) string {
	line = query.ReplaceAllString(line, "$1?****")
	return userInfo.ReplaceAllStringFunc(line, func(found string) string {
		if harmlessUser.MatchString(userInfo.FindStringSubmatch(found)[1]) {
			return found
		}
		return "://****@"
	})
}

// Lock returns the text of requirements.lock: one line of comment that says
// what it was taken from, then one line for each line of pip freeze. It is
// empty where the packages are not known.
func (r *Report) Lock() string {
	if len(r.Requirements) == 0 {
		return ""
	}
	commit := r.Commit
	if commit == "" {
		commit = "unknown"
	}
	return fmt.Sprintf("# pip freeze of image %s before the first cell of %s at commit %s\n%s",
		r.Image, r.Notebook, commit, r.packageLines())
}

// LockHash returns the hexadecimal SHA-256 of requirements.lock without its
// first line, which is what "pip freeze | sha256sum" prints in the image: equal
// packages give equal hashes, whatever image and commit they were found at. It
// is empty where the packages are not known.
func (r *Report) LockHash() string {
	if len(r.Requirements) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(r.packageLines()))
	return hex.EncodeToString(sum[:])
}

func (r *Report) packageLines() string {
	return strings.Join(r.Requirements, "\n") + "\n"
}

// withoutRequirements returns the report with a note in place of the packages.
func withoutRequirements(report *Report) *Report {
	result := *report
	result.Requirements = nil
	result.Notes = append(slices.Clone(report.Notes), "requirements.lock was left out: the list of packages leaves no room for the report")
	return &result
}
