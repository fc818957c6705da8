// Package files writes what came of validations for other programs and for later: report.json, junit.xml, report.html and
// executed notebooks.
package files

import (
	"fmt"
	"slices"
	"strings"
)

// Format is a form of reports.
type Format string

// Forms of reports.
const (
	Text  Format = "text"
	JSON  Format = "json"
	JUnit Format = "junit"
	HTML  Format = "html"
)

var formats = []Format{Text, JSON, JUnit, HTML}

// Output is a form of reports and where it goes.
type Output struct {
	Format Format
	// Path is empty for standard output.
	Path string
}

// ParseOutputs reads -o, each a form or FORM=PATH, and --output, the path of the one form that has none. Without -o it is
// text; where nothing goes to standard output, text does.
func ParseOutputs(said []string, path string) ([]Output, error) {
	var outputs []Output
	without := 0
	for _, one := range said {
		name, to, hasPath := strings.Cut(one, "=")
		format := Format(name)
		if !slices.Contains(formats, format) {
			return nil, fmt.Errorf("-o %s: there are text, json, junit and html", one)
		}
		if hasPath && to == "" {
			return nil, fmt.Errorf("-o %s: the path is missing", one)
		}
		if !hasPath {
			without++
			to = path
		}
		outputs = append(outputs, Output{Format: format, Path: to})
	}
	switch {
	case path != "" && without == 0:
		return nil, fmt.Errorf("--output %s: say with -o what to write there", path)
	case without > 1:
		return nil, fmt.Errorf("more than one -o goes to the same place: write -o FORMAT=PATH")
	case !slices.ContainsFunc(outputs, func(o Output) bool { return o.Path == "" }):
		outputs = append(outputs, Output{Format: Text})
	}
	return outputs, nil
}
