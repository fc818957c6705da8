package nbformat

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Types of outputs.
const (
	StreamOutput  = "stream"
	DisplayOutput = "display_data"
	ResultOutput  = "execute_result"
	ErrorOutput   = "error"
)

// Names of streams.
const (
	Stdout = "stdout"
	Stderr = "stderr"
)

// Output is one output of a code cell.
type Output struct {
	// Type is stream, display_data, execute_result or error.
	Type string
	// Name of a stream: stdout or stderr.
	Name string
	// Text of a stream.
	Text string
	// Data of display_data and execute_result.
	Data Bundle
	// EName is the type of an exception.
	EName string
	// EValue is what the exception says.
	EValue string
	// Traceback of the exception, with the escape sequences of its colours.
	Traceback []string
	// ExecutionCount of an execute_result.
	ExecutionCount *int
}

// Bundle is one value in several forms, by MIME type.
type Bundle map[string]json.RawMessage

// Has tells whether there is such a form.
func (b Bundle) Has(mime string) bool {
	_, ok := b[mime]
	return ok
}

// Text returns the form as text: the lines of a list joined, JSON as it stands. It is empty if there is no such form.
func (b Bundle) Text(mime string) string {
	raw := b[mime]
	if text, ok := joined(raw); ok && !isJSON(mime) {
		return text
	}
	return string(raw)
}

// Types returns the MIME types in alphabetical order.
func (b Bundle) Types() []string { return slices.Sorted(maps.Keys(b)) }

// isJSON tells whether a form of the type is JSON itself, so that a list is a list and not the lines of a text.
func isJSON(mime string) bool {
	return mime == "application/json" || (strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json"))
}

// oldTypes are the types of outputs that format 3 names otherwise.
var oldTypes = map[string]string{"pyout": ResultOutput, "pyerr": ErrorOutput}

// oldForms are format 3's names of MIME types.
var oldForms = map[string]string{
	"text": "text/plain", "html": "text/html", "latex": "text/latex", "svg": "image/svg+xml", "png": "image/png",
	"jpeg": "image/jpeg", "json": "application/json", "javascript": "application/javascript",
}

func outputOf(fields Object) Output {
	output := Output{Type: textOf(fields["output_type"])}
	if now, ok := oldTypes[output.Type]; ok {
		output.Type = now
	}
	switch output.Type {
	case StreamOutput:
		output.Name = streamName(fields)
		output.Text, _ = joined(fields["text"])
	case ErrorOutput:
		output.EName, output.EValue = textOf(fields["ename"]), textOf(fields["evalue"])
		output.Traceback = lines(fields["traceback"])
	default:
		output.Data = bundleOf(fields)
		output.ExecutionCount = countOf(fields["execution_count"], fields["prompt_number"])
	}
	return output
}

// streamName knows format 3's word for the name; a stream without a name is stdout to Jupyter.
func streamName(fields Object) string {
	for _, field := range []string{"name", "stream"} {
		if name := textOf(fields[field]); name != "" {
			return name
		}
	}
	return Stdout
}

func bundleOf(fields Object) Bundle {
	if data := objectOf(fields["data"]); data != nil {
		return Bundle(data)
	}
	bundle := Bundle{}
	for old, mime := range oldForms {
		if raw, ok := fields[old]; ok {
			bundle[mime] = raw
		}
	}
	return bundle
}

func lines(raw json.RawMessage) []string {
	var all []string
	// A traceback of the wrong kind is none.
	_, _ = each(raw, func(item json.RawMessage) error {
		all = append(all, textOf(item))
		return nil
	})
	return all
}
