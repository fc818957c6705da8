package buildstrategy

import "strings"

// passing stands before the reason of a trouble that may pass.
const passing = "Temporary"

// Word is a reason for build systems that keep one word of a failure and not the exit code, which tells the others
// whether to try again.
func Word(reason Reason, temporary bool) string {
	if temporary {
		return passing + string(reason)
	}
	return string(reason)
}

// ParseWord takes a word apart again.
func ParseWord(word string) (reason Reason, temporary bool) {
	rest, temporary := strings.CutPrefix(word, passing)
	return Reason(rest), temporary
}
