package policy

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	// warningHeader begins a warning of Python: file, line, category and message.
	warningHeader = regexp.MustCompile(`^\S.{0,400}:\d+: (?:[\w.]{0,100}Warning|[\w.]{1,100}): `)
	// noise is what the kernel, progress bars and the loaders of libraries write; it is not the notebook's.
	noise = regexp.MustCompile(`^\s*$|^\[\w*(?:IPKernelApp|kernel)\w*\]|^\d\.\d\ds - |\d{1,3}%\|.*\||\b(?:it|s|B)/(?:s|it)\b.*\]|` +
		`^(?:WARNING: All log messages before absl|Matplotlib is building the font cache|Fontconfig |To disable this warning|` +
		`An exception has occurred, use %tb|SystemExit\b)|^[IWE]\d{4} \d\d:|^\d{4}-\d\d-\d\d .{0,40}: [IWE] |^(?:To enable|I tensorflow)`)
	escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")
)

// maxWarningLines bounds how far the source line at the end of a warning is looked for.
const maxWarningLines = 12

// stderr judges what the notebook's code wrote to stderr, where the user asks for it.
func (j *judge) stderr() {
	if !j.config.FailOnStderr {
		return
	}
	for i := range j.in.Cells {
		cell := &j.in.Cells[i]
		if n := ownLines(cell.Stderr); n > 0 {
			j.found.add(remark{rule: "STDERR", cell: cell, message: fmt.Sprintf("The cell wrote %s to stderr.", lines(n))})
		}
	}
}

func lines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}

// ownLines counts the lines that are neither warnings nor noise.
func ownLines(text string) int {
	all := strings.Split(strings.ReplaceAll(escapes.ReplaceAllString(text, ""), "\r", "\n"), "\n")
	own := 0
	for i := 0; i < len(all); i++ {
		switch {
		case noise.MatchString(all[i]):
		case warningHeader.MatchString(all[i]) && strings.Contains(all[i], "Warning"):
			i = warningEnd(all, i)
		default:
			own++
		}
	}
	return own
}

// warningEnd is the last line of a warning: the source line, which Python prints indented, or else the header itself.
func warningEnd(all []string, header int) int {
	for i := header + 1; i < len(all) && i <= header+maxWarningLines; i++ {
		if strings.HasPrefix(all[i], "  ") {
			return i
		}
		if warningHeader.MatchString(all[i]) {
			break
		}
	}
	return header
}
