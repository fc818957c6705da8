package golden

// difference is where two normalised texts part.
type difference struct {
	// expectedAt and actualAt are the offsets of the first difference.
	expectedAt, actualAt int
	// expected and actual are the first two numbers that differ; empty where it is not a number that differs first.
	expected, actual string
	// differing of all numbers; 0 where the texts between the numbers differ too.
	differing, all int
}

// compareTexts returns the first difference of two normalised texts, nil if they are the same.
func (r *rules) compareTexts(expected, actual string) *difference {
	if expected == actual {
		return nil
	}
	var found *difference
	differing, all := 0, 0
	left, right := lexer{text: expected}, lexer{text: actual}
	for {
		a, more := left.next()
		b, moreToo := right.next()
		if !more && !moreToo {
			break
		}
		if a.number && b.number {
			all++
			if r.sameNumber(a.text, b.text) {
				continue
			}
			differing++
			if found == nil {
				found = &difference{expectedAt: a.start, actualAt: b.start, expected: a.text, actual: b.text}
			}
			continue
		}
		if more && moreToo && a.number == b.number && a.text == b.text {
			continue
		}
		if found == nil {
			found = &difference{expectedAt: endOr(a, more, expected), actualAt: endOr(b, moreToo, actual)}
		}
		return found
	}
	if found != nil {
		found.differing, found.all = differing, all
	}
	return found
}

func endOr(t token, more bool, text string) int {
	if !more {
		return len(text)
	}
	return t.start
}
