package golden

import (
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// normalise returns what of a text is compared. The masks of the user come first: they are written for the text that
// people see, and not for what other masks leave of it.
func (r *rules) normalise(text string) string {
	if r.strategy == v1alpha1.StrategyExact {
		return r.maskOwn(text)
	}
	text = r.maskOwn(shown(text))
	if r.times {
		text = applyMasks(text, timeMasks)
	}
	return evenSpace(asOldNumpy(applyMasks(text, runMasks)))
}

// evenSpace makes one space of many and none at the ends of lines and inside brackets, where the width of a column
// decides how many there are; and drops empty lines at both ends.
func evenSpace(text string) string {
	var result strings.Builder
	result.Grow(len(text))
	for line := range strings.Lines(text) {
		pending := false
		last := byte('[')
		for _, word := range []byte(strings.TrimRight(line, "\n")) {
			if word == ' ' || word == '\t' {
				pending = true
				continue
			}
			if pending && last != '[' && word != ']' {
				result.WriteByte(' ')
			}
			result.WriteByte(word)
			pending, last = false, word
		}
		if strings.HasSuffix(line, "\n") {
			result.WriteByte('\n')
		}
	}
	return strings.Trim(result.String(), "\n")
}
