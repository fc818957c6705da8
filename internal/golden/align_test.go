package golden

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// cellsOf makes a notebook of words "id:source"; a word "id:" is an empty cell.
func cellsOf(words string) *nbformat.Notebook {
	var cells []nbformat.Cell
	for _, word := range strings.Fields(words) {
		id, source, _ := strings.Cut(word, ":")
		cell := code(id, source)
		if id == "injected" {
			cell = tagged(cell, nbformat.TagInjectedParameters)
		}
		cells = append(cells, cell)
	}
	return notebook(cells...)
}

func TestAlign(t *testing.T) {
	cases := map[string]struct {
		actual, golden string
		// want are pairs of sources, with - for nobody.
		want string
	}{
		"by id":                                {"1:a 2:b", "1:a 2:x", "a=a b=x"},
		"by id at another place":               {"2:b 1:a", "1:a 2:b", "b=b a=a"},
		"an id wins over a source":             {"1:a 2:b", "2:a 1:b", "a=b b=a"},
		"by source":                            {":a :b :c", ":a :x :b :c", "a=a -=x b=b c=c"},
		"ids on one side only":                 {"1:a 2:b", ":a :b", "a=a b=b"},
		"all ids are new":                      {"1:a 2:b 3:c", "4:a 5:x 6:c", "a=a b=x c=c"},
		"an edited source":                     {":a :y :c", ":a :x :c", "a=a y=x c=c"},
		"an edited source at the start":        {":y :c", ":x :c", "y=x c=c"},
		"two edited sources":                   {":a :p :q :c", ":a :x :y :c", "a=a p=x q=y c=c"},
		"a cell is new":                        {":a :n :b", ":a :b", "a=a n=- b=b"},
		"cells are gone":                       {":b", ":a :b :c :d", "-=a b=b -=c -=d"},
		"a new cell where ids are kept":        {"1:a 3:n", "1:a 2:b", "a=a -=b n=-"},
		"names of places are no ids":           {"cell-0:n cell-1:a cell-2:b", "cell-0:a cell-1:b", "n=- a=a b=b"},
		"injected parameters are left out":     {"1:a injected:p 2:b", "1:a 2:b", "a=a b=b"},
		"injected parameters, golden":          {"1:a 2:b", "injected:p 1:a 2:b", "a=a b=b"},
		"empty cells are left out":             {"1:a 3: 2:b", "1:a 2:b 4:", "a=a b=b"},
		"nothing":                              {"", "", ""},
		"the same source many times":           {":a :a :a", ":a :a", "a=a a=a a=-"},
		"one id and one source of two corners": {"1:a :b", ":b 1:a", "a=a b=b"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range align(cellsOf(test.actual), cellsOf(test.golden)) {
				got = append(got, sourceOr(p.actual)+"="+sourceOr(p.golden))
			}
			assert.Equal(t, test.want, strings.Join(got, " "))
		})
	}
}

func sourceOr(cell *nbformat.Cell) string {
	if cell == nil {
		return "-"
	}
	return cell.Source
}

func TestCommonSequence(t *testing.T) {
	cases := map[string]struct{ left, right, want string }{
		"the same":          {"abc", "abc", "abc"},
		"nothing":           {"", "abc", ""},
		"nothing in common": {"abc", "xyz", ""},
		"in the middle":     {"abcd", "xbcy", "bc"},
		"with gaps":         {"abcbdab", "bdcaba", "bdab"},
		"both ends":         {"abXcd", "abYZcd", "abcd"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			left, right := strings.Split(test.left, ""), strings.Split(test.right, "")
			var common strings.Builder
			lastI, lastJ := -1, -1
			for _, match := range commonSequence(left, right) {
				assert.Greater(t, match[0], lastI)
				assert.Greater(t, match[1], lastJ)
				assert.Equal(t, left[match[0]], right[match[1]])
				lastI, lastJ = match[0], match[1]
				common.WriteString(left[match[0]])
			}
			assert.Len(t, common.String(), len(test.want))
		})
	}
}

func TestCommonSequenceOfManyIsBounded(t *testing.T) {
	left, right := []string{"left"}, []string{"right"}
	for i := range 5000 {
		left = append(left, fmt.Sprint(i%2, i))
		right = append(right, fmt.Sprint(0, i))
	}
	left, right = append(left, "left"), append(right, "right")
	assert.Len(t, commonSequence(left, right), 2500, "beyond the bound, the same places are found")
}

func TestLines(t *testing.T) {
	cases := map[string]struct {
		expected, actual string
		want             []LinePair
	}{
		"both empty": {"", "", nil},
		"the same":   {"a\nb\n", "a\nb", []LinePair{{LineSame, "a", "a"}, {LineSame, "b", "b"}}},
		"changed":    {"a\nb\nc", "a\nx\nc", []LinePair{{LineSame, "a", "a"}, {LineChanged, "b", "x"}, {LineSame, "c", "c"}}},
		"missing":    {"a\nb", "b", []LinePair{{LineMissing, "a", ""}, {LineSame, "b", "b"}}},
		"extra":      {"a", "a\nb", []LinePair{{LineSame, "a", "a"}, {LineExtra, "", "b"}}},
		"changed and more": {"a\nz", "x\ny\nz",
			[]LinePair{{LineChanged, "a", "x"}, {LineExtra, "", "y"}, {LineSame, "z", "z"}}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, Lines(test.expected, test.actual))
		})
	}
}

func TestLinesAreBounded(t *testing.T) {
	text := strings.Repeat("a\n", 3*MaxLines)
	assert.Len(t, Lines(text, text), MaxLines)
}

func TestWindowShowsThePlace(t *testing.T) {
	long := strings.Repeat("line é\n", 1000) + "HERE\n" + strings.Repeat("more é\n", 1000)
	at := strings.Index(long, "HERE")
	for _, limit := range []int{200, 500, 1001, MaxDiffBytes} {
		text := window(long, at, limit)
		assert.LessOrEqual(t, len(text), limit)
		assert.Contains(t, text, "HERE")
		assert.Contains(t, text, "bytes left out")
		assert.True(t, strings.ToValidUTF8(text, "?") == text, "no character is cut")
	}
	assert.Equal(t, "short", window("short", 2, 100))
	assert.Equal(t, `a\x1b[m\x00b`, window("a\x1b[m\x00b", 1, 100))
	assert.LessOrEqual(t, len(window(long, at, 20)), 20)
}

func TestExcerptOfADiff(t *testing.T) {
	same := strings.Repeat("x\n", 2000)
	expected, actual := Diff{Expected: same + "old" + same, Actual: same + "new"}.Excerpt(500)
	assert.Contains(t, expected, "old")
	assert.Contains(t, actual, "new")
	assert.LessOrEqual(t, max(len(expected), len(actual)), 500)
}
