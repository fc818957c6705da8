package settings

import (
	"bytes"
	"strconv"
	"strings"

	yamlnode "go.yaml.in/yaml/v3"

	"mlops.dev/notebook-validator-operator/internal/validate/schema"
)

// Mistake is something wrong in settings.
type Mistake struct {
	// File it is in, or the flag.
	File string
	// Line in the file, from 1; 0 where none is known.
	Line int
	// Path of the field, possibly empty.
	Path string
	// Message says what is wrong.
	Message string
}

// Mistakes are an error.
type Mistakes []Mistake

// Error has a line for each, as compilers write them.
func (m Mistakes) Error() string {
	lines := make([]string, 0, len(m))
	for _, mistake := range m {
		where := mistake.File
		if mistake.Line > 0 {
			where += ":" + strconv.Itoa(mistake.Line)
		}
		if mistake.Path != "" {
			where += ": " + mistake.Path
		}
		lines = append(lines, where+": "+mistake.Message)
	}
	return strings.Join(lines, "\n")
}

// located makes mistakes of violations; nil of none.
func located(file string, data []byte, violations []schema.Violation) error {
	if len(violations) == 0 {
		return nil
	}
	var root yamlnode.Node
	// What the other parser took is YAML; if this one does not agree, there are no lines.
	_ = yamlnode.Unmarshal(data, &root)
	var mistakes Mistakes
	for _, violation := range violations {
		mistakes = append(mistakes, Mistake{
			File: file, Line: lineOf(&root, violation.Path), Path: violation.Path, Message: violation.Message,
		})
	}
	return mistakes
}

// secondDocument is the line at which another document begins, 0 where there is none. The parser that reads settings
// leaves all but the first unheard.
func secondDocument(data []byte) int {
	decoder := yamlnode.NewDecoder(bytes.NewReader(data))
	var first, second yamlnode.Node
	if decoder.Decode(&first) != nil || decoder.Decode(&second) != nil {
		return 0
	}
	return second.Line
}

// lineOf finds the line of a path like a.b[2].c, or of the innermost part of it that is there.
func lineOf(node *yamlnode.Node, path string) int {
	if node.Kind == yamlnode.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	line := node.Line
	for step := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		key, value := child(node, step)
		if value == nil {
			return line
		}
		node, line = value, key.Line
	}
	return line
}

// child finds an entry of a mapping or sequence; both are nil where there is none.
func child(node *yamlnode.Node, step string) (key, value *yamlnode.Node) {
	if node.Kind == yamlnode.AliasNode {
		node = node.Alias
	}
	switch node.Kind {
	case yamlnode.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i], node.Content[i+1]
			}
		}
	case yamlnode.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i < len(node.Content) {
			return node.Content[i], node.Content[i]
		}
	}
	return nil, nil
}

// ofFlag makes mistakes of violations in what a flag says.
func ofFlag(flag string, violations []schema.Violation) error {
	if len(violations) == 0 {
		return nil
	}
	return Mistakes{{File: flag, Message: violations[0].Message}}
}
