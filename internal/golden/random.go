package golden

import (
	"regexp"
	"slices"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// What follows a difference that looks like random numbers.
const (
	adviceMany = "the shape is the same and nearly every number another: random numbers without a seed look like this, " + adviceSeed
	adviceFew  = "the notebook draws random numbers and sets no seed, which may be the cause: " + adviceSeed
	adviceSeed = "so set one (np.random.seed(0), random_state=0)"
)

// Bounds of what looks like random numbers.
const (
	minRandom = 3
	// farApart is a relative difference that is not made by rounding.
	farApart = 0.01
)

var (
	draws = regexp.MustCompile(`\brandom\b|\brandn?\(|\brandint\(|\.sample\(|\bshuffle\(|\btrain_test_split\(`)
	seeds = regexp.MustCompile(`seed\(|\bseed\s*=|\brandom_state\s*=|\b(?:default_rng|RandomState|Random)\(\s*\d`)
)

// drawsUnseeded tells whether a notebook draws random numbers and nowhere sets a seed.
func drawsUnseeded(notebook *nbformat.Notebook) bool {
	matches := func(pattern *regexp.Regexp) bool {
		return slices.ContainsFunc(notebook.CodeCells(), func(c *nbformat.Cell) bool { return pattern.MatchString(c.Source) })
	}
	return matches(draws) && !matches(seeds)
}

// randomAdvice returns what to do about two texts that differ as draws of random numbers do without a seed: the same text
// around the numbers, as many numbers, and nearly all of them others. A few numbers look like nothing, so there the source
// must say that they may be random. It is empty for any other difference.
func (r *rules) randomAdvice(expected, actual string) string {
	floats, wholes, comparable := tallies(expected, actual)
	switch {
	case !comparable || floats.all+wholes.all == 0:
		return ""
	case floats.all >= minRandom && floats.differ*10 >= floats.all*9 && floats.far*2 >= floats.all:
		return adviceMany
	case floats.all == 0 && wholes.all >= minRandom && wholes.differ*10 >= wholes.all*6:
		// A table of random integers has an index that is the same.
		return adviceMany
	case r.unseeded && floats.far == floats.all && (floats.all > 0 || wholes.differ == wholes.all):
		return adviceFew
	}
	return ""
}

// tallies counts the numbers of two texts, and tells whether all else is the same. White space is not looked at, it
// follows the widths of numbers.
func tallies(expected, actual string) (floats, wholes tally, comparable bool) {
	left, right := lexer{text: expected}, lexer{text: actual}
	for {
		a, more := nextVisible(&left)
		b, moreToo := nextVisible(&right)
		switch {
		case !more || !moreToo:
			return floats, wholes, more == moreToo
		case a.number != b.number || (!a.number && a.text != b.text):
			return floats, wholes, false
		case a.number && isWhole(a.text) && isWhole(b.text):
			wholes.add(a.text, b.text)
		case a.number:
			floats.add(a.text, b.text)
		}
	}
}

// tally counts pairs of numbers.
type tally struct{ all, differ, far int }

func (t *tally) add(a, b string) {
	t.all++
	if a != b {
		t.differ++
	}
	if relativeDifference(a, b) >= farApart {
		t.far++
	}
}

func isWhole(text string) bool {
	n, good := numberOf(text)
	return good && n.whole
}

func nextVisible(l *lexer) (token, bool) {
	for {
		t, more := l.next()
		if !more || (t.text != " " && t.text != "\n") {
			return t, more
		}
	}
}
