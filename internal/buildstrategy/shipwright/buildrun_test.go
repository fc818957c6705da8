package shipwright_test

import (
	"strings"
	"testing"

	buildv1beta1 "github.com/shipwright-io/build/pkg/apis/build/v1beta1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/shipwright"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
	"mlops.dev/notebook-validator-operator/internal/testing/golden"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

type edit = func(*buildstrategy.Inputs)

func inputs(edits ...edit) buildstrategy.Inputs {
	plain := func(in *buildstrategy.Inputs) { in.Annotations = nil }
	return builders.Inputs(append([]edit{plain}, edits...)...)
}

// everything makes use of all that a BuildRun can carry.
func everything(in *buildstrategy.Inputs) {
	in.Source.URL, in.Source.CredentialsSecret, in.Source.InsecureIgnoreHostKey = "ssh://git@git.example.com/a.git", "git", true
	in.Registry = buildstrategy.Registry{PushSecret: "push", Insecure: true}
	in.ImageLabels = []buildstrategy.ImageLabel{{Name: "org.opencontainers.image.revision", Value: commit}, {Name: "price", Value: "5 $"}}
	in.ServiceAccountName, in.NodeSelector = "builder", map[string]string{"disk": "fast"}
	in.Tolerations = []corev1.Toleration{
		{Key: "build", Value: "only", Effect: corev1.TaintEffectNoSchedule},
		{Key: "gpu", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
	}
	in.Annotations = map[string]string{"a": "b"}
}

func ownDockerfile(in *buildstrategy.Inputs) {
	in.DockerfileConfigMap, in.DockerfileKey, in.BaseImage, in.DockerfilePath, in.ContextDir = "", "", "", "docker/Own file", "docker"
}

func privileged(in *buildstrategy.Inputs) { in.Privileged = true }

func buildRun(t *testing.T, edits ...edit) *buildv1beta1.BuildRun {
	t.Helper()
	child, err := shipwright.Strategy{}.Child(inputs(edits...))
	require.NoError(t, err)
	require.IsType(t, shipwright.Strategy{}.NewChild(), child)
	return child.(*buildv1beta1.BuildRun)
}

func TestBuildRuns(t *testing.T) {
	tests := map[string][]edit{
		"generated-dockerfile": nil,
		"everything":           {everything, privileged},
		"own-dockerfile":       {ownDockerfile},
	}
	for name, edits := range tests {
		t.Run(name, func(t *testing.T) {
			golden.YAML(t, name, buildRun(t, edits...))
		})
	}
}

func TestTheSameInputsGiveTheSameBuildRun(t *testing.T) {
	assert.Equal(t, buildRun(t, everything), buildRun(t, everything))
}

func TestShipwrightItselfSeesNoSecret(t *testing.T) {
	spec := buildRun(t, everything).Spec.Build.Spec
	assert.Nil(t, spec.Source, "or Shipwright fetches by itself")
	assert.Nil(t, spec.Output.PushSecret, "or Shipwright adds it to the service account for good")
	assert.Empty(t, spec.Output.Labels, "or Shipwright pushes another image")
	assert.Empty(t, spec.Output.Annotations, "or Shipwright pushes another image")
}

func TestAnEmptyTolerationOperatorIsNamed(t *testing.T) {
	in := inputs(everything)
	spec := buildRun(t, everything).Spec.Build.Spec
	assert.Equal(t, corev1.TolerationOpEqual, spec.Tolerations[0].Operator)
	assert.Equal(t, corev1.TolerationOpExists, spec.Tolerations[1].Operator)
	assert.Empty(t, in.Tolerations[0].Operator, "the inputs stay as they are")
}

func TestInputsThatNoBuildRunCarries(t *testing.T) {
	const effect = corev1.TaintEffectNoSchedule
	tolerates := func(t ...corev1.Toleration) edit {
		return func(in *buildstrategy.Inputs) { in.Tolerations = t }
	}
	tests := map[string]struct {
		edit edit
		says string
	}{
		"an image that is none":          {func(in *buildstrategy.Inputs) { in.Image = "a b" }, "cannot be named"},
		"no builder image":               {func(in *buildstrategy.Inputs) { in.BuilderImage = "" }, "set both on the operator"},
		"no Dockerfile":                  {func(in *buildstrategy.Inputs) { in.DockerfileConfigMap = "" }, "needs a Dockerfile"},
		"a limit":                        {func(in *buildstrategy.Inputs) { in.Resources = memory(nil, "2Gi") }, "choose another build strategy"},
		"another request":                {func(in *buildstrategy.Inputs) { in.Resources = memory(ptr.To("1Gi"), "") }, "choose another build strategy"},
		"a toleration of everything":     {tolerates(corev1.Toleration{Operator: corev1.TolerationOpExists}), "without a key"},
		"a toleration of every effect":   {tolerates(corev1.Toleration{Key: "gpu"}), `NoSchedule and without tolerationSeconds, and that of "gpu"`},
		"a toleration of another effect": {tolerates(corev1.Toleration{Key: "gpu", Effect: corev1.TaintEffectNoExecute}), "NoSchedule"},
		"a toleration for some time":     {tolerates(corev1.Toleration{Key: "gpu", Effect: effect, TolerationSeconds: ptr.To[int64](1)}), "tolerationSeconds"},
		"two tolerations of one key":     {tolerates(corev1.Toleration{Key: "gpu", Value: "a", Effect: effect}, corev1.Toleration{Key: "gpu", Value: "b", Effect: effect}), "only one toleration"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := shipwright.Strategy{}.Child(inputs(test.edit))
			assert.ErrorContains(t, err, test.says)
		})
	}
}

func TestNobodySaysWhereTheImageGoes(t *testing.T) {
	_, err := shipwright.Strategy{}.Child(inputs(func(in *buildstrategy.Inputs) { in.Image = "" }))
	assert.ErrorIs(t, err, buildstrategy.ErrNoRegistry)
}

func TestTheOperatorsDefaultResourcesAreThoseOfTheStrategy(t *testing.T) {
	buildRun(t, func(in *buildstrategy.Inputs) {
		in.Resources = memory(ptr.To("512Mi"), "")
		in.Resources.Requests[corev1.ResourceCPU] = resource.MustParse("0.25")
		in.Resources.Limits = corev1.ResourceList{}
	})
}

func memory(request *string, limit string) corev1.ResourceRequirements {
	var r corev1.ResourceRequirements
	if request != nil {
		r.Requests = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(*request)}
	}
	if limit != "" {
		r.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(limit)}
	}
	return r
}

// Tekton replaces $(...) also inside of values, and in no order that could be relied on.
func TestNoValueHoldsAVariable(t *testing.T) {
	const hostile = "x$(params.operator-image)"
	tests := map[string]edit{
		"repository's address": func(in *buildstrategy.Inputs) { in.Source.URL = hostile },
		"ref":                  func(in *buildstrategy.Inputs) { in.Source.Ref = hostile },
		"commit":               func(in *buildstrategy.Inputs) { in.Source.Commit = hostile },
		"notebook's path":      func(in *buildstrategy.Inputs) { in.NotebookPath = hostile },
		"base image":           func(in *buildstrategy.Inputs) { in.BaseImage = hostile },
		"Dockerfile's key":     func(in *buildstrategy.Inputs) { in.DockerfileKey = hostile },
		"Dockerfile's path": func(in *buildstrategy.Inputs) {
			ownDockerfile(in)
			in.DockerfilePath = "a$$" + hostile
		},
		"build context": func(in *buildstrategy.Inputs) { in.ContextDir = hostile },
		"image's label": func(in *buildstrategy.Inputs) {
			in.ImageLabels = []buildstrategy.ImageLabel{{Name: "a", Value: hostile}}
		},
		"operator's image": func(in *buildstrategy.Inputs) { in.OperatorImage = hostile },
		"builder's image":  func(in *buildstrategy.Inputs) { in.BuilderImage = hostile },
	}
	for what, edit := range tests {
		t.Run(what, func(t *testing.T) {
			_, err := shipwright.Strategy{}.Child(inputs(edit))
			assert.ErrorContains(t, err, "the "+what)
			assert.ErrorContains(t, err, `has "$(" in it`)
		})
	}
}

// FuzzChild holds that whatever a stranger's values are, an argument is one value, and nothing is left to be replaced.
func FuzzChild(f *testing.F) {
	for _, seed := range []string{"", "a", "$", "$$", "$(", "$$(x)", "$ (x)", "a$(params.build-args[*])b", "--image=evil", "\x00", "\xff", "`id`; $HOME", strings.Repeat("$", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		child, err := shipwright.Strategy{}.Child(inputs(func(in *buildstrategy.Inputs) {
			in.Source.URL, in.Source.Ref, in.Source.Commit, in.NotebookPath, in.BaseImage = text, "r"+text, text, text, text
			in.ImageLabels = []buildstrategy.ImageLabel{{Name: "n", Value: text}}
		}))
		if err != nil {
			return
		}
		for _, param := range child.(*buildv1beta1.BuildRun).Spec.Build.Spec.ParamValues {
			for _, value := range param.Values {
				require.NotContains(t, *value.Value, "$(")
				require.NotContains(t, strings.ReplaceAll(*value.Value, "$$", ""), "$")
			}
		}
	})
}
