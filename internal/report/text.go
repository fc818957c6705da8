package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// shorten cuts text after at most limit bytes, never inside a character.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	limit = max(0, limit)
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// keepEnds cuts the middle out of text so that at most limit bytes are left;
// what matters in output and tracebacks is at their beginning and end.
func keepEnds(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	mark := fmt.Sprintf("\n[... %d bytes left out ...]\n", len(text)-limit)
	room := limit - len(mark)
	if room < 16 {
		return shorten(text, limit)
	}
	head := shorten(text, room/2)
	start := len(text) - (room - room/2)
	for start < len(text) && !utf8.RuneStart(text[start]) {
		start++
	}
	return head + mark + text[start:]
}

// escapeSequence is what colours text and moves cursors in a terminal.
var escapeSequence = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[ -/]*[0-~])?")

// sanitize makes stranger's text safe for every format a report is written in:
// valid UTF-8 without terminal sequences and control characters, newline and
// tab excepted. The runner has done the same; this does not rely on it.
func sanitize(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.Contains(text, "\x1b") {
		text = escapeSequence.ReplaceAllString(text, "")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < 0x20, r == 0x7f, r == 0xfffe, r == 0xffff:
			return -1
		}
		return r
	}, text)
}

// oneLine joins text into one sanitized line of at most limit bytes.
func oneLine(text string, limit int) string {
	return shorten(strings.Join(strings.Fields(sanitize(text)), " "), limit)
}

// plural returns "1 cell" or "3 cells".
func plural(count int, noun string) string {
	if count == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", count, noun)
}
