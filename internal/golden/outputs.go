package golden

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// outputs are what of a cell's outputs is compared.
type outputs struct {
	// streams holds the whole text of each stream: how it was cut into pieces is a matter of timing.
	streams map[string]string
	// values are the other outputs, in order.
	values []nbformat.Output
}

// widgetView is a view of a widget: a random name of something that only a live kernel can show.
const widgetView = "application/vnd.jupyter.widget-view+json"

func (r *rules) outputsOf(cell *nbformat.Cell) outputs {
	result := outputs{streams: map[string]string{}}
	pieces := map[string]*strings.Builder{}
	for _, output := range cell.Outputs {
		switch {
		case r.ignores(output.Type):
		case output.Type != nbformat.StreamOutput:
			if kept, ok := r.keep(output); ok {
				result.values = append(result.values, kept)
			}
		case output.Name != nbformat.Stderr || r.stderr:
			if pieces[output.Name] == nil {
				pieces[output.Name] = &strings.Builder{}
			}
			pieces[output.Name].WriteString(output.Text)
		}
	}
	for name, text := range pieces {
		result.streams[name] = text.String()
	}
	return result
}

func (r *rules) ignores(name string) bool { return slices.Contains(r.ignoreTypes, name) }

// keep returns the forms of an output that are compared, and false if there are none.
func (r *rules) keep(output nbformat.Output) (nbformat.Output, bool) {
	if output.Type == nbformat.ErrorOutput {
		return output, true
	}
	if output.Data.Has(widgetView) || (r.images == v1alpha1.ImagesIgnore && len(images(output.Data)) > 0) {
		return output, false
	}
	kept := nbformat.Bundle{}
	for mime, raw := range output.Data {
		if !r.ignores(mime) {
			kept[mime] = raw
		}
	}
	output.Data = kept
	return output, len(kept) > 0
}

// images returns the MIME types of images in alphabetical order.
func images(data nbformat.Bundle) []string {
	return slices.DeleteFunc(data.Types(), func(mime string) bool { return !isImage(mime) })
}

func isImage(mime string) bool { return strings.HasPrefix(mime, "image/") }

func isJSON(mime string) bool {
	return mime == "application/json" || (strings.HasPrefix(mime, "application/") && strings.HasSuffix(mime, "+json"))
}

// preferred are the forms that say most with the least, best first; JSON of special kinds stands with JSON.
var preferred = []string{"text/plain", "application/json", "text/markdown", "text/latex", "text/html"}

// textForms lists the forms that can be compared as text and that both values have, best first.
func textForms(expected, actual nbformat.Bundle) []string {
	rank := func(mime string) int {
		if at := slices.Index(preferred, mime); at >= 0 {
			return at
		}
		if isJSON(mime) {
			return 1
		}
		return len(preferred)
	}
	var forms []string
	for _, mime := range slices.Sorted(maps.Keys(expected)) {
		isText := strings.HasPrefix(mime, "text/") || isJSON(mime) || mime == "application/javascript"
		if isText && actual.Has(mime) {
			forms = append(forms, mime)
		}
	}
	slices.SortStableFunc(forms, func(a, b string) int { return rank(a) - rank(b) })
	return forms
}

// formText returns a form as text for the comparison, before it is normalised.
func formText(data nbformat.Bundle, mime string) string {
	text := data.Text(mime)
	switch {
	case mime == "text/html":
		return htmlText(text)
	case isJSON(mime):
		return evenJSON(text)
	}
	return text
}

// evenJSON writes JSON with sorted fields and a line for each, so that only its content counts.
func evenJSON(text string) string {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return text
	}
	data, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return text
	}
	return string(data)
}
