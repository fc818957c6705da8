package openshift_test

import (
	"strings"
	"testing"
	"time"

	buildv1 "github.com/openshift/api/build/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/openshift"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
	"mlops.dev/notebook-validator-operator/internal/testing/golden"
)

const (
	commit           = "0123456789abcdef0123456789abcdef01234567"
	internalRegistry = "image-registry.openshift-image-registry.svc:5000"
	baseDigest       = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	generated        = "# Generated\nFROM docker.io/library/python@" + baseDigest + "\nUSER 0\nARG BASE_USER=0\nUSER ${BASE_USER}\n"
)

type edit = func(*buildstrategy.Inputs)

func inputs(edits ...edit) buildstrategy.Inputs {
	own := func(in *buildstrategy.Inputs) {
		in.Labels = map[string]string{"app.kubernetes.io/managed-by": "notebook-validator"}
		in.Annotations = map[string]string{"mlops.mlops.dev/build": "iris"}
		in.BaseImage, in.DockerfileText = "docker.io/library/python@"+baseDigest, generated
		in.BuilderImage, in.OperatorImage = "", ""
		in.ImageLabels = []buildstrategy.ImageLabel{
			{Name: "mlops.mlops.dev/environment-hash", Value: "abc"},
			{Name: "org.opencontainers.image.revision", Value: commit},
			{Name: "org.opencontainers.image.source", Value: "https://git.example.com/$team"},
		}
		in.Resources = corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("2Gi")}}
	}
	return builders.Inputs(append([]edit{own}, edits...)...)
}

func child(t *testing.T, edits ...edit) *buildv1.Build {
	t.Helper()
	made, err := openshift.Strategy{}.Child(inputs(edits...))
	require.NoError(t, err)
	require.IsType(t, openshift.Strategy{}.NewChild(), made)
	return made.(*buildv1.Build)
}

func toImageStream(in *buildstrategy.Inputs) { in.Image = "" }

func ownDockerfile(in *buildstrategy.Inputs) {
	in.BaseImage, in.DockerfilePath, in.ContextDir = "", "docker/Own file", "docker/../notebooks/"
	in.DockerfileText = "FROM registry.example.com/base:1 AS base\nUSER 2000\nFROM base\nCOPY . /srv\n"
	in.Source.URL, in.Source.CredentialsSecret = "ssh://git@git.example.com/team/a.git", "git"
	in.Registry = buildstrategy.Registry{PushSecret: "push", Insecure: true}
	in.ServiceAccountName = "image-builder"
	in.NodeSelector = map[string]string{"pool": "builds"}
	in.Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("500m")}
}

func TestBuilds(t *testing.T) {
	for name, change := range map[string]edit{
		"docker-image": func(*buildstrategy.Inputs) {}, "image-stream-tag": toImageStream, "own-dockerfile-private": ownDockerfile,
	} {
		t.Run(name, func(t *testing.T) { golden.YAML(t, name, child(t, change)) })
	}
}

func TestTheOperatorEndsABuildBeforeOpenShiftDoes(t *testing.T) {
	for timeout, deadline := range map[time.Duration]int64{time.Second: 61, 15*time.Minute + 500*time.Millisecond: 960, 2 * time.Hour: 7260} {
		t.Run(timeout.String(), func(t *testing.T) {
			build := child(t, func(in *buildstrategy.Inputs) { in.Timeout = timeout })
			assert.Equal(t, deadline, *build.Spec.CompletionDeadlineSeconds)
		})
	}
}

func TestTheSameInputsGiveTheSameBuild(t *testing.T) {
	assert.Equal(t, child(t, ownDockerfile), child(t, ownDockerfile))
}

func TestOnlyWithoutARegistryAnImageStreamIsMade(t *testing.T) {
	assert.Empty(t, openshift.Strategy{}.Companions(inputs()))
	companions := openshift.Strategy{}.Companions(inputs(toImageStream))
	require.Len(t, companions, 1)
	golden.YAML(t, "companion", companions[0])
	assert.Equal(t, companions[0].GetName()+":latest", child(t, toImageStream).Spec.Output.To.Name)
}

func TestASecretDoesNotStandInForTheServiceAccountAtTheIntegratedRegistry(t *testing.T) {
	withSecret := func(in *buildstrategy.Inputs) { in.Registry.PushSecret = "push" }
	inside := func(in *buildstrategy.Inputs) { in.BaseImage = internalRegistry + "/team/base@" + baseDigest }
	tests := map[string]struct {
		edits      []edit
		push, pull bool
	}{
		"everything outside":    {[]edit{withSecret}, true, true},
		"the base inside":       {[]edit{withSecret, inside}, true, false},
		"the output inside":     {[]edit{withSecret, toImageStream}, false, true},
		"everything inside":     {[]edit{withSecret, inside, toImageStream}, false, false},
		"no secret to stand in": {nil, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			spec := child(t, test.edits...).Spec
			assert.Equal(t, test.push, spec.Output.PushSecret != nil)
			assert.Equal(t, test.pull, spec.Strategy.DockerStrategy.PullSecret != nil)
		})
	}
}

func TestInputsThatNoBuildCanBeMadeOf(t *testing.T) {
	tests := map[string]struct {
		edit edit
		says string
	}{
		"tolerations":                {func(in *buildstrategy.Inputs) { in.Tolerations = []corev1.Toleration{{Key: "a"}} }, "cannot carry tolerations"},
		"no timeout":                 {func(in *buildstrategy.Inputs) { in.Timeout = time.Millisecond }, "shorter than a second"},
		"no Dockerfile":              {func(in *buildstrategy.Inputs) { in.DockerfileText = " \n" }, "needs a Dockerfile"},
		"an image by digest":         {func(in *buildstrategy.Inputs) { in.Image = "a/b@" + baseDigest }, "cannot be named"},
		"an image that is none":      {func(in *buildstrategy.Inputs) { in.Image = "a b" }, "cannot be named"},
		"an address of a program":    {func(in *buildstrategy.Inputs) { in.Source.URL = "ext::sh -c id" }, "Git URL"},
		"an address of an option":    {func(in *buildstrategy.Inputs) { in.Source.URL = "--upload-pack=id" }, "begins with '-'"},
		"an address with a password": {func(in *buildstrategy.Inputs) { in.Source.URL = "https://a:b@example.com/c" }, "contains a password"},
		"a branch for a commit":      {func(in *buildstrategy.Inputs) { in.Source.Commit = "main" }, "not a full one"},
		"a context outside":          {func(in *buildstrategy.Inputs) { in.ContextDir = "a/../../b" }, "leads out of the repository"},
		"an absolute context":        {func(in *buildstrategy.Inputs) { in.ContextDir = "/etc" }, "leads out of the repository"},
		"a context with a NUL":       {func(in *buildstrategy.Inputs) { in.ContextDir = "a\x00b" }, "not valid text"},
		"a Dockerfile not of text":   {func(in *buildstrategy.Inputs) { in.DockerfileText = "FROM a\xff" }, "not valid text"},
		"an own Dockerfile of noise": {func(in *buildstrategy.Inputs) { in.DockerfilePath, in.DockerfileText = "D", "RUN <<A" }, "cannot be read"},
		"a Dockerfile too long": {func(in *buildstrategy.Inputs) {
			in.DockerfileText = "FROM a\n#" + strings.Repeat("x", 60_000)
		}, "an OpenShift build takes 60000"},
		"one that what is added makes too long": {func(in *buildstrategy.Inputs) {
			in.DockerfilePath, in.DockerfileText = "Dockerfile", "FROM a\n#"+strings.Repeat("x", 59_900)
		}, "with what the operator adds"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := openshift.Strategy{}.Child(inputs(test.edit))
			assert.ErrorContains(t, err, test.says)
			assert.NotErrorIs(t, err, buildstrategy.ErrNoRegistry)
		})
	}
}

func TestADockerfileOfTheLimitIsTaken(t *testing.T) {
	noLabels := func(in *buildstrategy.Inputs) {
		in.ImageLabels = nil
		in.DockerfileText = "FROM a\n#" + strings.Repeat("x", 60_000-8)
	}
	assert.Len(t, *child(t, noLabels).Spec.Source.Dockerfile, 60_000)
}

func TestHostileValuesStayInTheirField(t *testing.T) {
	hostile := "x\nUSER 0\nRUN evil $(id) ${HOME} `id` \"' \\"
	build := child(t, func(in *buildstrategy.Inputs) {
		in.NotebookPath, in.Source.Ref, in.ContextDir, in.DockerfilePath = hostile, hostile, hostile, ""
		in.ImageLabels = []buildstrategy.ImageLabel{{Name: "a", Value: hostile}, {Name: hostile, Value: "b"}}
	})
	lines := strings.Split(strings.TrimPrefix(*build.Spec.Source.Dockerfile, generated), "\n")
	require.Len(t, lines, 3)
	for _, line := range lines[:2] {
		assert.True(t, strings.HasPrefix(line, `LABEL "`), line)
		assert.NotContains(t, strings.ReplaceAll(line, `\$`, ""), "$", "nothing is expanded")
	}
	assert.Empty(t, build.Spec.Output.ImageLabels)
	assert.Equal(t, hostile, build.Spec.Source.ContextDir)
	assert.Equal(t, commit, build.Spec.Source.Git.Ref, "the commit, never the ref")
	assert.Empty(t, build.Spec.Strategy.DockerStrategy.DockerfilePath)
}

func TestTheBuildTellsEverythingItself(t *testing.T) {
	assert.Equal(t, "s2i", openshift.Strategy{}.Name())
	assert.Equal(t, "build.openshift.io/v1, Kind=Build", openshift.Strategy{}.Kind().String())
	assert.Nil(t, openshift.Strategy{}.NewParts())
	assert.Nil(t, openshift.Strategy{}.Selector(child(t)))
}
