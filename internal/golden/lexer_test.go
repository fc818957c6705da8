package golden

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// numbersOf lists the numbers of a text, in order.
func numbersOf(text string) []string {
	var numbers []string
	reader := lexer{text: text}
	for t, more := reader.next(); more; t, more = reader.next() {
		if t.number {
			numbers = append(numbers, t.text)
		}
	}
	return numbers
}

func TestLexerFindsNumbers(t *testing.T) {
	cases := map[string]struct {
		text string
		want string
	}{
		"plain":                       {"loss 0.25 after 3 epochs", "0.25 3"},
		"signs":                       {"a=-0.5, b=+2 (-3)", "-0.5 +2 -3"},
		"exponents":                   {"1e-05 2.5E+10 3.e-07 1e5", "1e-05 2.5E+10 3.e-07 1e5"},
		"no digit before the dot":     {"p = .05", ".05"},
		"an array":                    {"[1. 2.5 -3.]", "1. 2.5 -3."},
		"an array in lines":           {"[[1. 2.]\n [3. 4.]]", "1. 2. 3. 4."},
		"the end of a sentence":       {"There are 3. It took 4.", "3 4"},
		"words for numbers":           {"nan NaN inf -inf Infinity", "nan NaN inf -inf Infinity"},
		"names with such words":       {"nan_count banana info nan2 df.nan", ""},
		"units and percent":           {"1.5s 20 % 95.3% 12GB 3rd", "1.5 20 95.3 12 3"},
		"thousands":                   {"1,234,567 and 1,234.5", "1,234,567 1,234.5"},
		"a list without spaces":       {"1,2,3 and 10,20", "1 2 3 10 20"},
		"not thousands":               {"0,123 1,2345 1234,567", "0 123 1 2345 1234 567"},
		"a complex number":            {"(1+2j) (0.5-1e-17j) [1.+0.j 2.-3.j]", "1 +2 0.5 -1e-17 1. +0. 2. -3."},
		"a date":                      {"2020-11-25", "2020 11 25"},
		"a range":                     {"10-20 x-1", "10 20 1"},
		"a difference of two values":  {"(3)-2 a[0]-1", "3 2 0 1"},
		"versions and addresses":      {"1.2.3 127.0.0.1 v1.2 numpy-1.24.2", ""},
		"numbers inside names":        {"x1 col_2 a.b3 _4 é5", ""},
		"hexadecimal and hashes":      {"0x1f 3f2a9c1b 12e5a7", ""},
		"sizes and underscores":       {"640x480 1_000", ""},
		"rows that are left out":      {"0 1.0\n...\n9 2.0", "0 1.0 9 2.0"},
		"dots behind a number":        {"1... 2..3", "1 2 3"},
		"a dotted version in a row":   {"pandas 1.5.3\nseed 1.5", "1.5"},
		"an attribute of a number":    {"1.5.real", "1.5"},
		"a minus that stands alone":   {"- 1 -", "1"},
		"digits that are not ASCII's": {"٣ 3", "3"},
		"brackets that do not match":  {"]] [0, 10) 5. ", "0 10 5."},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, strings.Join(numbersOf(test.text), " "))
		})
	}
}

func TestLexerReadsLongNonsenseInLittleTime(t *testing.T) {
	const length = 1 << 20
	began := time.Now()
	for _, piece := range []string{"1,234", "1,", "1.", ".1", "1e", "+1", "-", "1a1", "a.", "[", "1,234,567x1,", "é", "nan"} {
		text := strings.Repeat(piece, length/len(piece))
		_ = numbersOf(text)
	}
	assert.Less(t, time.Since(began), 20*time.Second, "something is quadratic")
}

func FuzzLexer(f *testing.F) {
	for _, text := range []string{"[1. -2.5e-05, nan]", "1,234.5 (1+2j) 1.2.3", "x1 0x1f 2020-11-25 10:30", "...\xff-.5"} {
		f.Add(text, "0.25")
	}
	r := mustRules(f, toleranceConfig)
	f.Fuzz(func(t *testing.T, text, other string) {
		reader, end := lexer{text: text}, 0
		for token, more := reader.next(); more; token, more = reader.next() {
			if token.start != end || token.text == "" {
				t.Fatalf("token %q begins at %d and not at %d", token.text, token.start, end)
			}
			end += len(token.text)
			if token.number && !strings.ContainsAny(token.text, "0123456789nN") {
				t.Fatalf("%q is no number", token.text)
			}
			if token.number {
				_, _ = numberOf(token.text)
			}
		}
		if end != len(text) {
			t.Fatalf("%d of %d bytes were read", end, len(text))
		}
		if r.compareTexts(text, text) != nil {
			t.Fatal("a text differs from itself")
		}
		there, back := r.compareTexts(text, other), r.compareTexts(other, text)
		if (there == nil) != (back == nil) {
			t.Fatalf("%q and %q differ in one direction only", text, other)
		}
		if there != nil && (there.expectedAt > len(text) || there.actualAt > len(other)) {
			t.Fatal("the difference is outside of the texts")
		}
		_ = r.randomAdvice(text, other)
	})
}
