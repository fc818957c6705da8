package pyindex

import (
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Index offers wheels to pip.
type Index struct {
	// projects maps a normalized name to its wheels, oldest version first.
	projects map[string][]Wheel
	files    map[string]Wheel
}

// NewIndex writes a wheel for every <name>/<version> folder of the sources.
func NewIndex(sources fs.FS) (*Index, error) {
	index := &Index{projects: map[string][]Wheel{}, files: map[string]Wheel{}}
	folders, err := fs.Glob(sources, "*/*")
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		name, version, _ := strings.Cut(folder, "/")
		source, err := fs.Sub(sources, folder)
		if err != nil {
			return nil, err
		}
		wheel, err := Write(source, name, version)
		if err != nil {
			return nil, err
		}
		index.projects[normalize(name)] = append(index.projects[normalize(name)], wheel)
		index.files[wheel.File()] = wheel
	}
	return index, nil
}

var separators = regexp.MustCompile(`[-_.]+`)

// normalize is the one spelling of a project's name that the index knows.
func normalize(name string) string {
	return strings.ToLower(separators.ReplaceAllString(name, "-"))
}

// Handler answers /simple/, /simple/<project>/ and /files/<wheel>.
func (i *Index) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /simple/{$}", i.list)
	mux.HandleFunc("GET /simple/{project}/{$}", i.project)
	mux.HandleFunc("GET /files/{file}", i.file)
	return mux
}

func (i *Index) list(w http.ResponseWriter, _ *http.Request) {
	names := make([]string, 0, len(i.projects))
	for name := range i.projects {
		names = append(names, name)
	}
	slices.Sort(names)
	var links strings.Builder
	for _, name := range names {
		fmt.Fprintf(&links, "<a href=\"/simple/%s/\">%s</a><br>\n", name, name)
	}
	page(w, "Simple index", links.String())
}

func (i *Index) project(w http.ResponseWriter, r *http.Request) {
	name := normalize(r.PathValue("project"))
	wheels, known := i.projects[name]
	if !known {
		http.NotFound(w, r)
		return
	}
	var links strings.Builder
	for _, wheel := range wheels {
		fmt.Fprintf(&links, "<a href=\"/files/%s#sha256=%s\" data-requires-python=\"%s\">%s</a><br>\n",
			wheel.File(), wheel.SHA256(), html.EscapeString(wheel.RequiresPython), wheel.File())
	}
	page(w, "Links for "+name, links.String())
}

func (i *Index) file(w http.ResponseWriter, r *http.Request) {
	wheel, known := i.files[r.PathValue("file")]
	if !known {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(wheel.Content) // a client that went away is no concern of the index
}

func page(w http.ResponseWriter, title, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!DOCTYPE html>\n<html><head><meta name=\"pypi:repository-version\" content=\"1.0\"><title>%s</title></head><body>\n<h1>%s</h1>\n%s</body></html>\n", title, title, body)
}
