package settings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/internal/validate/schema"
)

// FileName is the name of the file with settings.
const FileName = ".notebook-validator.yaml"

// maxFileBytes bounds a file with settings.
const maxFileBytes = 1 << 20

// nearestFile finds the file with settings that is nearest above a folder, up to the root of the repository or of the file
// system; empty for none.
func nearestFile(dir string) (string, error) {
	for {
		path := filepath.Join(dir, FileName)
		switch _, err := os.Stat(path); {
		case err == nil:
			return path, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("%s cannot be read: %w", path, err)
		}
		// In a work tree of Git .git is a file.
		_, err := os.Lstat(filepath.Join(dir, ".git"))
		above := filepath.Dir(dir)
		if err == nil || above == dir {
			return "", nil
		}
		dir = above
	}
}

// readFile reads a file with settings and holds it against the rules; name is what people know it by.
func readFile(path, name string) (tree, error) {
	data, err := readBounded(path, name)
	if err != nil {
		return nil, err
	}
	var content tree
	if err := fromYAML(data, &content); err != nil {
		return nil, unreadable(name, err)
	}
	if line := secondDocument(data); line > 0 {
		return nil, Mistakes{{File: name, Line: line, Message: "a second YAML document begins here; there is room for one"}}
	}
	violations, err := schema.Check(content)
	if err != nil {
		return nil, err
	}
	return content, located(name, data, violations)
}

func readBounded(path, name string) ([]byte, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist", name)
	} else if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	if len(data) > maxFileBytes {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, maxFileBytes)
	}
	return data, nil
}

// fromYAML reads YAML as an API server does, keys that are there twice refused.
func fromYAML(data []byte, into any) error {
	encoded, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return err
	}
	return utiljson.Unmarshal(encoded, into)
}

var yamlLine = regexp.MustCompile(`\bline (\d+): `)

// unreadable is the error of a file that is no YAML, or not an object. The parser's words begin with the line.
func unreadable(name string, err error) error {
	text := strings.TrimPrefix(err.Error(), "error converting YAML to JSON: ")
	text = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(text, "yaml: "), "unmarshal errors:\n"))
	if strings.HasPrefix(text, "json: cannot unmarshal") {
		return Mistakes{{File: name, Line: 1, Message: "there should be keys and values, such as \"timeout: 10m\""}}
	}
	line := 0
	if found := yamlLine.FindStringSubmatchIndex(text); found != nil {
		line, _ = strconv.Atoi(text[found[2]:found[3]])
		text = text[:found[0]] + text[found[1]:]
	}
	return Mistakes{{File: name, Line: line, Message: "this is not YAML that can be read: " + text}}
}
