package checks

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// releasedBundle is the bundle that this repository ships.
const releasedBundle = "../../bundle"

func TestEveryCheckPasses(t *testing.T) {
	for _, dir := range []string{soundBundle, releasedBundle} {
		bundle, err := Load(dir)
		require.NoError(t, err)
		require.NotEmpty(t, bundle.Examples)
		require.NotEmpty(t, bundle.Labels, "there is no bundle.Dockerfile")
		for name, check := range offline {
			t.Run(dir+" "+name, func(t *testing.T) {
				assert.Equal(t, v1alpha3.TestResult{Name: name, State: v1alpha3.PassState}, check(bundle))
			})
		}
		t.Run(dir+" the shape of examples", func(t *testing.T) {
			assert.Empty(t, exampleShapes(bundle).Errors)
		})
	}
}

func TestLoadTellsWhatIsWrongWithABundle(t *testing.T) {
	tests := map[string]struct {
		spoil func(t *testing.T, dir string)
		want  string
	}{
		"there is no folder":       {func(t *testing.T, dir string) { require.NoError(t, os.RemoveAll(dir)) }, "read the manifests"},
		"there are no manifests":   {func(t *testing.T, dir string) { require.NoError(t, os.RemoveAll(filepath.Join(dir, "manifests"))) }, "read the manifests"},
		"there are no annotations": {func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, metaFile))) }, "read the annotations"},
		"there is no CSV":          {func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, csvFile))) }, "0 ClusterServiceVersions"},
		"there are two CSVs": {func(t *testing.T, dir string) {
			content, err := os.ReadFile(filepath.Join(dir, csvFile))
			require.NoError(t, err)
			write(t, dir, "manifests/other.yaml", string(content))
		}, "2 ClusterServiceVersions"},
		"a manifest is not YAML":         {func(t *testing.T, dir string) { write(t, dir, "manifests/x.yaml", "a: [") }, "x.yaml"},
		"a manifest is a list":           {func(t *testing.T, dir string) { write(t, dir, "manifests/x.yaml", "- a") }, "x.yaml"},
		"a manifest is empty":            {func(t *testing.T, dir string) { write(t, dir, "manifests/x.yaml", "") }, "it holds no object"},
		"a manifest has no kind":         {func(t *testing.T, dir string) { write(t, dir, "manifests/x.yaml", "a: b") }, "it has no kind"},
		"a manifest holds two objects":   {func(t *testing.T, dir string) { write(t, dir, "manifests/x.yaml", "kind: A\n---\nkind: B\n") }, "more than one object"},
		"there is a folder of manifests": {func(t *testing.T, dir string) { require.NoError(t, os.Mkdir(filepath.Join(dir, "manifests/x"), 0o750)) }, "read x"},
		"the CSV has another form":       {func(t *testing.T, dir string) { edit(t, dir, csvFile, "  version: 0.2.0", "  version: [0]") }, "clusterserviceversion.yaml"},
		"the version is not one":         {func(t *testing.T, dir string) { edit(t, dir, csvFile, "  version: 0.2.0", "  version: two") }, "clusterserviceversion.yaml"},
		"a definition has another form":  {func(t *testing.T, dir string) { edit(t, dir, jobsFile, "scope: Namespaced", "scope: []") }, "notebookvalidationjobs.yaml"},
		"a role has another form":        {func(t *testing.T, dir string) { edit(t, dir, roleFile, "[/metrics]", "/metrics") }, "reader_clusterrole.yaml"},
		"the examples are not JSON":      {func(t *testing.T, dir string) { edit(t, dir, csvFile, "      [\n", "      [,\n") }, "alm-examples"},
		"the examples are no list": {func(t *testing.T, dir string) {
			edit(t, dir, csvFile, "alm-examples: |-\n", "alm-examples: '{}'\n    other: |-\n")
		}, "alm-examples"},
		"an example is null":               {func(t *testing.T, dir string) { edit(t, dir, csvFile, "      [\n", "      [null,\n") }, "example 0 lacks"},
		"an example has no name":           {func(t *testing.T, dir string) { edit(t, dir, csvFile, `{"name": "squares"}`, `{}`) }, "example 0 lacks"},
		"an example has a name of its own": {func(t *testing.T, dir string) { edit(t, dir, csvFile, `{"name": "squares"}`, `[]`) }, "example 0 lacks"},
		"the annotations are not YAML":     {func(t *testing.T, dir string) { write(t, dir, metaFile, "annotations: [") }, "read the annotations"},
		"the annotations are a list":       {func(t *testing.T, dir string) { write(t, dir, metaFile, "annotations: [a]") }, "read the annotations"},
		"the Dockerfile is not one":        {func(t *testing.T, dir string) { write(t, dir, dockerfileName, "FROM scratch\nLABEL a\n") }, "bundle.Dockerfile"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t)
			test.spoil(t, dir)
			bundle, err := Load(dir)
			require.ErrorContains(t, err, test.want)
			tryAll(bundle)
			for _, check := range Names() {
				result := run(t.Context(), check, dir, noCluster)
				assert.Equal(t, v1alpha3.ErrorState, result.State, check)
				assert.Contains(t, strings.Join(result.Errors, "\n"), test.want)
			}
		})
	}
}

func write(t *testing.T, dir, file, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600))
}

func noCluster() (Cluster, error) { return Cluster{}, errors.New("nobody answers") }

// tryAll makes every check that needs no cluster, on whatever could be loaded.
func tryAll(bundle *Bundle) {
	for _, check := range offline {
		check(bundle)
	}
	exampleShapes(bundle)
}

func TestNoCheckPassesOnAnEmptyBundle(t *testing.T) {
	for name, check := range offline {
		result := check(&Bundle{})
		if name == NameReasons {
			continue // what the CSV does not own needs no examples; Conditions fails
		}
		assert.Equal(t, v1alpha3.FailState, result.State, name)
	}
	assert.Equal(t, v1alpha3.FailState, ExamplesSucceed(t.Context(), &Bundle{}, Cluster{}).State)
	assert.Equal(t, v1alpha3.FailState, ExamplesSchema(t.Context(), &Bundle{}, Cluster{}).State)
}

func TestRun(t *testing.T) {
	tests := map[string]struct {
		name  string
		state v1alpha3.State
		want  string
	}{
		"a check without a cluster":            {name: NameChannels, state: v1alpha3.PassState},
		"a check that needs a cluster":         {name: NameExamplesSchema, state: v1alpha3.ErrorState, want: "connect to the cluster: nobody answers"},
		"a check that there is not":            {name: "spelling", state: v1alpha3.FailState, want: `there is no test "spelling"`},
		"no name, as in a configuration's gap": {name: "", state: v1alpha3.FailState, want: `there is no test ""`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status := Run(context.Background(), test.name, soundBundle, noCluster)
			require.Len(t, status.Results, 1)
			assert.Equal(t, test.name, status.Results[0].Name)
			assert.Equal(t, test.state, status.Results[0].State)
			assert.Contains(t, strings.Join(status.Results[0].Errors, "\n"), test.want)
		})
	}
}

func TestUndocumented(t *testing.T) {
	const page = "# Reasons\n\n## Types\n\n| `Ready` | is. |\n\n## Reasons of X\n\n| name | is set |\n|---|---|\n| `A` | when a. |\n| `B` | |\n"
	assert.Empty(t, undocumented([]string{"A"}, strings.Replace(page, "| `B` | |\n", "", 1)))
	assert.Equal(t, []string{"reason B is not documented", "reason C is not documented"}, undocumented([]string{"A", "B", "C"}, page))
	assert.Equal(t, []string{"reason Ready is not documented", "the documentation explains A, which is not a reason",
		"the documentation explains B, which is not a reason"}, undocumented([]string{"Ready"}, page))
	assert.Len(t, undocumented(reasons, ""), len(reasons))
}

func FuzzLoad(f *testing.F) {
	for _, file := range []string{csvFile, jobsFile, roleFile, metaFile} {
		content, err := os.ReadFile(filepath.Join(soundBundle, file))
		require.NoError(f, err)
		f.Add(content, []byte("LABEL a=b"))
	}
	f.Fuzz(func(t *testing.T, manifest, dockerfile []byte) {
		dir := copyOf(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, csvFile), manifest, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, metaFile), manifest, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, dockerfileName), dockerfile, 0o600))
		bundle, _ := Load(dir) // whatever it says, nothing may panic
		tryAll(bundle)
	})
}
