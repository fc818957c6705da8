package report

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestSanitizeLeavesPlainText(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"colours":           {"\x1b[1;31mred\x1b[0m", "red"},
		"a window title":    {"\x1b]0;title\x07text", "text"},
		"a lone escape":     {"a\x1b", "a"},
		"control":           {"a\x00\x08b\x7f\r\n\tc", "ab\n\tc"},
		"no characters":     {"a\xffb\ufffe\uffff", "a\ufffdb"},
		"letters and signs": {"é \U0001F600 <&>", "é \U0001F600 <&>"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, sanitize(test.text))
		})
	}
}

func TestTextIsCutBetweenCharacters(t *testing.T) {
	text := "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"
	for limit := range len(text) + 2 {
		for _, cut := range []string{shorten(text, limit), keepEnds(text, limit)} {
			assert.LessOrEqual(t, len(cut), limit)
			assert.True(t, utf8.ValidString(cut))
		}
	}
	both := keepEnds("begin"+text+"end", 80)
	assert.Regexp(t, `^begin.*\n\[\.\.\. \d+ bytes left out \.\.\.\]\n.*end$`, both)
}
