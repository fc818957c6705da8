package kubejob_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/kubejob"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
	"mlops.dev/notebook-validator-operator/internal/testing/golden"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

func inputs(edit ...func(*buildstrategy.Inputs)) buildstrategy.Inputs {
	limited := func(in *buildstrategy.Inputs) {
		in.Resources = corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("2Gi")}}
	}
	return builders.Inputs(append([]func(*buildstrategy.Inputs){limited}, edit...)...)
}

func job(t *testing.T, edit ...func(*buildstrategy.Inputs)) *batchv1.Job {
	t.Helper()
	child, err := kubejob.Strategy{}.Child(inputs(edit...))
	require.NoError(t, err)
	require.IsType(t, kubejob.Strategy{}.NewChild(), child)
	return child.(*batchv1.Job)
}

func TestJobs(t *testing.T) {
	tests := map[string]func(*buildstrategy.Inputs){
		"generated-dockerfile": func(*buildstrategy.Inputs) {},
		"own-dockerfile-private": func(in *buildstrategy.Inputs) {
			in.BaseImage, in.DockerfilePath, in.ContextDir = "", "docker/Own file", "docker"
			in.Source.URL, in.Source.CredentialsSecret, in.Source.InsecureIgnoreHostKey = "ssh://git@git.example.com/a.git", "git", true
			in.Registry = buildstrategy.Registry{PushSecret: "push", Insecure: true}
			in.ServiceAccountName, in.NodeSelector = "builder", map[string]string{"disk": "fast"}
			in.Tolerations = []corev1.Toleration{{Key: "builds", Operator: corev1.TolerationOpExists}}
			in.ImageLabels = []buildstrategy.ImageLabel{{Name: "org.opencontainers.image.revision", Value: commit}, {Name: "a", Value: "b c"}}
		},
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			golden.YAML(t, name, job(t, edit))
		})
	}
}

func TestTheSameInputsGiveTheSameJob(t *testing.T) {
	assert.Equal(t, job(t), job(t))
}

func TestOnlyFetchSeesTheGitSecretAndOnlyBuildThePushSecret(t *testing.T) {
	spec := job(t, func(in *buildstrategy.Inputs) {
		in.Source.CredentialsSecret, in.Registry.PushSecret = "git", "push"
	}).Spec.Template.Spec
	secretsOf := func(container corev1.Container) []string {
		var names []string
		for _, mount := range container.VolumeMounts {
			for _, volume := range spec.Volumes {
				if volume.Name == mount.Name && volume.Secret != nil {
					names = append(names, volume.Secret.SecretName)
				}
			}
		}
		return names
	}
	assert.Equal(t, []string{"git"}, secretsOf(spec.InitContainers[0]))
	assert.Equal(t, []string{"push"}, secretsOf(spec.Containers[0]))
	assert.False(t, *spec.AutomountServiceAccountToken)
}

func TestHostileValuesStayInsideTheirArgument(t *testing.T) {
	hostile := "x$(HOSTNAME) $$(id) `id` --image=evil\n; rm -rf / \"' ü"
	in := func(in *buildstrategy.Inputs) {
		in.Source.URL, in.Source.Ref, in.Source.Commit, in.NotebookPath = hostile, "-"+hostile, hostile, hostile
		in.BaseImage, in.DockerfileKey = hostile, hostile
	}
	spec := job(t, in).Spec.Template.Spec
	ordinary := job(t).Spec.Template.Spec
	for i, containers := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		args := containers[0].Args
		plain := [][]corev1.Container{ordinary.InitContainers, ordinary.Containers}[i][0].Args
		require.Len(t, args, len(plain))
		for n := range args {
			flag, _, _ := strings.Cut(args[n], "=")
			plainFlag, _, _ := strings.Cut(plain[n], "=")
			assert.Equal(t, plainFlag, flag)
			assert.NotContains(t, strings.ReplaceAll(args[n], "$$", ""), "$", "the kubelet expands nothing")
		}
	}
	assert.Contains(t, spec.InitContainers[0].Args, "--url="+strings.ReplaceAll(hostile, "$", "$$"))
}

func TestPathsStayInsideTheSource(t *testing.T) {
	args := job(t, func(in *buildstrategy.Inputs) {
		in.DockerfileConfigMap, in.DockerfilePath = "", "../../etc/passwd"
	}).Spec.Template.Spec.Containers[0].Args
	assert.Contains(t, args, "--context=/workspace/source")
	assert.Contains(t, args, "--dockerfile=/workspace/source/etc/passwd")
}

func TestInputsThatNoJobCanBuild(t *testing.T) {
	tests := map[string]struct {
		edit func(*buildstrategy.Inputs)
		says string
	}{
		"an image that is none":       {func(in *buildstrategy.Inputs) { in.Image = "a b" }, "cannot be named"},
		"an image by digest":          {func(in *buildstrategy.Inputs) { in.Image = "a@sha256:" + strings.Repeat("0", 64) }, "cannot be named"},
		"no builder image":            {func(in *buildstrategy.Inputs) { in.BuilderImage = "" }, "set both on the operator"},
		"no operator image":           {func(in *buildstrategy.Inputs) { in.OperatorImage = "" }, "set both on the operator"},
		"no timeout":                  {func(in *buildstrategy.Inputs) { in.Timeout = 0 }, "shorter than a second"},
		"no place to push to":         {func(in *buildstrategy.Inputs) { in.Image = "" }, "start the operator with --registry"},
		"no Dockerfile":               {func(in *buildstrategy.Inputs) { in.DockerfileConfigMap = "" }, "needs a Dockerfile"},
		"an address with a NUL":       {func(in *buildstrategy.Inputs) { in.Source.URL = "a\x00b" }, "not valid text"},
		"a notebook that is not text": {func(in *buildstrategy.Inputs) { in.NotebookPath = "a\xff" }, "not valid text"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := kubejob.Strategy{}.Child(inputs(test.edit))
			assert.ErrorContains(t, err, test.says)
		})
	}
}
