package shipwright_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	buildv1beta1 "github.com/shipwright-io/build/pkg/apis/build/v1beta1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

const (
	manifest           = "../../../config/shipwright/clusterbuildstrategy.yaml"
	privilegedManifest = "../../../config/shipwright/privileged/clusterbuildstrategy.yaml"
)

func strategy(t *testing.T, file string) buildv1beta1.ClusterBuildStrategy {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var s buildv1beta1.ClusterBuildStrategy
	require.NoError(t, yaml.UnmarshalStrict(data, &s))
	return s
}

// strategyOf is the manifest that a BuildRun asks for.
func strategyOf(t *testing.T, run *buildv1beta1.BuildRun) buildv1beta1.ClusterBuildStrategy {
	t.Helper()
	for _, file := range []string{manifest, privilegedManifest} {
		if s := strategy(t, file); s.Name == run.Spec.Build.Spec.Strategy.Name {
			assert.Equal(t, buildv1beta1.BuildStrategyKind(s.Kind), *run.Spec.Build.Spec.Strategy.Kind)
			assert.Equal(t, buildv1beta1.SchemeGroupVersion.String(), s.APIVersion)
			return s
		}
	}
	require.FailNow(t, "no manifest of that name", run.Spec.Build.Spec.Strategy.Name)
	return buildv1beta1.ClusterBuildStrategy{}
}

// defined tells of each parameter whether it is an array, and which have no default.
func defined(s buildv1beta1.ClusterBuildStrategy) (isArray map[string]bool, required []string) {
	isArray = map[string]bool{}
	for _, p := range s.Spec.Parameters {
		isArray[p.Name] = p.Type == buildv1beta1.ParameterTypeArray
		if p.Default == nil && p.Defaults == nil {
			required = append(required, p.Name)
		}
	}
	return isArray, required
}

func TestABuildRunSetsTheParametersOfItsStrategyAndNoOthers(t *testing.T) {
	ever := map[string]bool{}
	for name, edits := range map[string][]edit{
		"a generated Dockerfile": nil, "everything": {everything, privileged}, "an own Dockerfile": {ownDockerfile},
	} {
		t.Run(name, func(t *testing.T) {
			run := buildRun(t, edits...)
			isArray, required := defined(strategyOf(t, run))
			set := map[string]bool{}
			for _, value := range run.Spec.Build.Spec.ParamValues {
				array, known := isArray[value.Name]
				require.True(t, known, value.Name)
				assert.Equal(t, array, value.Values != nil, value.Name)
				assert.Equal(t, array, value.SingleValue == nil, value.Name)
				set[value.Name], ever[value.Name] = true, true
			}
			for _, name := range required {
				assert.Contains(t, set, name)
			}
		})
	}
	isArray, _ := defined(strategy(t, manifest))
	for name := range isArray {
		assert.Contains(t, ever, name, "a parameter that no BuildRun sets")
	}
}

func TestEveryParameterIsUsed(t *testing.T) {
	s := strategy(t, manifest)
	steps, err := yaml.Marshal(s.Spec.Steps)
	require.NoError(t, err)
	for _, p := range s.Spec.Parameters {
		assert.Contains(t, string(steps), "$(params."+p.Name)
	}
}

func TestASecretTakesThePlaceOfAVolumeThatMayBeOverridden(t *testing.T) {
	run := buildRun(t, everything)
	s := strategyOf(t, run)
	var overridden, overridable []string
	for _, volume := range run.Spec.Build.Spec.Volumes {
		assert.NotNil(t, volume.Secret)
		overridden = append(overridden, volume.Name)
	}
	for _, volume := range s.Spec.Volumes {
		assert.NotNil(t, volume.EmptyDir, volume.Name)
		if volume.Overridable != nil && *volume.Overridable {
			overridable = append(overridable, volume.Name)
		}
	}
	assert.ElementsMatch(t, overridable, overridden)
}

// The containers of every build and the steps of the strategy differ in nothing but what Shipwright makes different.
func TestTheStepsAreTheContainersOfEveryBuild(t *testing.T) {
	for file, edits := range map[string][]edit{manifest: {everything}, privilegedManifest: {everything, privileged}} {
		t.Run(file, func(t *testing.T) {
			in := inputs(edits...)
			steps := strategy(t, file).Spec.Steps
			containers := []corev1.Container{buildpod.FetchContainer(in, buildpod.Asked{}), buildpod.BuildContainer(in, buildpod.Asked{})}
			require.Len(t, steps, len(containers))
			for i, container := range containers {
				assert.Equal(t, container.Name, steps[i].Name)
				assert.Equal(t, container.SecurityContext, steps[i].SecurityContext)
				for _, mount := range container.VolumeMounts {
					if mount.Name == "workspace" || mount.Name == "dockerfile" {
						mount.ReadOnly = false // Shipwright's own volume is mounted inside, and the text is written there
					}
					assert.Contains(t, steps[i].VolumeMounts, mount)
				}
			}
			assert.Equal(t, []string{"/notebook-validator"}, steps[0].Command, "the entry point of the operator's image")
			assert.Equal(t, containers[1].Command, steps[1].Command)
		})
	}
}

func TestOnlyFetchSeesTheGitSecretAndOnlyBuildThePushSecret(t *testing.T) {
	sees := map[string][]string{}
	for _, step := range strategy(t, manifest).Spec.Steps {
		for _, mount := range step.VolumeMounts {
			if strings.HasSuffix(mount.Name, "-credentials") {
				assert.True(t, mount.ReadOnly, mount.Name)
				sees[mount.Name] = append(sees[mount.Name], step.Name)
			}
		}
	}
	assert.Equal(t, map[string][]string{"git-credentials": {"fetch"}, "registry-credentials": {"build"}}, sees)
}

func TestNoStepHasAShell(t *testing.T) {
	for _, step := range strategy(t, manifest).Spec.Steps {
		require.Len(t, step.Command, 1)
		assert.True(t, strings.HasSuffix(step.Command[0], "/notebook-validator"), step.Command)
	}
}

func TestThePrivilegedStrategyDiffersInNothingElse(t *testing.T) {
	plain, other := strategy(t, manifest), strategy(t, privilegedManifest)
	build := slices.IndexFunc(other.Spec.Steps, func(s buildv1beta1.Step) bool { return s.Name == "build" })
	require.True(t, *other.Spec.Steps[build].SecurityContext.Privileged)
	other.Spec.Steps[build].SecurityContext.Privileged = nil
	other.Name = plain.Name
	assert.Equal(t, plain, other)
}
