package html

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds one text of the page; nobody reads more, and the notebook itself has it whole.
const maxText = 64 << 10

// cut takes the middle out of text so that about limit bytes are left; what matters in output and tracebacks is at
// their beginning and end.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	head, tail := limit/2, len(text)-limit/2
	for head > 0 && !utf8.RuneStart(text[head]) {
		head--
	}
	for tail < len(text) && !utf8.RuneStart(text[tail]) {
		tail++
	}
	return fmt.Sprintf("%s\n[... %s left out ...]\n%s", text[:head], bytesText(tail-head), text[tail:])
}

// visible makes characters that deceive the eye readable: those that turn the direction of writing around, that hide
// other text, and those that no text has. Escape stays, for the colours.
func visible(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.IndexFunc(text, deceives) < 0 {
		return text
	}
	var result strings.Builder
	for _, r := range text {
		switch {
		case !deceives(r):
			result.WriteRune(r)
		case r > 0x7f:
			fmt.Fprintf(&result, "[U+%04X]", r)
		}
	}
	return result.String()
}

func deceives(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == escape:
		return false
	case r == 0x200c || r == 0x200d:
		// Persian, Hindi and emoji are written with them.
		return false
	case r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) ||
		(r >= 0x200b && r <= 0x200f) || (r >= 0x2060 && r <= 0x206f) || r == 0xfeff
}

// overwrite does what a terminal does at a carriage return and a backspace, so that of a progress bar the last state
// is left.
func overwrite(text string) string {
	if !strings.ContainsAny(text, "\r\b") {
		return text
	}
	var result strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		content, ended := strings.CutSuffix(line, "\n")
		content = strings.TrimRight(content, "\r")
		content = content[strings.LastIndexByte(content, '\r')+1:]
		result.WriteString(eraseBack(content))
		if ended {
			result.WriteByte('\n')
		}
	}
	return result.String()
}

func eraseBack(line string) string {
	if !strings.Contains(line, "\b") {
		return line
	}
	kept := make([]rune, 0, len(line))
	for _, r := range line {
		if r != '\b' {
			kept = append(kept, r)
		} else if len(kept) > 0 {
			kept = kept[:len(kept)-1]
		}
	}
	return string(kept)
}

// bytesText returns a size for people.
func bytesText(size int) string {
	switch {
	case size >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(size)/(1<<20))
	case size >= 1<<10:
		return fmt.Sprintf("%d KiB", (size+1<<9)>>10)
	}
	return count(size, "byte")
}

// secondsText returns a duration for people.
func secondsText(seconds float64) string {
	switch {
	case seconds >= 60:
		return fmt.Sprintf("%d min %d s", int(seconds)/60, int(seconds)%60)
	case seconds >= 1:
		return fmt.Sprintf("%.1f s", seconds)
	}
	return fmt.Sprintf("%.0f ms", seconds*1000)
}

// count returns "1 cell" or "3 cells".
func count(number int, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}
