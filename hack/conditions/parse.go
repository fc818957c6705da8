package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// group is one const block: what it is about, and its constants.
type group struct {
	Title   string
	Note    string
	Entries []entry
}

// entry is one constant: the value that users see, and what it means.
type entry struct {
	Value   string
	Meaning string
}

// parse reads the const blocks of a Go file. Every block and every constant must have a comment, and the comment of a
// reason must say when it is set.
func parse(path string) ([]group, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var groups []group
	for _, declaration := range file.Decls {
		block, ok := declaration.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST {
			continue
		}
		parsed, err := parseBlock(block)
		if err != nil {
			return nil, err
		}
		groups = append(groups, parsed)
	}
	return groups, nil
}

func parseBlock(block *ast.GenDecl) (group, error) {
	title, note, _ := strings.Cut(flat(block.Doc), ". ")
	parsed := group{Title: strings.TrimSuffix(title, "."), Note: note}
	if parsed.Title == "" {
		return group{}, fmt.Errorf("a const block has no comment that says what it is about")
	}
	for _, spec := range block.Specs {
		constant, ok := spec.(*ast.ValueSpec)
		if !ok || len(constant.Names) != 1 || len(constant.Values) != 1 {
			return group{}, fmt.Errorf("%s: every line must hold one constant and its value", parsed.Title)
		}
		parsedEntry, err := parseConstant(constant)
		if err != nil {
			return group{}, err
		}
		parsed.Entries = append(parsed.Entries, parsedEntry)
	}
	return parsed, nil
}

func parseConstant(constant *ast.ValueSpec) (entry, error) {
	name := constant.Names[0].Name
	literal, ok := constant.Values[0].(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return entry{}, fmt.Errorf("%s is not a string", name)
	}
	value, err := strconv.Unquote(literal.Value)
	if err != nil {
		return entry{}, fmt.Errorf("%s: %w", name, err)
	}
	meaning, found := strings.CutPrefix(flat(constant.Doc), name+" ")
	if !found {
		return entry{}, fmt.Errorf("the comment of %s must begin with its name", name)
	}
	if strings.HasPrefix(name, "Reason") {
		meaning, found = strings.CutPrefix(meaning, "is set ")
		if !found {
			return entry{}, fmt.Errorf("the comment of %s must begin with %q", name, name+" is set when")
		}
	}
	return entry{Value: value, Meaning: meaning}, nil
}

// flat is a comment as one line.
func flat(comment *ast.CommentGroup) string {
	return strings.Join(strings.Fields(comment.Text()), " ")
}
