// Command generate writes what the scorecard image must know about the API and cannot import: the list of the reasons, which
// are separate constants, and the page that documents them, which a Go file can embed from its own folder only.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// Files, from the root of the repository.
const (
	constants = "api/v1alpha1/conditions.go"
	page      = "docs/conditions.md"
	listCopy  = "scorecard/checks/zz_generated.reasons.go"
	pageCopy  = "scorecard/checks/conditions.md"
)

func main() {
	root := flag.String("root", "../..", "root of the repository; the default is for go generate in the package of the checks")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	files, err := generate(root)
	if err != nil {
		return err
	}
	for path, content := range files {
		if err := os.WriteFile(filepath.Join(root, path), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the content of each generated file by its path from the root.
func generate(root string) (map[string][]byte, error) {
	source, err := os.ReadFile(filepath.Join(root, constants))
	if err != nil {
		return nil, err
	}
	list, err := reasons(source)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		return nil, err
	}
	return map[string][]byte{listCopy: list, pageCopy: text}, nil
}

// reasons writes a Go file that lists the constants of the API whose names begin with Reason.
func reasons(source []byte) ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "conditions.go", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var list bytes.Buffer
	for _, declaration := range file.Decls {
		block, ok := declaration.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST {
			continue
		}
		for _, spec := range block.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				if strings.HasPrefix(name.Name, "Reason") {
					fmt.Fprintf(&list, "\tv1alpha1.%s,\n", name.Name)
				}
			}
		}
	}
	if list.Len() == 0 {
		return nil, errors.New("the API has no reasons")
	}
	return format.Source([]byte(fmt.Sprintf(`// Code generated from %s by make generate. DO NOT EDIT.

package checks

import "mlops.dev/notebook-validator-operator/api/v1alpha1"

// reasons are all reasons of the API.
var reasons = []string{
%s}
`, constants, list.String())))
}
