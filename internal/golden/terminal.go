package golden

import (
	"regexp"
	"strings"
)

// escapeSequence is what colours text and moves cursors in a terminal.
var escapeSequence = regexp.MustCompile("\x1b(?:\\[([0-?]*)[ -/]*([@-~])|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[ -/]*[0-~])?")

// shown returns what a terminal would show at the end of a text: colours gone, and what was written over, as progress
// bars do, gone too.
func shown(text string) string {
	if strings.IndexFunc(text, isControl) < 0 {
		return text
	}
	text = plainBreaks.Replace(text)
	if strings.Contains(text, "\x1b") {
		text = escapeSequence.ReplaceAllStringFunc(text, withoutSequence)
	}
	var result strings.Builder
	result.Grow(len(text))
	for line := range strings.Lines(text) {
		body, ended := strings.CutSuffix(line, "\n")
		result.WriteString(shownLine(body))
		if ended {
			result.WriteByte('\n')
		}
	}
	return result.String()
}

// plainBreaks makes one line break of the two characters of Windows, and drops what is a mark here.
var plainBreaks = strings.NewReplacer("\r\n", "\n", string(eraseToEnd), "", string(eraseLine), "")

// Marks of the two sequences that change what is shown; both are control characters that text does not have otherwise.
const (
	eraseToEnd = '\x01'
	eraseLine  = '\x02'
)

func withoutSequence(sequence string) string {
	switch parts := escapeSequence.FindStringSubmatch(sequence); {
	case parts[2] != "K":
		return ""
	case parts[1] == "2":
		return string(eraseLine)
	case parts[1] == "" || parts[1] == "0":
		return string(eraseToEnd)
	}
	return ""
}

func shownLine(line string) string {
	if strings.IndexFunc(line, isControl) < 0 {
		return line
	}
	var cells []rune
	column := 0
	for _, char := range line {
		switch {
		case char == '\r':
			column = 0
		case char == '\b':
			column = max(0, column-1)
		case char == eraseToEnd:
			cells = cells[:min(column, len(cells))]
		case char == eraseLine:
			cells, column = cells[:0], 0
		case isControl(char):
		case column < len(cells):
			cells[column] = char
			column++
		default:
			cells = append(cells, char)
			column++
		}
	}
	return string(cells)
}

func isControl(char rune) bool {
	return (char < ' ' && char != '\n' && char != '\t') || char == 0x7f
}
