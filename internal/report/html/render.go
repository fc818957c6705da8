package html

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/report"
)

//go:embed page.css
var stylesheet string

//go:embed page.gohtml
var source string

// roomForNotes is what the notes in the place of images and frames need.
const roomForNotes = 4 << 10

// styles and the template are the page's own, and hold nothing of a notebook.
var (
	styles = template.CSS(stylesheet)
	layout = template.Must(template.New("page").Parse(source))
)

// Render writes the report as one HTML file of at most limit bytes. The executed notebook gives the sources, outputs and
// texts; it may be nil, and then only what the report itself holds is shown. Where the page would be too large, images
// go first, the largest ones before the others, then HTML, then other outputs, cells and advice. The verdict is never left
// out, and of the findings that fail only the last ones of very many, with their number.
func Render(w io.Writer, r *report.Report, executed *nbformat.Notebook, limit int) error {
	p := pageOf(r, executed)
	p.limitFrames()
	for step := 0; ; step++ {
		var out bytes.Buffer
		if err := layout.Execute(&out, p); err != nil {
			return fmt.Errorf("write report.html: %w", err)
		}
		excess := out.Len() - limit
		switch {
		case excess <= 0:
			_, err := w.Write(out.Bytes())
			return err
		case step < len(ladder):
			ladder[step](p, excess+roomForNotes)
		case !p.fewerFailures(excess, out.Len()):
			return fmt.Errorf("report.html needs %d bytes for the verdict alone, %d are allowed", out.Len(), limit)
		}
	}
}
