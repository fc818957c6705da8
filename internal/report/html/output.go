package html

import (
	"html/template"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// output is one output of a cell, in the form in which it is shown.
type output struct {
	// Kind is stdout, stderr, result, error, image or frame.
	Kind string
	// Spans of a text.
	Spans []span
	// Image is its data, as an address; Alt describes it.
	Image template.URL
	Alt   string
	// Frame holds HTML of the notebook.
	Frame *frame
	// Note says what is not shown, and why.
	Note string

	// text that can stand in for an image or a frame.
	text string
}

// maxFrames bounds the frames of a page: each is a document that the browser keeps.
const maxFrames = 300

// maxOutputs bounds the outputs of one cell that are shown.
const maxOutputs = 500

func outputsOf(source *nbformat.Cell) []*output {
	var outputs []*output
	for i := 0; i < len(source.Outputs); i++ {
		if len(outputs) == maxOutputs {
			return append(outputs, &output{Kind: "result", Note: count(len(source.Outputs)-i, "further output") + " not shown."})
		}
		raw := source.Outputs[i]
		switch raw.Type {
		case nbformat.StreamOutput:
			kind, text, pieces := joinStream(source.Outputs[i:])
			outputs = append(outputs, textOutput(kind, text))
			i += pieces - 1
		case nbformat.ErrorOutput:
			outputs = append(outputs, errorOutput(raw.EName, raw.EValue, strings.Join(raw.Traceback, "\n")))
		default:
			outputs = append(outputs, valueOutput(raw.Data))
		}
	}
	return outputs
}

// joinStream joins what a kernel wrote in pieces, and says how many there are.
func joinStream(outputs []nbformat.Output) (kind, text string, pieces int) {
	var all strings.Builder
	name := outputs[0].Name
	for _, raw := range outputs {
		if raw.Type != nbformat.StreamOutput || raw.Name != name {
			break
		}
		all.WriteString(raw.Text)
		pieces++
	}
	if name == nbformat.Stderr {
		return nbformat.Stderr, all.String(), pieces
	}
	return nbformat.Stdout, all.String(), pieces
}

func textOutput(kind, text string) *output {
	text = cut(overwrite(text), maxText)
	return &output{Kind: kind, Spans: coloured(visible(text)), text: text}
}

func errorOutput(name, value, traceback string) *output {
	if strings.TrimSpace(traceback) == "" {
		traceback = name + ": " + value
	}
	return textOutput("error", traceback)
}

// valueOutput shows the form that says most and can be shown safely.
func valueOutput(data nbformat.Bundle) *output {
	text := bestText(data)
	if mime, address := image(data); address != "" {
		return &output{Kind: "image", Image: address, Alt: visible("picture of type " + mime + ": " + cut(text, 200)), text: text}
	}
	shown := textOutput("result", text)
	switch {
	case data.Has("text/html"):
		return htmlOutput(data.Text("text/html"), shown)
	case data.Has("application/vnd.jupyter.widget-view+json"):
		shown.Note = "A widget is shown as text."
	case data.Has("application/javascript"):
		shown.Note = "A script of this output was not run."
	}
	return shown
}

// htmlOutput returns a frame, and the text in its place where there is nothing for one.
func htmlOutput(source string, text *output) *output {
	if text.text == "" {
		text = textOutput("result", textOf(cut(source, maxFrame)))
	}
	if len(source) > maxFrame {
		text.Note = "HTML of " + bytesText(len(source)) + " is shown as text."
		return text
	}
	frame, dropped := frameOf(source)
	switch {
	case frame != nil && dropped:
		return &output{Kind: "frame", Frame: frame, Note: "Scripts and other active parts were taken out.", text: text.text}
	case frame != nil:
		return &output{Kind: "frame", Frame: frame, text: text.text}
	}
	text.Note = "This output needs a script to be seen; scripts do not run here."
	return text
}

// bestText prefers what a person wrote for people.
func bestText(data nbformat.Bundle) string {
	for _, mime := range []string{"text/markdown", "text/latex", "text/plain", "application/json"} {
		if data.Has(mime) {
			return data.Text(mime)
		}
	}
	for _, mime := range data.Types() {
		if strings.HasPrefix(mime, "text/") && mime != "text/html" {
			return data.Text(mime)
		}
	}
	return ""
}
