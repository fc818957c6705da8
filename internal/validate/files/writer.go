package files

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/report/html"
	"mlops.dev/notebook-validator-operator/internal/validate/find"
	"mlops.dev/notebook-validator-operator/internal/validate/local"
)

// Options say what to write.
type Options struct {
	Outputs []Output
	// Executed is the folder for executed notebooks, empty for none.
	Executed string
	// Stdout is standard output; Text writes text for people.
	Stdout io.Writer
	Text   func(io.Writer, []*report.Report) error
}

// Writer writes all files. What belongs to one notebook is written when it ends, the rest at the end of all.
type Writer struct {
	options   Options
	notebooks []find.Notebook
	targets   map[string]*target
	errs      []error
}

// NewWriter makes sure that the files can be written, that no notebook is overwritten and that no two files are the same.
func NewWriter(options Options, notebooks []find.Notebook) (*Writer, error) {
	w := &Writer{options: options, notebooks: notebooks, targets: map[string]*target{}}
	for _, output := range options.Outputs {
		if err := w.prepare(output); err != nil {
			w.Close()
			return nil, err
		}
	}
	if options.Executed != "" {
		if err := w.prepareFolder(options.Executed, func(place string) string { return place }); err != nil {
			w.Close()
			return nil, err
		}
	}
	return w, nil
}

func (w *Writer) prepare(output Output) error {
	switch {
	case output.Path == "" && output.Format == HTML && len(w.notebooks) > 1:
		return errors.New("-o html: several notebooks need a folder: write -o html=FOLDER")
	case output.Path == "":
		return nil
	case w.isFolder(output):
		return w.prepareFolder(output.Path, pageOf)
	}
	for _, notebook := range w.notebooks {
		if same(output.Path, notebook.Path) {
			return fmt.Errorf("%s is a notebook to validate: nothing else is written there", output.Path)
		}
	}
	if w.targets[output.Path] != nil {
		return fmt.Errorf("%s is to be written twice", output.Path)
	}
	target, err := newTarget(output.Path)
	if err == nil {
		w.targets[output.Path] = target
	}
	return err
}

// isFolder says whether an output is a folder of pages: for several notebooks, and where the path says so.
func (w *Writer) isFolder(output Output) bool {
	if output.Format != HTML {
		return false
	}
	info, err := os.Stat(output.Path)
	return len(w.notebooks) > 1 || strings.HasSuffix(output.Path, string(filepath.Separator)) || err == nil && info.IsDir()
}

func (w *Writer) prepareFolder(folder string, name func(place string) string) error {
	if err := find.Places(w.notebooks); err != nil {
		return err
	}
	for _, notebook := range w.notebooks {
		if path := inside(folder, name(notebook.Place)); same(path, notebook.Path) {
			return fmt.Errorf("%s would be overwritten: name another folder than %s", notebook.Name, folder)
		}
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("the folder %s cannot be made: %w", folder, err)
	}
	return nil
}

// Ended writes what belongs to one notebook.
func (w *Writer) Ended(i int, outcome local.Outcome) {
	place := w.notebooks[i].Place
	if executed := outcome.Evidence.ExecutedBytes; w.options.Executed != "" && len(executed) > 0 {
		w.note(writeFile(inside(w.options.Executed, place), func(to io.Writer) error {
			_, err := to.Write(executed)
			return err
		}))
	}
	for _, output := range w.options.Outputs {
		if output.Format != HTML {
			continue
		}
		page := func(to io.Writer) error {
			return html.Render(to, outcome.Report, outcome.Evidence.Executed, maxBytes)
		}
		switch {
		case output.Path == "":
			w.note(page(w.options.Stdout))
		case w.isFolder(output):
			w.note(writeFile(inside(output.Path, pageOf(place)), page))
		default:
			w.note(w.targets[output.Path].write(page))
		}
	}
}

// Finish writes what is about all notebooks, and returns every error of writing.
func (w *Writer) Finish(reports []*report.Report) error {
	places := make([]string, 0, len(w.notebooks))
	for _, notebook := range w.notebooks {
		places = append(places, notebook.Place)
	}
	encoders := map[Format]func(io.Writer, []*report.Report) error{JSON: encodeJSON, JUnit: encodeJUnit, Text: w.options.Text}
	for _, output := range w.options.Outputs {
		switch {
		case output.Format == HTML && w.isFolder(output):
			w.note(writeFile(filepath.Join(output.Path, "index.html"), func(to io.Writer) error {
				return writeIndex(to, places, reports)
			}))
		case output.Format == HTML:
		case output.Path == "":
			w.note(encoders[output.Format](w.options.Stdout, reports))
		default:
			w.note(w.targets[output.Path].write(func(to io.Writer) error { return encoders[output.Format](to, reports) }))
		}
	}
	return errors.Join(w.errs...)
}

// Close drops what was not written.
func (w *Writer) Close() {
	for _, target := range w.targets {
		target.drop()
	}
}

func (w *Writer) note(err error) {
	if err != nil {
		w.errs = append(w.errs, err)
	}
}

func inside(folder, place string) string { return filepath.Join(folder, filepath.FromSlash(place)) }

// same says whether two paths are one file, by whatever links.
func same(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
