package environment

import (
	"regexp"
	"strings"
)

// kind is what a line of a requirements file does.
type kind int

const (
	// requirement names a package, an address or a path to install.
	requirement kind = iota
	// include names another requirements file.
	include
	// constrain names a constraints file.
	constrain
	// option sets options for everything that is installed.
	option
)

// statement is one line of a requirements file, as pip reads it.
type statement struct {
	kind kind
	line int
	// text is the whole line without its comment.
	text string
	// value is the requirement, the file that is included, or the place of find-links.
	value string
	// indexes are the places of package indexes that the line names.
	indexes []string
	// editable is set for a requirement that is installed in place.
	editable bool
	// hashed is set where the line has hashes of what it names, or demands them of all lines.
	hashed bool
}

var comment = regexp.MustCompile(`(^|\s+)#.*$`)

// statements reads a requirements file as pip does. What pip will refuse is left out: pip says so best.
func statements(content []byte) []statement {
	var found []statement
	for _, line := range logicalLines(decode(content)) {
		text := strings.TrimSpace(comment.ReplaceAllString(line.text, ""))
		if text == "" {
			continue
		}
		if s, ok := read(text); ok {
			s.line, s.text = line.number, text
			found = append(found, s)
		}
	}
	return found
}

// read takes one line apart: a requirement first, its options from the first word that begins with a dash.
func read(text string) (statement, bool) {
	words := strings.Split(text, " ")
	end := 0
	for end < len(words) && !strings.HasPrefix(words[end], "-") {
		end++
	}
	options, ok := lineOptions(shellWords(strings.Join(words[end:], " ")))
	if !ok {
		return statement{}, false
	}
	if value := strings.TrimSpace(strings.Join(words[:end], " ")); value != "" {
		return statement{kind: requirement, value: value, hashed: options["--hash"] != ""}, true
	}
	return optionLine(options)
}

// optionLine is a line without a requirement: pip obeys one include on it, and nothing besides.
func optionLine(options map[string]string) (statement, bool) {
	switch {
	case options["--editable"] != "":
		return statement{kind: requirement, value: options["--editable"], editable: true}, true
	case options["--requirement"] != "":
		return statement{kind: include, value: options["--requirement"]}, true
	case options["--constraint"] != "":
		return statement{kind: constrain, value: options["--constraint"]}, true
	}
	_, hashed := options["--require-hashes"]
	indexes := []string{options["--index-url"], options["--pypi-url"], options["--extra-index-url"]}
	return statement{kind: option, value: options["--find-links"], indexes: indexes, hashed: hashed}, true
}
