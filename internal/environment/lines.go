package environment

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// logicalLine is a line after continuations are joined; number is that of its first physical line.
type logicalLine struct {
	number int
	text   string
}

var (
	onlyComment = regexp.MustCompile(`^\s*#.*$`)
	coding      = regexp.MustCompile(`^#.*coding[:=]\s*[-\w.]+`)
)

// notText is the number of the first line that pip cannot decode, 0 for none. A file that names its coding is left to pip.
func notText(content []byte) int {
	lines := bytes.SplitN(content, []byte("\n"), 3)
	wide := bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff"))
	if wide || utf8.Valid(content) || coding.Match(lines[0]) || len(lines) > 1 && coding.Match(lines[1]) {
		return 0
	}
	valid := 0
	for size := 0; ; valid += size {
		r, n := utf8.DecodeRune(content[valid:])
		if r == utf8.RuneError && n <= 1 {
			return bytes.Count(content[:valid], []byte("\n")) + 1
		}
		size = n
	}
}

// decode strips a byte order mark; an editor's or a PowerShell redirection's UTF-16 becomes UTF-8.
func decode(content []byte) string {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(content, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return strings.TrimPrefix(string(content), "\ufeff")
	}
	units := make([]uint16, 0, len(content)/2)
	for i := 2; i+1 < len(content); i += 2 {
		units = append(units, order.Uint16(content[i:]))
	}
	return string(utf16.Decode(units))
}

// logicalLines splits as Python's splitlines does and joins lines that end in a backslash.
func logicalLines(text string) []logicalLine {
	var lines []logicalLine
	var open []string
	first := 0
	for i, line := range splitLines(text) {
		isComment := onlyComment.MatchString(line)
		if strings.HasSuffix(line, `\`) && !isComment {
			if len(open) == 0 {
				first = i + 1
			}
			open = append(open, strings.Trim(line, `\`))
			continue
		}
		if len(open) == 0 {
			lines = append(lines, logicalLine{i + 1, line})
			continue
		}
		if isComment { // the comment begins after the joined text, not inside its last word
			line = " " + line
		}
		lines = append(lines, logicalLine{first, strings.Join(append(open, line), "")})
		open = nil
	}
	if len(open) > 0 {
		lines = append(lines, logicalLine{first, strings.Join(open, "")})
	}
	return lines
}

func splitLines(text string) []string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	unified := strings.Map(func(r rune) rune {
		switch r {
		case '\r', '\v', '\f', '\x1c', '\x1d', '\x1e', '\u0085', '\u2028', '\u2029':
			return '\n'
		}
		return r
	}, text)
	return strings.Split(unified, "\n")
}
