package html

import (
	"strings"
)

// maxFrame bounds the HTML of one output that is shown as such; a larger one is shown as text.
const maxFrame = 256 << 10

// frame is a document of its own for HTML of a notebook.
type frame struct {
	// Document is for the srcdoc of an iframe with an empty sandbox.
	Document string
	// Height in pixels: without a script nobody can measure it, so that it is a guess.
	Height int
}

// frameHead allows styles alone; the policy of the page around it holds as well.
const frameHead = `<!doctype html><html lang="en"><head><meta charset="utf-8">` +
	`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; ` +
	`form-action 'none'; base-uri 'none'"><meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">` +
	`<style>body{margin:4px;font:13px/1.45 system-ui,sans-serif}table{border-collapse:collapse;font-variant-numeric:tabular-nums}` +
	`table,th,td{border:0}th,td{padding:3px 9px;text-align:right;border-bottom:1px solid #8884}thead th{border-bottom:2px solid #8888}` +
	`pre{white-space:pre-wrap}img{max-width:100%}</style></head><body>`

// frameOf returns nil where nothing is left to be seen: output that a script would have drawn.
func frameOf(source string) (result *frame, dropped bool) {
	safe, dropped := harmless(visible(source))
	if textOf(safe) == "" && !strings.Contains(safe, "<img") {
		return nil, dropped
	}
	return &frame{Document: frameHead + safe + "</body></html>", Height: heightOf(safe)}, dropped
}

// heightOf guesses from the number of rows and lines.
func heightOf(source string) int {
	rows := strings.Count(source, "<tr") + strings.Count(source, "<br") + strings.Count(source, "<p") + strings.Count(source, "<li")
	if !strings.Contains(source, "<tr") {
		rows += strings.Count(textOf(source), "\n") + 1
	}
	height := 30 + rows*26 + strings.Count(source, "<img")*240
	return min(max(height, 56), 420)
}
