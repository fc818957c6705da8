package golden

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// window returns the part of a text around a place, of at most limit bytes, and says what was left out. Control
// characters, which only a comparison byte for byte leaves, are written as Go writes them.
func window(text string, at, limit int) string {
	text, at = readable(text, at)
	if len(text) <= limit {
		return text
	}
	// Room for both marks.
	room := max(0, limit-2*len(leftOutMark(len(text))))
	start := 0
	if at > room/2 {
		start = lineStart(text, at-room/4, room/8)
	}
	end := min(len(text), start+room)
	for end < len(text) && end > start && !utf8.RuneStart(text[end]) {
		end--
	}
	result := text[start:end]
	if start > 0 {
		result = leftOutMark(start) + result
	}
	if end < len(text) {
		result += leftOutMark(len(text) - end)
	}
	if len(result) > limit {
		return shorten(text[start:], limit)
	}
	return result
}

func leftOutMark(bytes int) string { return fmt.Sprintf("\n[... %d bytes left out ...]\n", bytes) }

// lineStart returns the beginning of a line near before a place, or the place itself, at a whole character.
func lineStart(text string, at, near int) int {
	if before := strings.LastIndexByte(text[max(0, at-near):at], '\n'); before >= 0 {
		return max(0, at-near) + before + 1
	}
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// readable escapes control characters; the place moves with the text before it.
func readable(text string, at int) (string, int) {
	if strings.IndexFunc(text, isControl) < 0 {
		return text, at
	}
	before := escapeControls(text[:at])
	return before + escapeControls(text[at:]), len(before)
}

func escapeControls(text string) string {
	var result strings.Builder
	for _, char := range text {
		if isControl(char) {
			fmt.Fprintf(&result, "\\x%02x", char)
			continue
		}
		result.WriteRune(char)
	}
	return result.String()
}

// Excerpt returns both texts of a difference around the place where they part, each of at most limit bytes.
func (d Diff) Excerpt(limit int) (expected, actual string) {
	at := 0
	for at < len(d.Expected) && at < len(d.Actual) && d.Expected[at] == d.Actual[at] {
		at++
	}
	return window(d.Expected, at, limit), window(d.Actual, at, limit)
}
