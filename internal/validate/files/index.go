package files

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"path"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/report"
)

//go:embed index.html.tmpl
var indexSource string

var indexLayout = template.Must(template.New("index").Parse(indexSource))

// entry is one line of the index.
type entry struct {
	Link, Name, Verdict, Message, Seconds string
}

// writeIndex writes the page that leads to the pages of the notebooks.
func writeIndex(w io.Writer, places []string, reports []*report.Report) error {
	passed := 0
	var entries []entry
	for i, one := range reports {
		if one.Reason.Passes() {
			passed++
		}
		entries = append(entries, entry{
			Link: linkTo(places[i]), Name: one.Notebook, Verdict: one.Verdict, Message: one.Message,
			Seconds: fmt.Sprintf("%.1f s", one.Seconds),
		})
	}
	return indexLayout.Execute(w, struct {
		Entries       []entry
		Passed, Total int
	}{entries, passed, len(entries)})
}

// pageOf is the file of a notebook's page, inside the folder of pages.
func pageOf(place string) string { return place + ".html" }

// linkTo leads from the index to a page, whatever is in the name.
func linkTo(place string) string {
	var steps []string
	for step := range strings.SplitSeq(path.Clean(pageOf(place)), "/") {
		steps = append(steps, url.PathEscape(step))
	}
	return "./" + strings.Join(steps, "/")
}
