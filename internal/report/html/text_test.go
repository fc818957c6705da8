package html

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestTextIsMadeVisible(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"plain text stays":          {"a\tb\nö 漢 👩‍💻", "a\tb\nö 漢 👩‍💻"},
		"direction turned around":   {"a\u202eb\u2066c", "a[U+202E]b[U+2066]c"},
		"hidden characters":         {"pass\u200bword\ufeff", "pass[U+200B]word[U+FEFF]"},
		"tags of the last plane":    {"a\U000e0041", "a[U+E0041]"},
		"control characters go":     {"a\x00b\x08c\x7f", "abc"},
		"control characters beyond": {"a\u0085b", "a[U+0085]b"},
		"bytes that are no text":    {"a\xff", "a\ufffd"},
		"escape stays for colours":  {"\x1b[31m", "\x1b[31m"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, visible(test.text))
		})
	}
}

func TestOverwrittenTextIsWhatATerminalWouldShow(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"progress":            {"10%\r50%\r100%\nend", "100%\nend"},
		"line ends of DOS":    {"a\r\nb\r\n", "a\nb\n"},
		"return at the end":   {"100%\r", "100%"},
		"backspace":           {"abc\b\bd", "ad"},
		"backspace at nought": {"\b\ba", "a"},
		"nothing to do":       {"a\nb", "a\nb"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, overwrite(test.text))
		})
	}
}

func TestCutKeepsBothEnds(t *testing.T) {
	text := strings.Repeat("é", 5000) + "end"
	short := cut(text, 101)
	assert.True(t, utf8.ValidString(short))
	assert.Less(t, len(short), 150)
	assert.True(t, strings.HasSuffix(short, "end"))
	assert.Contains(t, short, "[... 10 KiB left out ...]")
	assert.Equal(t, "abc", cut("abc", 3))
}

func TestNumbersForPeople(t *testing.T) {
	assert.Equal(t, []string{"1 byte", "900 bytes", "2 KiB", "1.5 MiB"},
		[]string{bytesText(1), bytesText(900), bytesText(2000), bytesText(3 << 19)})
	assert.Equal(t, []string{"3 ms", "1.5 s", "2 min 5 s"}, []string{secondsText(0.003), secondsText(1.5), secondsText(125)})
	assert.Equal(t, []string{"1 cell", "0 cells"}, []string{count(1, "cell"), count(0, "cell")})
}

func TestColours(t *testing.T) {
	cases := map[string]struct {
		text string
		want []span
	}{
		"none":                    {"a", []span{{"", "a"}}},
		"one":                     {"\x1b[31ma\x1b[0mb", []span{{"f1", "a"}, {"", "b"}}},
		"all at once":             {"\x1b[1;3;4;92;44ma\x1b[22;23;24;39;49mb", []span{{"f10 b4 bold italic underline", "a"}, {"", "b"}}},
		"nothing means an end":    {"\x1b[31ma\x1b[mb", []span{{"f1", "a"}, {"", "b"}}},
		"bright":                  {"\x1b[101;33ma", []span{{"f3 b9", "a"}}},
		"of 256":                  {"\x1b[38;5;28;01mraise", []span{{"f2 bold", "raise"}}},
		"of 256, the first":       {"\x1b[38;5;9ma\x1b[48;5;240mb", []span{{"f9", "a"}, {"f9 b7", "b"}}},
		"of all":                  {"\x1b[38;2;255;10;10ma", []span{{"f9", "a"}}},
		"cut short":               {"\x1b[38;5ma\x1b[38mb", []span{{"f0", "a"}, {"", "b"}}},
		"the same twice":          {"\x1b[31ma\x1b[31mb", []span{{"f1", "ab"}}},
		"a cursor that moves":     {"a\x1b[2Kb\x1b[1;1Hc", []span{{"", "abc"}}},
		"a link of a terminal":    {"\x1b]8;;javascript:x\x07a\x1b]8;;\x1b\\b", []span{{"", "ab"}}},
		"one that does not end":   {"a\x1b[31", []span{{"", "a31"}}},
		"an escape at the end":    {"a\x1b", []span{{"", "a"}}},
		"a large number":          {"\x1b[99999999999999999999ma", []span{{"", "a"}}},
		"a title that never ends": {"\x1b]0;" + strings.Repeat("x", 5), []span{{"", "0;xxxxx"}}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, coloured(test.text))
		})
	}
}

func FuzzColours(f *testing.F) {
	f.Add("\x1b[31ma\x1b]8;;x\x07\x1b[38;5;28m\x1b[")
	f.Fuzz(func(t *testing.T, text string) {
		for _, piece := range coloured(visible(overwrite(text))) {
			assert.NotContains(t, piece.Text, "\x1b")
			assert.NotContains(t, piece.Class, `"`)
		}
	})
}

func TestMarkdown(t *testing.T) {
	source := "# Title `x` #\n\nA **bold** text\nof two lines.\n- one\n2. two\n\n```python\n# no heading\n\n**plain**\n```\nafter <b>x</b>"
	assert.Equal(t, []block{
		{Kind: "heading", Level: 1, Spans: []span{{"", "Title "}, {"code", "x"}}},
		{Kind: "text", Spans: []span{{"", "A "}, {"bold", "bold"}, {"", " text\nof two lines."}}},
		{Kind: "item", Spans: []span{{"", "one"}}},
		{Kind: "item", Spans: []span{{"", "two"}}},
		{Kind: "code", Spans: []span{{"", "# no heading\n\n**plain**"}}},
		{Kind: "text", Spans: []span{{"", "after <b>x</b>"}}},
	}, markdown(source))
	assert.Equal(t, []block{{Kind: "code", Spans: []span{{"", "never closed"}}}}, markdown("~~~\nnever closed"))
	assert.Equal(t, []block{
		{Kind: "text", Spans: []span{{"", "an "}, {"italic", "old"}, {"", " table, 2 * 3 * 4:"}}},
		{Kind: "code", Spans: []span{{"", "| a | b |\n|---|---|"}}},
		{Kind: "text", Spans: []span{{"", "end"}}},
	}, markdown("an *old* table, 2 * 3 * 4:\n| a | b |\n|---|---|\nend"))
	assert.Equal(t, []block{{Kind: "item", Spans: []span{{"", "one\ngoes on"}}}}, markdown("- one\ngoes on"))
	assert.Empty(t, markdown(" \n\n"))
}
