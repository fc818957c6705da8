package source

import (
	"regexp"
	"strings"
)

const (
	head        = "HEAD"
	maxRefBytes = 255
)

var (
	fullSHA  = regexp.MustCompile(`^[0-9a-fA-F]{40}$`)
	shortSHA = regexp.MustCompile(`^[0-9a-fA-F]{7,39}$`)
)

// ValidateRef says whether the text can be a branch, a tag, a full ref name or
// the SHA of a commit, by the rules of git check-ref-format. Empty means HEAD.
func ValidateRef(ref string) error {
	switch {
	case ref == "":
		return nil
	case len(ref) > maxRefBytes:
		return problem(InvalidSource, "The Git ref has %d bytes, %d are accepted.", len(ref), maxRefBytes)
	case strings.HasPrefix(ref, "-"):
		return problem(InvalidSource, "The Git ref begins with '-'. Use a branch, a tag or a commit SHA.")
	case strings.ContainsFunc(ref, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) }):
		return problem(InvalidSource, "The Git ref contains a space, a control character or one of ~^:?*[\\. Use a branch, a tag or a commit SHA.")
	case ref == "@", strings.Contains(ref, ".."), strings.Contains(ref, "@{"), strings.HasSuffix(ref, "."):
		return problem(InvalidSource, "The Git ref is not a name that Git accepts: it is '@', contains '..' or '@{', or ends with '.'. Use a branch, a tag or a commit SHA.")
	}
	for part := range strings.SplitSeq(ref, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") {
			return problem(InvalidSource, "The Git ref has a part that is empty, begins with '.' or ends with '.lock'. Use a branch, a tag or a commit SHA.")
		}
	}
	return nil
}
