package environment

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode/utf16"
)

// kind is what a line of a requirements file needs to be in the image.
type kind int

const (
	// include is another requirements or constraints file, relative to the file that names it.
	include kind = iota
	// local is a directory or an archive, relative to the directory that pip is started in.
	local
)

// need is one thing that a requirements file cannot be installed without.
type need struct {
	kind  kind
	value string
	line  int
}

// logicalLine is a line after continuations are joined; number is that of its first physical line.
type logicalLine struct {
	number int
	text   string
}

var (
	comment     = regexp.MustCompile(`(^|\s+)#.*$`)
	onlyComment = regexp.MustCompile(`^\s*#.*$`)
	scheme      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)
	urlInclude  = regexp.MustCompile(`^(?i:http|https|file):`)
	extras      = regexp.MustCompile(`\[[^\]]*\]$`)
	archive     = regexp.MustCompile(`(?i)\.(whl|zip|tar|tgz|tbz|txz|tlz|tar\.(gz|bz2|xz|lz|lzma))$`)
)

// needs reads a requirements file as pip does, and returns what it needs from the repository. Whatever pip gets
// elsewhere, and whatever pip will refuse, is left to pip.
func needs(content []byte) []need {
	var found []need
	for _, line := range logicalLines(decode(content)) {
		text := strings.TrimSpace(comment.ReplaceAllString(line.text, ""))
		if text == "" {
			continue
		}
		if n, ok := lineNeed(text); ok {
			n.line = line.number
			found = append(found, n)
		}
	}
	return found
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

// lineNeed reads one line: a requirement first, its options from the first word that begins with a dash.
func lineNeed(text string) (need, bool) {
	words := strings.Split(text, " ")
	end := 0
	for end < len(words) && !strings.HasPrefix(words[end], "-") {
		end++
	}
	if requirement := strings.TrimSpace(strings.Join(words[:end], " ")); requirement != "" {
		return requirementNeed(requirement)
	}
	return optionNeed(shellWords(strings.Join(words[end:], " ")))
}

// optionNeed reads an option line; pip obeys one include on a line.
func optionNeed(words []string) (need, bool) {
	for i, word := range words {
		name, value := splitOption(word)
		if value == "" && i+1 < len(words) {
			value = words[i+1]
		}
		if value == "" {
			continue
		}
		switch {
		case isInclude(name):
			return need{kind: include, value: value}, !urlInclude.MatchString(value)
		case name == "-e" || abbreviates(name, "--editable", "--ed"):
			return localNeed(value, true)
		case name == "-f" || abbreviates(name, "--find-links", "--f"):
			return localNeed(value, true)
		}
	}
	return need{}, false
}

func isInclude(name string) bool {
	return name == "-r" || abbreviates(name, "--requirement", "--requirem") ||
		name == "-c" || abbreviates(name, "--constraint", "--cons")
}

// splitOption separates --name=value and -nvalue.
func splitOption(word string) (name, value string) {
	if strings.HasPrefix(word, "--") {
		name, value, _ = strings.Cut(word, "=")
		return name, value
	}
	if strings.HasPrefix(word, "-") && len(word) > 2 {
		return word[:2], word[2:]
	}
	return word, ""
}

// abbreviates tells whether name is a long option or a shortening of it that pip's option parser finds unambiguous.
func abbreviates(name, option, shortest string) bool {
	return strings.HasPrefix(name, shortest) && strings.HasPrefix(option, name)
}

// requirementNeed finds the local path in a requirement such as "./pkg[extra] ; python_version > '3.8'".
func requirementNeed(requirement string) (need, bool) {
	name, _, _ := strings.Cut(requirement, ";")
	name = strings.TrimSpace(name)
	if before, url, ok := strings.Cut(name, "@"); ok && !looksLikePath(before) {
		return localNeed(strings.TrimSpace(url), false)
	}
	return localNeed(name, false)
}

// localNeed tells whether value is a relative path. An option's bare word is a path, a requirement's is a package.
func localNeed(value string, bareIsPath bool) (need, bool) {
	value = extras.ReplaceAllString(value, "")
	if rest, ok := strings.CutPrefix(value, "file:"); ok {
		value, _, _ = strings.Cut(rest, "#")
		bareIsPath = true
	}
	isPath := bareIsPath || looksLikePath(value) || archive.MatchString(value)
	if value == "" || strings.HasPrefix(value, "/") || scheme.MatchString(value) || !isPath {
		return need{}, false
	}
	return need{kind: local, value: value}, true
}

func looksLikePath(name string) bool {
	return strings.HasPrefix(name, ".") || strings.Contains(name, "/")
}
