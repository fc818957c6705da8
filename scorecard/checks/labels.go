package checks

import (
	"bytes"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// labels are the LABELs of a Dockerfile.
func labels(dockerfile []byte) (map[string]string, error) {
	parsed, err := parser.Parse(bytes.NewReader(dockerfile))
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, instruction := range parsed.AST.Children {
		if instruction.Value != "LABEL" && instruction.Value != "label" {
			continue
		}
		// The parser gives name, value and what stands between them, one behind the other.
		for name := instruction.Next; name != nil && name.Next != nil && name.Next.Next != nil; name = name.Next.Next.Next {
			found[unquoted(name.Value)] = unquoted(name.Next.Value)
		}
	}
	return found, nil
}

// unquoted is a word of a Dockerfile without the quotes around it.
func unquoted(word string) string {
	if n := len(word); n > 1 && (word[0] == '"' || word[0] == '\'') && word[n-1] == word[0] {
		return word[1 : n-1]
	}
	return word
}
