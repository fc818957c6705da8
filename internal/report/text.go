package report

import (
	"fmt"
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

// sanitize makes stranger's text safe for every format a report is written in:
// valid UTF-8 without control characters (other than newline and tab).
func sanitize(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
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
