package run_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/run"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
	"mlops.dev/notebook-validator-operator/internal/testing/golden"
)

func minimal() run.Inputs {
	return run.Inputs{
		Job: builders.MakeJob("iris", "team").Obj(), Image: builders.GivenImage, OperatorImage: "registry.example.com/operator:1",
	}
}

// everything sets all that shapes a run.
func everything() run.Inputs {
	job := builders.MakeJob("iris", "team").Generation(7).Timeout(90*time.Second + time.Millisecond).Pod(userPod).Obj()
	job.Spec.Notebook.Git.CredentialsSecret = "git-credentials"
	job.Spec.Notebook.Git.InsecureIgnoreHostKey = true
	validated(&job.Spec)
	return run.Inputs{
		Job: job, Image: builders.Image, Commit: builders.Commit, PullSecrets: []string{"push", "own", ""}, Unpinned: []string{"numpy>=1"},
		OperatorImage: "registry.example.com/operator:1", RunAsUser: ptr.To[int64](10001),
	}
}

// validated sets all that shapes the judgement.
func validated(spec *v1alpha1.NotebookValidationJobSpec) {
	spec.CellTimeout = &metav1.Duration{Duration: 90 * time.Second}
	spec.Parameters = map[string]apiextensionsv1.JSON{"n": {Raw: []byte("3")}, "city": {Raw: []byte(`"$(HOME)"`)}}
	spec.UnknownParameters = v1alpha1.UnknownParametersWarn
	spec.ValidationConfig = &v1alpha1.ValidationConfig{Level: v1alpha1.LevelStaging, ExpectedOutputs: []v1alpha1.ExpectedOutput{
		{CellID: "a", Name: "score", Range: []v1alpha1.Number{v1alpha1.NumberOf(0.5), v1alpha1.NumberOf(1)}},
	}}
	spec.GoldenNotebook = &v1alpha1.GoldenNotebook{Path: "golden/iris.ipynb", Git: &v1alpha1.GitSource{
		URL: "https://git.example.com/team/golden.git", Ref: "v3", CredentialsSecret: "golden-credentials",
	}}
	spec.ComparisonConfig = &v1alpha1.ComparisonConfig{Masks: []string{`run $(x)\d+`}}
	spec.Artifacts = &v1alpha1.Artifacts{PersistentVolumeClaim: v1alpha1.ArtifactsClaim{ClaimName: "results", Path: "nightly"}}
}

func userPod(config *v1alpha1.PodConfig) {
	config.Env = []corev1.EnvVar{{Name: "HOME", Value: "/mine"}, {Name: "MODE", Value: "$(HOSTNAME)"}}
	config.EnvFrom = []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}}}
	config.Credentials = []string{"database", "bucket"}
	config.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "data", ReadOnly: true},
	}}}
	config.VolumeMounts = []corev1.VolumeMount{{Name: "data", MountPath: "/data", ReadOnly: true}}
	config.ServiceAccountName = "scientist"
	config.Resources = corev1.ResourceRequirements{
		Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("500m")},
		Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("2Gi"), "nvidia.com/gpu": resource.MustParse("1")},
	}
	config.Tolerations = []corev1.Toleration{{Key: "gpu", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule}}
	config.NodeSelector = map[string]string{"disk": "fast"}
	config.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{
			TopologyKey: "kubernetes.io/hostname", LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "loud"}},
		}},
	}}
	config.SecurityContext = &corev1.PodSecurityContext{FSGroup: ptr.To[int64](2000), RunAsUser: ptr.To[int64](1234)}
	config.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "own"}}
}

func TestJobs(t *testing.T) {
	for name, in := range map[string]run.Inputs{"minimal": minimal(), "everything": everything()} {
		t.Run(name, func(t *testing.T) {
			golden.YAML(t, name, run.Job(in))
		})
	}
}

func TestTheSameInputsGiveTheSameJobAndLeaveTheInputsAlone(t *testing.T) {
	in := everything()
	first := run.Job(in)
	first.Spec.Template.Spec.InitContainers[0].Args[0] = "changed"
	assert.Equal(t, run.Job(everything()), run.Job(in))
	assert.Equal(t, everything(), in)
}

func TestEveryGenerationHasItsOwnRun(t *testing.T) {
	in, next := minimal(), minimal()
	next.Job.Generation++
	again := minimal()
	again.Job.UID = "made-again"
	names := map[string]bool{run.Job(in).Name: true, run.Job(next).Name: true, run.Job(again).Name: true}
	assert.Len(t, names, 3)
}

func TestTheNotebooksTimeoutAlwaysComesBeforeThatOfThePod(t *testing.T) {
	for name, test := range map[string]struct {
		timeout  *metav1.Duration
		notebook string
	}{
		"none is half an hour": {nil, "--timeout-seconds=1800"},
		"minutes":              {&metav1.Duration{Duration: 5 * time.Minute}, "--timeout-seconds=300"},
		"less than a second":   {&metav1.Duration{Duration: 10 * time.Millisecond}, "--timeout-seconds=0.01"},
		"a week":               {&metav1.Duration{Duration: 168 * time.Hour}, "--timeout-seconds=604800"},
	} {
		t.Run(name, func(t *testing.T) {
			in := minimal()
			in.Job.Spec.Timeout = test.timeout
			job := run.Job(in)
			assert.Contains(t, container(t, job, run.ContainerExecute).Command, test.notebook)
			assert.Greater(t, time.Duration(*job.Spec.ActiveDeadlineSeconds)*time.Second, run.Timeout(in.Job)+5*time.Minute)
		})
	}
}

func TestASecretIsSeenByTheContainerThatNeedsItAlone(t *testing.T) {
	job := run.Job(everything())
	assert.Equal(t, []string{"nbv-git-credentials"}, secretVolumes(job, container(t, job, run.ContainerFetch)))
	assert.Equal(t, []string{"nbv-golden-credentials"}, secretVolumes(job, container(t, job, run.ContainerFetchGolden)))
	assert.Equal(t, []string{"nbv-token"}, secretVolumes(job, container(t, job, run.ContainerExecute)))
	assert.Empty(t, secretVolumes(job, container(t, job, run.ContainerReport)))
	for _, name := range []string{run.ContainerFetch, run.ContainerReport} {
		assert.Empty(t, container(t, job, name).Env, "the user's environment is the notebook's")
		assert.Empty(t, container(t, job, name).EnvFrom)
	}
}

func TestWithoutAnAccountThereIsNoToken(t *testing.T) {
	job := run.Job(minimal())
	for _, name := range []string{run.ContainerFetch, run.ContainerExecute, run.ContainerReport} {
		assert.Empty(t, secretVolumes(job, container(t, job, name)))
	}
	assert.False(t, *job.Spec.Template.Spec.AutomountServiceAccountToken)
}

func TestTheNotebookCannotReachWhatItIsJudgedBy(t *testing.T) {
	job := run.Job(everything())
	for _, mount := range container(t, job, run.ContainerExecute).VolumeMounts {
		assert.NotEqual(t, "nbv-meta", mount.Name, "the pristine notebook is there")
		assert.NotEqual(t, "nbv-tmp", mount.Name, "fetch and report write there")
		if mount.Name == "nbv-tools" {
			assert.True(t, mount.ReadOnly)
		}
	}
	for _, mount := range container(t, job, run.ContainerReport).VolumeMounts {
		if mount.Name != "nbv-tmp" && mount.Name != "nbv-artifacts" {
			assert.True(t, mount.ReadOnly, mount.Name)
		}
	}
}

func TestAHomeOfTheUserComesFirst(t *testing.T) {
	env := container(t, run.Job(everything()), run.ContainerExecute).Env
	assert.Equal(t, []corev1.EnvVar{{Name: "HOME", Value: "/mine"}, {Name: "MODE", Value: "$(HOSTNAME)"}}, env)
	assert.Equal(t, []corev1.EnvVar{{Name: "HOME", Value: "/workspace/home"}}, container(t, run.Job(minimal()), run.ContainerExecute).Env)
}

// container is the one of that name.
func container(t *testing.T, job *batchv1.Job, name string) corev1.Container {
	t.Helper()
	for _, c := range containers(job) {
		if c.Name == name {
			return c
		}
	}
	require.Fail(t, "no container "+name)
	return corev1.Container{}
}

func containers(job *batchv1.Job) []corev1.Container {
	spec := job.Spec.Template.Spec
	return append(append([]corev1.Container{}, spec.InitContainers...), spec.Containers...)
}

// secretVolumes are the mounts through which a container sees a Secret or a token.
func secretVolumes(job *batchv1.Job, c corev1.Container) []string {
	var names []string
	for _, mount := range c.VolumeMounts {
		for _, volume := range job.Spec.Template.Spec.Volumes {
			if volume.Name == mount.Name && (volume.Secret != nil || volume.Projected != nil) {
				names = append(names, volume.Name)
			}
		}
	}
	return names
}

func TestTheGoldenNotebookOfTheSameCommitIsFetchedWithIt(t *testing.T) {
	in := minimal()
	in.Job.Spec.GoldenNotebook = &v1alpha1.GoldenNotebook{Path: "golden/iris.ipynb"}
	job := run.Job(in)
	assert.Contains(t, container(t, job, run.ContainerFetch).Args, "--golden=golden/iris.ipynb")
	assert.Len(t, job.Spec.Template.Spec.InitContainers, 2, "nobody else talks to a Git server")
}

func TestTheObserverStaysAwayWhereNobodyAsksForIt(t *testing.T) {
	in := minimal()
	assert.NotContains(t, container(t, run.Job(in), run.ContainerExecute).Command, "--no-observer")
	in.Job.Spec.ValidationConfig = &v1alpha1.ValidationConfig{DetectSilentFailures: ptr.To(false)}
	assert.Contains(t, container(t, run.Job(in), run.ContainerExecute).Command, "--no-observer")
	in.Job.Spec.ValidationConfig.ExpectedOutputs = []v1alpha1.ExpectedOutput{{CellID: "a", Name: "score", Type: "float"}}
	assert.NotContains(t, container(t, run.Job(in), run.ContainerExecute).Command, "--no-observer")
	assert.Contains(t, container(t, run.Job(in), run.ContainerExecute).Command, "--watch=score")
}

func TestAVolumeOfArtifactsCanBeWrittenToByTheReportAlone(t *testing.T) {
	in := minimal()
	in.RunAsUser = ptr.To[int64](10001)
	in.Job.Spec.Artifacts = &v1alpha1.Artifacts{PersistentVolumeClaim: v1alpha1.ArtifactsClaim{ClaimName: "results", Path: "nightly"}}
	job := run.Job(in)
	for _, c := range containers(job) {
		mounted := slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return m.Name == "nbv-artifacts" })
		assert.Equal(t, c.Name == run.ContainerReport, mounted, c.Name)
	}
	assert.Equal(t, int64(10001), *job.Spec.Template.Spec.SecurityContext.FSGroup)
	assert.Contains(t, container(t, job, run.ContainerReport).Args, "--artifacts-path=nightly/iris/"+job.Name)
}
