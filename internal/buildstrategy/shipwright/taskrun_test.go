package shipwright_test

import (
	"context"
	"strings"
	"testing"

	buildv1beta1 "github.com/shipwright-io/build/pkg/apis/build/v1beta1"
	"github.com/shipwright-io/build/pkg/config"
	"github.com/shipwright-io/build/pkg/reconciler/buildrun/resources"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	pipelinev1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	"github.com/tektoncd/pipeline/pkg/container"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

// taskRun is what Shipwright's own code makes of a BuildRun and its manifest.
func taskRun(t *testing.T, run *buildv1beta1.BuildRun) *pipelinev1.TaskRun {
	t.Helper()
	s := strategyOf(t, run)
	build := &buildv1beta1.Build{Spec: *run.Spec.Build.Spec}
	made, err := resources.GenerateTaskRun(config.NewDefaultConfig(), build, run, "default", s)
	require.NoError(t, err)
	return made
}

// steps are those that Tekton's own code makes of the TaskRun's parameters.
func steps(run *pipelinev1.TaskRun) []pipelinev1.Step {
	texts, arrays := map[string]string{}, map[string][]string{}
	set := func(name string, value pipelinev1.ParamValue) {
		texts["params."+name], arrays["params."+name] = value.StringVal, value.ArrayVal
	}
	for _, param := range run.Spec.TaskSpec.Params {
		if param.Default != nil {
			set(param.Name, *param.Default)
		}
	}
	for _, param := range run.Spec.Params {
		set(param.Name, param.Value)
	}
	for name, array := range arrays {
		if array == nil {
			delete(arrays, name)
		} else {
			delete(texts, name)
		}
	}
	made := run.Spec.TaskSpec.Steps
	for i := range made {
		container.ApplyStepReplacements(&made[i], texts, arrays)
	}
	return made
}

func TestShipwrightMakesATaskRunThatTektonAdmits(t *testing.T) {
	for name, edits := range map[string][]edit{
		"a generated Dockerfile": nil, "everything": {everything, privileged}, "an own Dockerfile": {ownDockerfile},
	} {
		t.Run(name, func(t *testing.T) {
			run := taskRun(t, buildRun(t, edits...))
			run.Name = "made"
			run.SetDefaults(context.Background())
			if err := run.Validate(context.Background()); err != nil {
				assert.NoError(t, err)
			}
			require.Len(t, run.Spec.TaskSpec.Steps, 2, "no step of Shipwright's own")
			in := inputs(edits...)
			assert.Equal(t, in.Timeout, run.Spec.Timeout.Duration)
			if len(in.Tolerations) > 0 {
				assert.Len(t, run.Spec.PodTemplate.Tolerations, len(in.Tolerations))
				assert.Equal(t, in.NodeSelector, run.Spec.PodTemplate.NodeSelector)
			}
		})
	}
}

// docs/shipwright.md says so; what it tells of the token is to be changed where Shipwright comes to have a setting for it.
func TestOnlyTheAccountItselfDecidesOfItsTokenInThePod(t *testing.T) {
	for name, edits := range map[string][]edit{"without a pod template": nil, "with one": {everything}} {
		t.Run(name, func(t *testing.T) {
			run := taskRun(t, buildRun(t, edits...))
			assert.Equal(t, "default", run.Spec.ServiceAccountName)
			if template := run.Spec.PodTemplate; template != nil {
				assert.Nil(t, template.AutomountServiceAccountToken)
			}
		})
	}
}

// What arrives is what the containers of every build get, after them the places of Shipwright's results.
func TestTheArgumentsArriveAsTheyWere(t *testing.T) {
	odd := func(in *buildstrategy.Inputs) {
		in.Source.Ref, in.NotebookPath = "--odd $x", "a b/$HOME/`id`; 'x' \" $$.ipynb"
	}
	for name, edits := range map[string][]edit{
		"a generated Dockerfile": nil, "everything": {everything}, "an own Dockerfile": {ownDockerfile}, "odd values": {odd},
	} {
		t.Run(name, func(t *testing.T) {
			in := inputs(edits...)
			asked := buildpod.Asked{Timeout: buildpod.OwnTimeout(in.Timeout)}
			made := steps(taskRun(t, buildRun(t, edits...)))
			for i, want := range []corev1.Container{buildpod.FetchContainer(in, asked), buildpod.BuildContainer(in, asked)} {
				require.Greater(t, len(made[i].Args), len(want.Args))
				assert.Equal(t, want.Args, made[i].Args[:len(want.Args)])
				assert.Equal(t, want.Image, made[i].Image)
				for _, added := range made[i].Args[len(want.Args):] {
					assert.Regexp(t, `^--([a-z-]+-file=\$\(results\.shp-[a-z-]+\.path\)|dockerfile-env=[A-Z_]+)$`, added)
				}
			}
		})
	}
}

func TestTheDockerfileComesFromItsConfigMapAndIsNotLookedAtOnTheWay(t *testing.T) {
	build := steps(taskRun(t, buildRun(t)))[1]
	variables := map[string]corev1.EnvVar{}
	for _, variable := range build.Env {
		variables[variable.Name] = variable
	}
	text := variables["NOTEBOOK_VALIDATOR_DOCKERFILE"].Value
	require.True(t, strings.HasPrefix(text, "$(") && strings.HasSuffix(text, ")"), text)
	from := variables[text[2:len(text)-1]]
	require.NotNil(t, from.ValueFrom)
	assert.Equal(t, "iris-build-1", from.ValueFrom.ConfigMapKeyRef.Name)
	assert.Equal(t, "Dockerfile", from.ValueFrom.ConfigMapKeyRef.Key)
	assert.Less(t, nameIndex(build.Env, from.Name), nameIndex(build.Env, "NOTEBOOK_VALIDATOR_DOCKERFILE"), "or the node expands nothing")
	for _, other := range steps(taskRun(t, buildRun(t, ownDockerfile)))[1].Env {
		assert.Empty(t, other.Value, "an own Dockerfile lies in the source")
	}
}

func nameIndex(variables []corev1.EnvVar, name string) int {
	for i, variable := range variables {
		if variable.Name == name {
			return i
		}
	}
	return -1
}
