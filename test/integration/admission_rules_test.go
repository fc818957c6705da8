package integration

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestAdmissionOfWholeSpecs(t *testing.T) {
	t.Parallel()
	const (
		sayImage  = "set podConfig.containerImage, or podConfig.buildConfig.enabled to have an image built"
		sayVolume = "volume names that begin with nbv- are taken by the validator; choose another name"
		sayMount  = "/workspace is taken by the validator; mount the volume elsewhere"
		sayOwn    = "volumes whose names begin with nbv- are the validator's own; mount one of podConfig.volumes"
		sayPath   = "mountPath must be an absolute path without '//', '.' or '..'"
		saySource = "requirementsSources must be paths inside the repository, relative to its root"
	)
	emptyDir := func(name string) any { return map[string]any{"name": name, "emptyDir": map[string]any{}} }
	mount := func(name, path string) any { return map[string]any{"name": name, "mountPath": path} }
	for name, c := range map[string]struct {
		podConfig map[string]any
		says      string // empty where it is admitted
	}{
		"an image":                    {podConfig: map[string]any{"containerImage": "a:1"}},
		"a build":                     {podConfig: map[string]any{"buildConfig": map[string]any{"enabled": true}}},
		"an image and a build":        {podConfig: map[string]any{"containerImage": "a:1", "buildConfig": map[string]any{"enabled": true}}},
		"neither image nor build":     {podConfig: map[string]any{}, says: sayImage},
		"a build that is off":         {podConfig: map[string]any{"buildConfig": map[string]any{"enabled": false}}, says: sayImage},
		"a build that is not said on": {podConfig: map[string]any{"buildConfig": map[string]any{"baseImage": "a"}}, says: sayImage},
		"a volume": {podConfig: map[string]any{"containerImage": "a", "volumes": []any{emptyDir("data")},
			"volumeMounts": []any{mount("data", "/data")}}},
		"a volume of the validator's name": {podConfig: map[string]any{"containerImage": "a", "volumes": []any{emptyDir("nbv-out")}}, says: sayVolume},
		"a mount over the workspace":       {podConfig: map[string]any{"containerImage": "a", "volumeMounts": []any{mount("data", "/workspace")}}, says: sayMount},
		"a mount in the workspace":         {podConfig: map[string]any{"containerImage": "a", "volumeMounts": []any{mount("data", "/workspace/tools")}}, says: sayMount},
		"a mount of the validator's volume": {podConfig: map[string]any{"containerImage": "a",
			"volumeMounts": []any{mount("nbv-git-credentials", "/stolen")}}, says: sayOwn},
		"a mount by a way round":       {podConfig: mounted("/data/../workspace/tools"), says: sayPath},
		"a mount by a way up":          {podConfig: mounted("/workspace/tools/.."), says: sayPath},
		"a mount by a dot":             {podConfig: mounted("/./workspace"), says: sayPath},
		"a mount by a dot at last":     {podConfig: mounted("/workspace/."), says: sayPath},
		"a mount by two slashes":       {podConfig: mounted("//workspace"), says: sayPath},
		"a mount that is relative":     {podConfig: mounted("workspace"), says: sayPath},
		"a mount with a slash last":    {podConfig: mounted("/data/")},
		"a mount of a hidden place":    {podConfig: mounted("/home/a/.cache/..b")},
		"too many mounts":              {podConfig: mountedMany(31), says: "must have at most 30 items"},
		"as many mounts as may be":     {podConfig: mountedMany(30)},
		"a mount beside the workspace": {podConfig: map[string]any{"containerImage": "a", "volumeMounts": []any{mount("data", "/workspaces")}}},
		"sources of requirements":      {podConfig: builtWith("requirementsSources", []any{"a.txt", "b/c.txt"})},
		"a source that is absolute":    {podConfig: builtWith("requirementsSources", []any{"a.txt", "/etc/passwd"}), says: saySource},
		"a source outside":             {podConfig: builtWith("requirementsSources", []any{"../a.txt"}), says: saySource},
		"a source with a NUL":          {podConfig: builtWith("requirementsSources", []any{"a\x00"}), says: saySource},
		"too many sources":             {podConfig: builtWith("requirementsSources", repeated("a.txt", 17)), says: "must have at most 16 items"},
		"a source of a megabyte":       {podConfig: builtWith("requirementsSources", []any{many("a", 1<<20)}), says: sayTooLong},
		"two variables of one name": {podConfig: map[string]any{"containerImage": "a", "env": []any{
			map[string]any{"name": "A", "value": "1"}, map[string]any{"name": "A", "value": "2"}}}, says: "Duplicate value"},
		"an account of a megabyte": {podConfig: map[string]any{"containerImage": "a", "serviceAccountName": many("a", 1<<20)}, says: sayTooLong},
		"an empty credential":      {podConfig: map[string]any{"containerImage": "a", "credentials": []any{""}}, says: "should be at least 1 chars long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			object := fromManifest(t, jobManifest, newNamespace(t))
			set(t, object, "spec.podConfig", c.podConfig)
			err := create(t, object)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.True(t, apierrors.IsInvalid(err), "%v", err)
			assert.ErrorContains(t, err, c.says)
		})
	}
}

func builtWith(field string, value any) map[string]any {
	return map[string]any{"buildConfig": map[string]any{"enabled": true, field: value}}
}

func mounted(paths ...string) map[string]any {
	var mounts []any
	for _, path := range paths {
		mounts = append(mounts, map[string]any{"name": "data", "mountPath": path})
	}
	return map[string]any{"containerImage": "a", "volumeMounts": mounts}
}

func mountedMany(n int) map[string]any {
	var paths []string
	for i := range n {
		paths = append(paths, fmt.Sprintf("/data/%d", i))
	}
	return mounted(paths...)
}

func repeated(value any, n int) []any {
	all := make([]any, n)
	for i := range all {
		all[i] = value
	}
	return all
}

func TestUnknownFieldIsRefusedByName(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	for manifest, path := range map[string]string{jobManifest: "spec.podConfig.buildConfig.requirementFile", buildManifest: "spec.requirementFile"} {
		object := fromManifest(t, manifest, namespace)
		set(t, object, path, "requirements.txt")
		err := create(t, object)
		require.True(t, apierrors.IsBadRequest(err), "%v", err)
		assert.ErrorContains(t, err, `unknown field "`+path+`"`)
	}
}

func TestSpecOfABuildCannotBeChanged(t *testing.T) {
	t.Parallel()
	object := fromManifest(t, buildManifest, newNamespace(t))
	require.NoError(t, create(t, object))
	for path, value := range map[string]any{"spec.git.ref": "other", "spec.notebookPath": "other.ipynb", "spec.timeout": "16m", "spec.baseImage": "a"} {
		changed := object.DeepCopy()
		set(t, changed, path, value)
		err := kube.Update(t.Context(), changed)
		require.True(t, apierrors.IsInvalid(err), "%s: %v", path, err)
		assert.ErrorContains(t, err, "the spec of a NotebookBuild cannot be changed; create another NotebookBuild")
	}
	object.SetLabels(map[string]string{"team": "a"})
	assert.NoError(t, kube.Update(t.Context(), object), "what is not the spec may be changed")
}

func TestDefaultsAreFilledIn(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	job, made := fromManifest(t, jobManifest, namespace), fromManifest(t, buildManifest, namespace)
	set(t, job, "spec.podConfig.buildConfig.enabled", true)
	require.NoError(t, create(t, job))
	require.NoError(t, create(t, made))
	assertFields(t, job, map[string]any{
		"spec.timeout": "30m", "spec.notebook.git.ref": "HEAD", "spec.podConfig.buildConfig.strategy": "auto",
		"spec.podConfig.buildConfig.autoGenerateRequirements": true, "spec.podConfig.buildConfig.timeout": "15m",
	})
	assertFields(t, made, map[string]any{
		"spec.git.ref": "HEAD", "spec.strategy": "auto", "spec.autoGenerateRequirements": true, "spec.timeout": "15m",
	})
}

func TestFalseIsNotTakenForADefault(t *testing.T) {
	t.Parallel()
	job := fromManifest(t, jobManifest, newNamespace(t))
	set(t, job, "spec.podConfig.buildConfig.autoGenerateRequirements", false)
	require.NoError(t, create(t, job))
	assertFields(t, job, map[string]any{"spec.podConfig.buildConfig.autoGenerateRequirements": false})
}

// existing is a manifest that is in use, as far as its fields are in the API.
const existing = `
apiVersion: mlops.mlops.dev/v1alpha1
kind: NotebookValidationJob
metadata: {name: existing}
spec:
  notebook:
    git: {url: "https://git.example.com/team/notebooks.git", ref: main, credentialsSecret: git-credentials}
    path: notebooks/tier1-simple/01-hello.ipynb
  timeout: 30m
  podConfig:
    containerImage: registry.example.com/team/image:latest
    serviceAccountName: runner
    resources: {requests: {memory: 512Mi, cpu: 500m}, limits: {memory: 2Gi, cpu: "1"}}
    env:
    - {name: PLAIN, value: "1"}
    - {name: SECRET, valueFrom: {secretKeyRef: {name: a, key: b}}}
    envFrom: [{secretRef: {name: a}}, {configMapRef: {name: b}}]
    credentials: [aws-credentials, database]
    volumes:
    - {name: data, persistentVolumeClaim: {claimName: data}}
    - {name: scratch, emptyDir: {}}
    volumeMounts: [{name: data, mountPath: /data, readOnly: true}, {name: scratch, mountPath: /scratch}]
    tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]
    nodeSelector: {nvidia.com/gpu.present: "true"}
    affinity:
      nodeAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a]}]}]
    buildConfig:
      enabled: true
      strategy: auto
      baseImage: registry.example.com/python:3.12
      dockerfile: Dockerfile
      autoGenerateRequirements: true
      requirementsFile: requirements.txt
      requirementsSources: [notebooks/tier1-simple/requirements.txt, requirements.txt]
      preferDockerfile: true
      fallbackStrategy: auto
      timeout: 15m
  goldenNotebook:
    git: {url: "https://git.example.com/team/golden.git", ref: main, credentialsSecret: git-credentials}
    path: golden/01-hello.ipynb
  validationConfig:
    level: production
    strictMode: true
    requireExplicitExitCodes: true
    failOnStderr: false
    failOnWarnings: true
    checkOutputTypes: true
    detectSilentFailures: true
    verifyAssertions: true
    educationalMode: false
    expectedOutputs:
    - {cell: 3, type: pandas.DataFrame, shape: [100, 5]}
    - {cell: 5, type: float, range: [0.0, 1.5], notEmpty: true}
  comparisonConfig:
    strategy: normalized
    floatingPointTolerance: "0.0001"
    ignoreTimestamps: true
    ignoreExecutionCount: true
    customTimestampPatterns: ['\d{4}-\d{2}-\d{2}']
    ignoreOutputTypes: [image/png]
`

func TestExistingManifestAppliesUnchanged(t *testing.T) {
	t.Parallel()
	object := fromManifest(t, existing, newNamespace(t))
	object.SetGenerateName("")
	sent := object.DeepCopy()
	require.NoError(t, create(t, object))
	kept, _, err := unstructured.NestedMap(object.Object, "spec")
	require.NoError(t, err)
	assert.Equal(t, "reuse", remove(t, kept, "podConfig", "buildConfig", "cache"), "what is not said has a default")
	assert.Equal(t, "presence", remove(t, kept, "comparisonConfig", "images"), "what is not said has a default")
	assert.Equal(t, "fail", remove(t, kept, "unknownParameters"), "what is not said has a default")
	assert.JSONEq(t, asJSON(t, sent.Object["spec"]), asJSON(t, kept), "the API server dropped or changed something")
	again := sent.DeepCopy()
	err = kube.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(again), client.FieldOwner("kubectl"), client.ForceOwnership)
	assert.NoError(t, err, "kubectl apply --server-side")
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	return string(data)
}

// remove takes a field out of an object and returns what it was.
func remove(t *testing.T, object map[string]any, path ...string) any {
	t.Helper()
	value, _, err := unstructured.NestedFieldNoCopy(object, path...)
	require.NoError(t, err)
	unstructured.RemoveNestedField(object, path...)
	return value
}

func assertFields(t *testing.T, object *unstructured.Unstructured, want map[string]any) {
	t.Helper()
	for path, value := range want {
		is, _, err := unstructured.NestedFieldNoCopy(object.Object, strings.Split(path, ".")...)
		require.NoError(t, err)
		assert.Equal(t, value, is, path)
	}
}
