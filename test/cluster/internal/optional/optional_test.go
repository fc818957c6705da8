package optional

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/component"
)

const registry = "198.51.100.2:5000/library/"

// bell is a system with a kind, a webhook configuration and one program.
var bell = System{Name: "bell", Namespace: "bell", Component: component.Component{Name: "bell"}, Module: "example.com/bell", Folders: []string{"config/crds", "config"}, ShellFlags: []string{"-shell-image"}}

const bellKind = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: bells.example.com}
spec: {conversion: {strategy: Webhook}}
`

const bellProgram = `# a comment before the first object
---
apiVersion: v1
kind: Namespace
metadata: {name: bell}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ringer, namespace: bell}
spec:
  template:
    spec:
      containers:
      - name: ringer
        image: ko://example.com/bell/cmd/ringer
        args: ["-tone-image", "ko://example.com/bell/cmd/tone", "-shell-image", "elsewhere.example.com/shell@sha256:1", "-loud"]
        env: [{name: TONE, value: "ko://example.com/bell/cmd/tone"}]
        resources: {requests: {cpu: "2"}, limits: {cpu: "4"}}
        readinessProbe: {httpGet: {path: /ready}, initialDelaySeconds: 30, periodSeconds: 10}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: bell}
`

// module writes the files of a module of manifests and returns its folder.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

func bellModule(t *testing.T) string {
	t.Helper()
	return module(t, map[string]string{
		"config/crds/bells.yaml": bellKind, "config/program.yaml": bellProgram, "config/scaler.yaml": "kind: Unwanted\n", "config/README.md": "no manifest",
	})
}

func bellAdapter(system System) adapter {
	return adapter{
		system: system, registry: registry, shell: registry + "shell@sha256:5",
		images: map[string]string{"ringer": registry + "ringer@sha256:7", "tone": registry + "tone@sha256:8"},
	}
}

func TestTheManifestsAreReadInOrderAndWithoutWhatIsLeftOut(t *testing.T) {
	system := bell
	system.Without = []string{"scaler.yaml"}

	all, err := system.read(bellModule(t), nil)

	require.NoError(t, err)
	assert.Equal(t, []string{"customresourcedefinition/bells.example.com", "namespace/bell", "deployment/ringer", "validatingwebhookconfiguration/bell"}, all.names())
}

func TestAFolderWithoutManifestsIsAnError(t *testing.T) {
	_, err := bell.read(module(t, map[string]string{"config/program.yaml": bellProgram}), nil)

	require.ErrorContains(t, err, "no manifests in config/crds")
}

func TestAManifestThatCannotBeReadIsNamed(t *testing.T) {
	_, err := bell.read(module(t, map[string]string{"config/crds/bells.yaml": "a: [", "config/program.yaml": bellProgram}), nil)

	require.ErrorContains(t, err, "bells.yaml")
}

func TestAProgramRunsFromTheClustersImagesAndAsksForLittle(t *testing.T) {
	all, err := bell.read(bellModule(t), nil)
	require.NoError(t, err)

	require.NoError(t, bellAdapter(bell).adapt(all))

	containers, _, err := unstructured.NestedSlice(all.of("Deployment")[0].Object, "spec", "template", "spec", "containers")
	require.NoError(t, err)
	require.Len(t, containers, 1)
	container := containers[0].(map[string]any)
	assert.Equal(t, registry+"ringer@sha256:7", container["image"])
	assert.Equal(t, []any{"-tone-image", registry + "tone@sha256:8", "-shell-image", registry + "shell@sha256:5", "-loud"}, container["args"])
	assert.Equal(t, []any{map[string]any{"name": "TONE", "value": registry + "tone@sha256:8"}}, container["env"])
	assert.Equal(t, map[string]any{"requests": map[string]any{"cpu": "10m", "memory": "48Mi"}}, container["resources"])
	assert.Equal(t, map[string]any{"httpGet": map[string]any{"path": "/ready"}, "initialDelaySeconds": int64(0), "periodSeconds": int64(1)}, container["readinessProbe"])
	grace, found, err := unstructured.NestedInt64(all.of("Deployment")[0].Object, "spec", "template", "spec", "terminationGracePeriodSeconds")
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, int64(2), grace)
}

func TestOnlyASystemThatSaysSoHasItsKindsWithoutConversion(t *testing.T) {
	for single, want := range map[bool]string{true: "None", false: "Webhook"} {
		system := bell
		system.SingleVersion = single
		all, err := system.read(bellModule(t), nil)
		require.NoError(t, err)

		require.NoError(t, bellAdapter(system).adapt(all))

		strategy, _, err := unstructured.NestedString(all.of("CustomResourceDefinition")[0].Object, "spec", "conversion", "strategy")
		require.NoError(t, err)
		assert.Equal(t, want, strategy)
	}
}

func TestWhatTheClusterCannotPullIsRefusedAtOnce(t *testing.T) {
	for name, test := range map[string]struct{ from, to, complaint string }{
		"a program that was not built": {"cmd/ringer", "cmd/drummer", "no image was made of ko://example.com/bell/cmd/drummer"},
		"a package of another module":  {"ko://example.com/bell/cmd/tone", "ko://example.org/other/cmd/tone", "no image was made of ko://example.org/other/cmd/tone"},
		"an image from elsewhere":      {"image: ko://example.com/bell/cmd/ringer", "image: elsewhere.example.com/ringer", `"elsewhere.example.com/ringer" is not in the cluster's registry`},
		"a flag and its image in one":  {`"-loud"`, `"--serverImage=elsewhere.example.com/server"`, "of its flag --serverImage is not in the cluster's registry"},
		"a flag that nobody gave":      {"-shell-image", "-new-image", "of its flag -new-image is not in the cluster's registry"},
		"containers somewhere else":    {"containers:", "contents:", "it has no spec.template.spec.containers"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(bellProgram, test.from, test.to, 1)
			all, err := bell.read(module(t, map[string]string{"config/crds/bells.yaml": bellKind, "config/program.yaml": changed}), nil)
			require.NoError(t, err)

			err = bellAdapter(bell).adapt(all)

			require.ErrorContains(t, err, test.complaint)
			assert.ErrorContains(t, err, "Deployment ringer")
		})
	}
}

func TestEveryProgramBecomesAnImageInTheFolderOfItsKind(t *testing.T) {
	system := System{Name: "bell", Folder: "app", Packages: map[string][]string{"tone": {"sox"}}, Writable: []string{"tmp"}}
	programs := module(t, map[string]string{"tone": "binary", "bell-ringer": "binary"})

	recipes, err := system.Recipes(programs, "v1.2.3")

	require.NoError(t, err)
	require.Len(t, recipes, 2)
	assert.Equal(t, []string{"bell-ringer", "bell-tone"}, []string{recipes[0].Name, recipes[1].Name})
	assert.Equal(t, "app", recipes[1].Folder)
	assert.Equal(t, "v1.2.3", recipes[1].Tag)
	assert.Equal(t, []string{"sox"}, recipes[1].Packages)
	assert.Empty(t, recipes[0].Packages)

	described := system.Describe(recipes, "v1.2.3", map[string]string{"bell-ringer": "ref/ringer", "bell-tone": "ref/tone"})
	assert.Equal(t, map[string]string{"bell-ringer": "ref/ringer", "tone": "ref/tone"}, described.Images)
}

func TestProgramsThatGoTogetherAreInTheImageOfOneOfThem(t *testing.T) {
	system := System{Name: "bell", Folder: "bin", Together: "bell", User: "1001"}
	programs := module(t, map[string]string{"bell": "binary", "tone": "binary"})

	recipes, err := system.Recipes(programs, "v1.2.3")

	require.NoError(t, err)
	require.Len(t, recipes, 1)
	assert.Equal(t, "bell", recipes[0].Name)
	assert.Equal(t, filepath.Join(programs, "bell"), recipes[0].Program)
	assert.Equal(t, map[string]string{"bin/tone": filepath.Join(programs, "tone")}, recipes[0].Beside)
	assert.Equal(t, "1001", recipes[0].User)
	described := system.Describe(recipes, "v1.2.3", map[string]string{"bell": "ref/bell"})
	assert.Equal(t, map[string]string{"bell": "ref/bell"}, described.Images)
}

func TestAnUnknownSystemIsAnsweredWithTheKnownOnes(t *testing.T) {
	_, err := Find("jenkins")

	require.EqualError(t, err, `there is no "jenkins" to install; choose one of tekton, shipwright, olm`)
}

func TestWhatASystemRunsOnIsASystemToo(t *testing.T) {
	for _, system := range Systems() {
		if system.On == "" {
			continue
		}
		below, err := Find(system.On)
		require.NoError(t, err)
		assert.True(t, slices.ContainsFunc(below.dependents(), func(other System) bool { return other.Name == system.Name }))
	}
}

func TestAClusterFromBeforeSaysHowToGetThePrograms(t *testing.T) {
	err := Cluster{Env: &clusterenv.Env{}}.Remove(System{Name: "bell"})

	require.ErrorContains(t, err, "go run ./test/cluster up")
}

func TestTheWebhookHasToCompleteAndToRefuse(t *testing.T) {
	denied := errors.New(`admission webhook "v" denied the request`)
	for name, test := range map[string]struct {
		completed  string
		good, bad  error
		complained string
	}{
		"both at work":              {completed: "1h0m0s", bad: denied},
		"not reachable yet":         {good: errors.New("connection refused"), complained: "connection refused"},
		"no defaults":               {bad: denied, complained: "does not complete"},
		"everything is admitted":    {completed: "1h0m0s", complained: "does not refuse"},
		"refused for another cause": {completed: "1h0m0s", bad: errors.New("connection refused"), complained: "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			err := tektonAdmits(func(input string, _ ...string) (string, error) {
				if strings.Contains(input, `"image"`) {
					return test.completed, test.good
				}
				return "", test.bad
			})
			if test.complained == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.complained)
		})
	}
}
