package tekton_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	tektonv1 "github.com/tektoncd/pipeline/pkg/apis/pipeline/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"knative.dev/pkg/apis"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/tekton"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
	"mlops.dev/notebook-validator-operator/internal/testing/golden"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

type editInputs = func(*buildstrategy.Inputs)

func inputs(edit ...editInputs) buildstrategy.Inputs { return builders.Inputs(edit...) }

func everything(in *buildstrategy.Inputs) {
	in.BaseImage, in.DockerfilePath, in.ContextDir = "", "docker/Own file", "docker"
	in.Source.URL, in.Source.CredentialsSecret, in.Source.InsecureIgnoreHostKey = "ssh://git@git.example.com/a.git", "git", true
	in.Registry = buildstrategy.Registry{PushSecret: "push", Insecure: true}
	in.ServiceAccountName, in.NodeSelector = "builder", map[string]string{"disk": "fast"}
	in.Tolerations = []corev1.Toleration{{Key: "builds", Operator: corev1.TolerationOpExists}}
	in.ImageLabels = []buildstrategy.ImageLabel{{Name: "org.opencontainers.image.revision", Value: commit}, {Name: "a", Value: "b $c"}}
	in.Privileged = true
	in.Timeout = 3 * time.Hour
	in.Resources = corev1.ResourceRequirements{
		Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("2Gi")},
		Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")},
	}
}

func pipelineRun(t *testing.T, edit ...editInputs) *tektonv1.PipelineRun {
	t.Helper()
	child, err := tekton.Strategy{}.Child(inputs(edit...))
	require.NoError(t, err)
	require.IsType(t, tekton.Strategy{}.NewChild(), child)
	return child.(*tektonv1.PipelineRun)
}

func taskSpec(run *tektonv1.PipelineRun) tektonv1.TaskSpec {
	return run.Spec.PipelineSpec.Tasks[0].TaskSpec.TaskSpec
}

func TestPipelineRuns(t *testing.T) {
	for name, edit := range map[string]editInputs{"generated-dockerfile": func(*buildstrategy.Inputs) {}, "everything": everything} {
		t.Run(name, func(t *testing.T) {
			golden.YAML(t, name, pipelineRun(t, edit))
		})
	}
}

func TestTektonTakesThePipelineRun(t *testing.T) {
	for name, edit := range map[string]editInputs{"generated Dockerfile": func(*buildstrategy.Inputs) {}, "everything": everything} {
		t.Run(name, func(t *testing.T) {
			run := pipelineRun(t, edit)
			ctx := apis.WithinCreate(context.Background())
			run.SetDefaults(ctx)
			assert.NoError(t, asError(run.Validate(ctx)))
		})
	}
}

// asError keeps a nil of Tekton's own kind of error from becoming an error that is not nil.
func asError(err *apis.FieldError) error {
	if err == nil {
		return nil
	}
	return err
}

func TestTheSameInputsGiveTheSamePipelineRun(t *testing.T) {
	assert.Equal(t, pipelineRun(t, everything), pipelineRun(t, everything))
}

func TestOnlyFetchSeesTheGitSecretAndOnlyBuildThePushSecret(t *testing.T) {
	run := pipelineRun(t, everything)
	spec := taskSpec(run)
	secretsOf := func(step tektonv1.Step) []string {
		var names []string
		for _, mount := range step.VolumeMounts {
			for _, volume := range spec.Volumes {
				if volume.Name == mount.Name && volume.Secret != nil {
					names = append(names, volume.Secret.SecretName)
				}
			}
		}
		return names
	}
	require.Len(t, spec.Steps, 2)
	assert.Equal(t, []string{"git"}, secretsOf(spec.Steps[0]))
	assert.Equal(t, []string{"push"}, secretsOf(spec.Steps[1]))
	assert.False(t, *run.Spec.TaskRunTemplate.PodTemplate.AutomountServiceAccountToken)
}

func TestNoTwoBuildsShareAVolumeThatTheyWrite(t *testing.T) {
	spec := taskSpec(pipelineRun(t, everything))
	for _, step := range spec.Steps {
		for _, mount := range step.VolumeMounts {
			for _, volume := range spec.Volumes {
				if volume.Name == mount.Name && !mount.ReadOnly {
					assert.NotNil(t, volume.EmptyDir, "volume %s", volume.Name)
				}
			}
		}
	}
	assert.Empty(t, spec.Workspaces)
}

func TestNothingIsRunByAShellOrLookedUpInARegistry(t *testing.T) {
	for _, step := range taskSpec(pipelineRun(t)).Steps {
		assert.Empty(t, step.Script)
		assert.Len(t, step.Command, 1, "step %s", step.Name)
		assert.True(t, strings.HasSuffix(step.Command[0], "/notebook-validator"), step.Command[0])
	}
}

func TestTheStepsKeepThePodSecurityStandards(t *testing.T) {
	steps := taskSpec(pipelineRun(t)).Steps
	fetch, build := steps[0].SecurityContext, steps[1].SecurityContext
	assert.True(t, *fetch.RunAsNonRoot)
	assert.False(t, *fetch.AllowPrivilegeEscalation)
	assert.Equal(t, []corev1.Capability{"ALL"}, fetch.Capabilities.Drop)
	assert.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, fetch.SeccompProfile.Type)
	assert.Nil(t, build.Privileged, "the baseline standard")
	assert.Nil(t, build.Capabilities)
	assert.True(t, *taskSpec(pipelineRun(t, everything)).Steps[1].SecurityContext.Privileged, "only where it is asked for")
}

func TestThePodAsksForTheResourcesOfTheBuildOnce(t *testing.T) {
	steps := taskSpec(pipelineRun(t, everything)).Steps
	sum := map[corev1.ResourceName]*resource.Quantity{}
	for _, step := range steps {
		for name, quantity := range step.ComputeResources.Requests {
			if sum[name] == nil {
				sum[name] = &resource.Quantity{}
			}
			sum[name].Add(quantity)
		}
	}
	require.Contains(t, sum, corev1.ResourceCPU)
	assert.True(t, sum[corev1.ResourceCPU].Equal(resource.MustParse("1")))
	assert.Equal(t, steps[1].ComputeResources.Limits, steps[0].ComputeResources.Limits)
	assert.Contains(t, steps[0].ComputeResources.Requests, corev1.ResourceMemory, "or the limit would be requested too")
}

func TestHostileValuesStayInsideTheirArgument(t *testing.T) {
	hostile := "x$$HOME ${HOME} `id` --image=evil\n; rm -rf / \"' ü $"
	steps := taskSpec(pipelineRun(t, func(in *buildstrategy.Inputs) {
		in.Source.URL, in.Source.Ref, in.Source.Commit, in.NotebookPath = hostile, "-"+hostile, hostile, hostile
		in.BaseImage, in.DockerfileKey, in.ContextDir = hostile, hostile, hostile
	})).Steps
	for i, ordinary := range taskSpec(pipelineRun(t)).Steps {
		args := steps[i].Args
		require.Len(t, args, len(ordinary.Args))
		for n := range args {
			flag, _, _ := strings.Cut(args[n], "=")
			plainFlag, _, _ := strings.Cut(ordinary.Args[n], "=")
			assert.Equal(t, plainFlag, flag)
			assert.NotContains(t, strings.ReplaceAll(args[n], "$$", ""), "$", "the node expands nothing")
		}
	}
	assert.Contains(t, steps[0].Args, "--url="+strings.ReplaceAll(hostile, "$", "$$"))
}

func TestInputsThatNoPipelineRunCanBuild(t *testing.T) {
	const variable = "$(context.taskRun.name)"
	tests := map[string]struct {
		edit editInputs
		says string
	}{
		"no place to push to":             {func(in *buildstrategy.Inputs) { in.Image = "" }, "start the operator with --registry"},
		"an image that is none":           {func(in *buildstrategy.Inputs) { in.Image = "a b" }, "cannot be named"},
		"no operator image":               {func(in *buildstrategy.Inputs) { in.OperatorImage = "" }, "set both on the operator"},
		"no timeout":                      {func(in *buildstrategy.Inputs) { in.Timeout = 0 }, "shorter than a second"},
		"no Dockerfile":                   {func(in *buildstrategy.Inputs) { in.DockerfileConfigMap = "" }, "needs a Dockerfile"},
		"an address with a NUL":           {func(in *buildstrategy.Inputs) { in.Source.URL = "a\x00b" }, "not valid text"},
		"a variable in the address":       {func(in *buildstrategy.Inputs) { in.Source.URL += variable }, "repository's address"},
		"a variable in the ref":           {func(in *buildstrategy.Inputs) { in.Source.Ref = variable }, "ref"},
		"a variable in the commit":        {func(in *buildstrategy.Inputs) { in.Source.Commit = variable }, "commit"},
		"a variable in the notebook":      {func(in *buildstrategy.Inputs) { in.NotebookPath = variable }, "notebook's path"},
		"a variable in the Dockerfile":    {func(in *buildstrategy.Inputs) { in.DockerfilePath = variable }, "Dockerfile's path"},
		"a variable in the key":           {func(in *buildstrategy.Inputs) { in.DockerfileKey = variable }, "Dockerfile's key"},
		"a variable in the context":       {func(in *buildstrategy.Inputs) { in.ContextDir = variable }, "build context"},
		"a variable in the base image":    {func(in *buildstrategy.Inputs) { in.BaseImage = variable }, "base image"},
		"a variable in a label":           {label(buildstrategy.ImageLabel{Name: "a", Value: variable}), "image's label"},
		"a variable in a label's name":    {label(buildstrategy.ImageLabel{Name: variable, Value: "a"}), "image's label"},
		"half a variable":                 {func(in *buildstrategy.Inputs) { in.NotebookPath = "a$(b.ipynb" }, "Tekton would replace"},
		"a variable in the builder image": {func(in *buildstrategy.Inputs) { in.BuilderImage = variable }, "builder's image"},
		"a variable in our own image":     {func(in *buildstrategy.Inputs) { in.OperatorImage = variable }, "operator's image"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := tekton.Strategy{}.Child(inputs(test.edit))
			assert.ErrorContains(t, err, test.says)
		})
	}
}

func label(label buildstrategy.ImageLabel) editInputs {
	return func(in *buildstrategy.Inputs) { in.ImageLabels = []buildstrategy.ImageLabel{label} }
}

// FuzzChild holds that what Tekton would replace never gets into a PipelineRun, whatever the inputs are.
func FuzzChild(f *testing.F) {
	for _, seed := range []string{"main", "$(params.x)", "$$(a)", "a$(", "$", "--x", "\x00", "\xff", "$\n(", "${a}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		child, err := tekton.Strategy{}.Child(inputs(func(in *buildstrategy.Inputs) {
			in.Source.URL, in.Source.Ref, in.NotebookPath, in.DockerfileKey = text, text, text, text
			in.ImageLabels = []buildstrategy.ImageLabel{{Name: text, Value: text}}
		}))
		if err != nil {
			return
		}
		for _, step := range taskSpec(child.(*tektonv1.PipelineRun)).Steps {
			for _, arg := range step.Args {
				require.NotContains(t, arg, "$(")
			}
		}
	})
}
