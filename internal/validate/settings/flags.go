package settings

import (
	"path/filepath"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/validate/schema"
)

// Flags are what the command line says; what is empty was not said.
type Flags struct {
	// Level of --level.
	Level string
	// Strict is set by --strict.
	Strict bool
	// Expect is the file of --expect.
	Expect string
	// Parameters are the texts of -p, name=value.
	Parameters []string
	// Timeout and CellTimeout are those of --timeout and --cell-timeout.
	Timeout, CellTimeout string
}

// tree holds the flags against the rules, each by itself, so that a mistake names its flag.
func (f Flags) tree(dir string) (tree, error) {
	merged := tree{}
	if f.Strict {
		merged["validationConfig"] = tree{"strictMode": true}
	}
	said := []struct {
		flag, value string
		content     tree
	}{
		{"--level", f.Level, tree{"validationConfig": tree{"level": f.Level}}},
		{"--timeout", f.Timeout, tree{"timeout": f.Timeout}},
		{"--cell-timeout", f.CellTimeout, tree{"cellTimeout": f.CellTimeout}},
	}
	for _, one := range said {
		if one.value == "" {
			continue
		}
		violations, err := schema.Check(one.content)
		if err == nil {
			err = ofFlag(one.flag, violations)
		}
		if err != nil {
			return nil, err
		}
		merged = overlay(merged, one.content)
	}
	for _, text := range f.Parameters {
		parameter, err := parameter(text)
		if err != nil {
			return nil, err
		}
		merged = overlay(merged, tree{"parameters": parameter})
	}
	return f.withExpected(merged, dir)
}

// parameter reads name=value; the value is YAML, so that 3 is a number and "3" a text.
func parameter(text string) (tree, error) {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return nil, Mistakes{{File: "-p " + text, Message: "write it as name=value"}}
	}
	var typed any
	if err := fromYAML([]byte(value), &typed); err != nil {
		return nil, unreadable("-p "+text, err)
	}
	named := tree{name: typed}
	violations, err := schema.Check(tree{"parameters": named})
	if err == nil {
		err = ofFlag("-p "+text, violations)
	}
	return named, err
}

// withExpected adds the list of expected outputs of --expect.
func (f Flags) withExpected(merged tree, dir string) (tree, error) {
	if f.Expect == "" {
		return merged, nil
	}
	path := f.Expect
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	data, err := readBounded(path, f.Expect)
	if err != nil {
		return nil, err
	}
	var list []any
	if err := fromYAML(data, &list); err != nil {
		if strings.HasPrefix(err.Error(), "json: cannot unmarshal") {
			return nil, Mistakes{{File: f.Expect, Line: 1, Message: "there should be a list of expected outputs, as in validationConfig.expectedOutputs"}}
		}
		return nil, unreadable(f.Expect, err)
	}
	content := tree{"validationConfig": tree{"expectedOutputs": list}}
	violations, err := schema.Check(content)
	if err != nil {
		return nil, err
	}
	const prefix = "validationConfig.expectedOutputs"
	for i := range violations {
		violations[i].Path = strings.TrimPrefix(violations[i].Path, prefix)
	}
	if err := located(f.Expect, data, violations); err != nil {
		return nil, err
	}
	return overlay(merged, content), nil
}
