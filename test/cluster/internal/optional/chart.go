package optional

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
)

// functions are all that the templates may call. One that calls another cannot be read, instead of coming out wrong.
var functions = template.FuncMap{
	"toYaml": func(value any) (string, error) {
		content, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(content), "\n"), err
	},
	"indent": func(spaces int, text string) string {
		pad := strings.Repeat(" ", spaces)
		return pad + strings.ReplaceAll(text, "\n", "\n"+pad)
	},
}

// values returns what fills the templates, nil for a system whose manifests are none.
func (s System) values(module string, env *clusterenv.Env, images map[string]string) (map[string]any, error) {
	if s.Chart == "" {
		return nil, nil
	}
	content, err := os.ReadFile(filepath.Join(module, filepath.FromSlash(s.Chart), "values.yaml"))
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(content, &values); err != nil {
		return nil, err
	}
	return merge(values, s.Values(env, images)), nil
}

// merge puts the changes over the values, key by key.
func merge(values, changes map[string]any) map[string]any {
	merged := maps.Clone(values)
	for key, change := range changes {
		below, isMap := merged[key].(map[string]any)
		inner, changesMap := change.(map[string]any)
		if isMap && changesMap {
			change = merge(below, inner)
		}
		merged[key] = change
	}
	return merged
}

// render fills a template. What it names and nobody has given is an error: a template asks for what may be missing with "if".
func render(content []byte, values map[string]any) ([]byte, error) {
	parsed, err := template.New("manifest").Funcs(functions).Parse(string(content))
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := parsed.Execute(&text, map[string]any{"Values": values}); err != nil {
		return nil, err
	}
	if bytes.Contains(text.Bytes(), []byte("<no value>")) {
		return nil, errors.New("the template names a value that nobody has given")
	}
	return text.Bytes(), nil
}
