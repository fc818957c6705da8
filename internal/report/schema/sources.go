package schema

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// sources read what reflection cannot see: comments and constants.
type sources struct {
	root string
	// packages that were read, by their path.
	packages map[string]*source
}

// source is what is taken from one package.
type source struct {
	// comments of types, and of fields by "Type.Field".
	comments map[string]string
	// constants of string types, in the order of the source.
	constants map[string][]string
}

func newSources(root string) *sources {
	return &sources{root: root, packages: map[string]*source{}}
}

// comment on a type, or on a field of it.
func (s *sources) comment(path, typeName, field string) (string, error) {
	source, err := s.read(path)
	if err != nil {
		return "", err
	}
	if field != "" {
		typeName += "." + field
	}
	return source.comments[typeName], nil
}

// constants of a string type.
func (s *sources) constants(path, typeName string) ([]string, error) {
	source, err := s.read(path)
	if err != nil {
		return nil, err
	}
	return source.constants[typeName], nil
}

func (s *sources) read(path string) (*source, error) {
	if known, ok := s.packages[path]; ok {
		return known, nil
	}
	inside, ok := strings.CutPrefix(path, Module+"/")
	if !ok {
		return nil, fmt.Errorf("%s is not a package of %s", path, Module)
	}
	result := &source{comments: map[string]string{}, constants: map[string][]string{}}
	folder := filepath.Join(s.root, filepath.FromSlash(inside))
	names, err := fs.Glob(os.DirFS(folder), "*.go")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		result.take(file)
	}
	s.packages[path] = result
	return result, nil
}

func (s *source) take(file *ast.File) {
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range general.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				s.takeType(spec, general.Doc)
			case *ast.ValueSpec:
				s.takeConstants(spec)
			}
		}
	}
}

func (s *source) takeType(spec *ast.TypeSpec, doc *ast.CommentGroup) {
	if spec.Doc != nil {
		doc = spec.Doc
	}
	s.comments[spec.Name.Name] = textOf(doc)
	structure, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range structure.Fields.List {
		for _, name := range field.Names {
			s.comments[spec.Name.Name+"."+name.Name] = textOf(field.Doc)
		}
	}
}

func (s *source) takeConstants(spec *ast.ValueSpec) {
	kind, ok := spec.Type.(*ast.Ident)
	if !ok {
		return
	}
	for _, value := range spec.Values {
		literal, ok := value.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			continue
		}
		if text, err := strconv.Unquote(literal.Value); err == nil {
			s.constants[kind.Name] = append(s.constants[kind.Name], text)
		}
	}
}

// textOf joins the lines of a comment, without those that are for tools.
func textOf(comment *ast.CommentGroup) string {
	var words []string
	for line := range strings.Lines(comment.Text()) {
		if !strings.HasPrefix(line, "+") {
			words = append(words, strings.Fields(line)...)
		}
	}
	return strings.Join(words, " ")
}
