package integration

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
)

const ownDockerfile = "FROM registry.example.com/team/own:1\nRUN true\n"

// builtBy is what came of a field: the build that the job made, the Job that builds with its pod, and what it builds.
type builtBy struct {
	build      *v1alpha1.NotebookBuild
	child      *batchv1.Job
	pod        corev1.PodSpec
	dockerfile string
}

// winner is where the requirements are from that the image is made with.
func (b builtBy) winner() string {
	return b.build.Status.Environment.Source + " " + b.build.Status.Environment.Path
}

func TestWhatAJobSaysOfItsBuildReachesThePodThatBuilds(t *testing.T) {
	t.Parallel()
	sevenMinutes := &metav1.Duration{Duration: 7 * time.Minute}
	tolerations := []corev1.Toleration{{Key: "builds", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule}}
	for name, test := range map[string]struct {
		files map[string]string
		set   func(*v1alpha1.BuildConfig)
		check func(t *testing.T, got builtBy)
	}{
		"serviceAccountName": {
			set: func(c *v1alpha1.BuildConfig) { c.ServiceAccountName = "builder" },
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, "builder", got.pod.ServiceAccountName)
				assert.False(t, *got.pod.AutomountServiceAccountToken, "it gets no token of the account")
			},
		},
		"nodeSelector": {
			set: func(c *v1alpha1.BuildConfig) { c.NodeSelector = map[string]string{"disk": "fast"} },
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, map[string]string{"disk": "fast"}, got.pod.NodeSelector)
			},
		},
		"tolerations": {
			set:   func(c *v1alpha1.BuildConfig) { c.Tolerations = tolerations },
			check: func(t *testing.T, got builtBy) { assert.Equal(t, tolerations, got.pod.Tolerations) },
		},
		"strategy": {
			set:   func(c *v1alpha1.BuildConfig) { c.Strategy = "job" },
			check: func(t *testing.T, got builtBy) { assert.Equal(t, "job", got.build.Status.Strategy) },
		},
		"cache": {
			set: func(c *v1alpha1.BuildConfig) { c.Cache = v1alpha1.CacheNever },
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, v1alpha1.CacheNever, got.build.Spec.Cache)
				assert.Empty(t, got.build.Status.ReusedFrom)
			},
		},
		"preferDockerfile": {
			files: map[string]string{"Dockerfile": ownDockerfile},
			set:   func(c *v1alpha1.BuildConfig) { c.PreferDockerfile = true },
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, "Dockerfile", got.build.Status.Environment.Source)
				assert.Equal(t, "Dockerfile", got.build.Status.Environment.Path)
			},
		},
		"preferDockerfile where there is none": {
			set: func(c *v1alpha1.BuildConfig) { c.PreferDockerfile = true },
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, "RepositoryRoot", got.build.Status.Environment.Source)
			},
		},
		"requirementsFile wins over the notebook's own": {
			files: map[string]string{"notebooks/requirements.txt": "near==1.0\n", "envs/given.txt": "given==1.0\n"},
			set:   func(c *v1alpha1.BuildConfig) { c.RequirementsFile = "envs/given.txt" },
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, "RequirementsFile envs/given.txt", got.winner())
				assert.Contains(t, got.dockerfile, "envs/given.txt")
				assert.NotContains(t, got.dockerfile, "notebooks/requirements.txt")
			},
		},
		"requirementsSources are looked for in their order": {
			files: map[string]string{"notebooks/requirements.txt": "near==1.0\n", "envs/second.txt": "second==1.0\n", "envs/third.txt": "third==1.0\n"},
			set: func(c *v1alpha1.BuildConfig) {
				c.RequirementsSources = []string{"envs/first.txt", "envs/second.txt", "envs/third.txt"}
			},
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, "RequirementsSources envs/second.txt", got.winner())
				assert.Contains(t, got.dockerfile, "envs/second.txt")
			},
		},
		"requirementsSources that do not exist": {
			set:   func(c *v1alpha1.BuildConfig) { c.RequirementsSources = []string{"envs/first.txt"} },
			check: func(t *testing.T, got builtBy) { assert.Equal(t, "RepositoryRoot requirements.txt", got.winner()) },
		},
		"autoGenerateRequirements false": {
			set: func(c *v1alpha1.BuildConfig) { c.AutoGenerateRequirements = ptr.To(false) },
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, "BaseImage ", got.winner())
				assert.NotContains(t, got.dockerfile, "requirements.txt")
			},
		},
		"baseImage": {
			set: func(c *v1alpha1.BuildConfig) { c.BaseImage = "registry.example.com/team/base@" + digest("c") },
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, "registry.example.com/team/base@"+digest("c"), got.build.Status.Environment.BaseImage)
				assert.Equal(t, []string{"FROM registry.example.com/team/base@" + digest("c")}, fromLines(got.dockerfile))
			},
		},
		"fallbackStrategy auto": {
			files: map[string]string{"requirements.txt": gone},
			set:   func(c *v1alpha1.BuildConfig) { c.FallbackStrategy = v1alpha1.FallbackAuto },
			check: func(t *testing.T, got builtBy) { assert.Equal(t, "BaseImage", got.build.Status.Environment.Source) },
		},
		"timeout": {
			set: func(c *v1alpha1.BuildConfig) { c.Timeout = sevenMinutes },
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, sevenMinutes, got.build.Spec.Timeout)
				// The work has what is left of the timeout; the child outlives it by a little, for its last words.
				deadline := time.Duration(*got.child.Spec.ActiveDeadlineSeconds) * time.Second
				assert.Greater(t, deadline, sevenMinutes.Duration-time.Minute)
				assert.LessOrEqual(t, deadline, sevenMinutes.Duration+time.Minute)
			},
		},
		"resources": {
			set: func(c *v1alpha1.BuildConfig) {
				c.Resources = &corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("3Gi")}}
			},
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, "3Gi", got.pod.Containers[0].Resources.Limits.Memory().String())
			},
		},
		"builderImage": {
			set: func(c *v1alpha1.BuildConfig) { c.BuilderImage = "registry.example.com/buildah:2" },
			check: func(t *testing.T, got builtBy) {
				assert.Equal(t, "registry.example.com/buildah:2", got.pod.Containers[0].Image)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.repository.change(t, test.files)
			job := w.create("job", withBuild, func(job *v1alpha1.NotebookValidationJob) { test.set(job.Spec.PodConfig.BuildConfig) })
			child, build := w.builderOf(job), w.buildOf(job)
			test.check(t, builtBy{build, child, child.Spec.Template.Spec, w.dockerfileOf(build)})
		})
	}
}

// dockerfileOf is the text that the build is to build; empty where the repository has it.
func (w *world) dockerfileOf(build *v1alpha1.NotebookBuild) string {
	w.Helper()
	return awaitObject(w, &corev1.ConfigMap{}, naming.Dockerfile(build)).Data["Dockerfile"]
}

// fromLines are the lines of a Dockerfile that name the image it starts from.
func fromLines(dockerfile string) []string {
	var lines []string
	for line := range strings.Lines(dockerfile) {
		if strings.HasPrefix(line, "FROM ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// The push secret pushes the image and pulls it again; no container sees it but the one that builds.
func TestThePushSecretGoesToTheBuilderAndPullsTheImageOfTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	job := w.create("job", withBuild, func(job *v1alpha1.NotebookValidationJob) {
		job.Spec.PodConfig.BuildConfig.Registry = &v1alpha1.ImageRegistry{
			Repository: theSettings.Registry.Repository + "/" + w.namespace, PushSecret: "push",
		}
	})
	pod := w.builderOf(job).Spec.Template.Spec
	assert.Equal(t, []string{"build"}, seers(pod, "push"))
	assert.Empty(t, pod.ImagePullSecrets)

	w.finishBuild(job, "a")
	run := w.runOf(job).Spec.Template.Spec
	assert.Equal(t, []corev1.LocalObjectReference{{Name: "push"}}, run.ImagePullSecrets)
	assert.Empty(t, seers(run, "push"), "the notebook does not see it")
}

// seers are the containers of a pod that have a Secret mounted.
func seers(pod corev1.PodSpec, secret string) []string {
	var names []string
	for _, container := range append(append([]corev1.Container(nil), pod.InitContainers...), pod.Containers...) {
		for _, mount := range container.VolumeMounts {
			for _, volume := range pod.Volumes {
				if volume.Name == mount.Name && volume.Secret != nil && volume.Secret.SecretName == secret {
					names = append(names, container.Name)
				}
			}
		}
	}
	return names
}

// gone stands for a file that is removed.
const gone = "\x00"

// change commits files, and removals of files.
func (r *repository) change(t testing.TB, files map[string]string) {
	t.Helper()
	written := map[string]string{}
	for name, text := range files {
		if text == gone {
			r.git(t, "-C", r.dir, "rm", "--quiet", name)
		} else {
			written[name] = text
		}
	}
	if len(files) > 0 {
		r.commit(t, written)
	}
}

func TestTwoDescriptionsOfOneEnvironmentAreTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prefer         bool
		reason, source string
	}{
		"the requirements win": {false, v1alpha1.ReasonRequirementsUsed, "RepositoryRoot"},
		"the Dockerfile wins":  {true, v1alpha1.ReasonDockerfileUsed, "Dockerfile"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.repository.change(t, map[string]string{"Dockerfile": ownDockerfile})
			job := w.create("job", withBuild, func(job *v1alpha1.NotebookValidationJob) {
				job.Spec.PodConfig.BuildConfig.PreferDockerfile = test.prefer
			})
			w.awaitCondition(job, v1alpha1.ConditionDependencyConflict, metav1.ConditionTrue, test.reason)
			awaitEvent(w, job, v1alpha1.ConditionDependencyConflict)
			build := w.buildOf(job)
			awaitEvent(w, build, test.reason)
			c := meta.FindStatusCondition(build.Status.Conditions, v1alpha1.ConditionDependencyConflict)
			require.NotNil(t, c)
			assert.Equal(t, string(metav1.ConditionTrue)+" "+test.reason, string(c.Status)+" "+c.Reason)
			assert.Contains(t, c.Message, "There is a requirements file, requirements.txt, and a Dockerfile, Dockerfile, for this notebook.")
			assert.Equal(t, test.source, build.Status.Environment.Source)

			w.finishBuild(job, "a") // it is told, and stops nothing
			end := w.awaitGate(job, v1alpha1.ReasonBuildSucceeded)
			assert.True(t, meta.IsStatusConditionTrue(end.Status.Conditions, v1alpha1.ConditionDependencyConflict))
		})
	}
}

func TestNothingToInstall(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fallback string
		ends     string
		warned   []string
	}{
		"warns":                {v1alpha1.FallbackWarn, v1alpha1.ReasonBuildSucceeded, []string{v1alpha1.ReasonBaseImageUsed}},
		"is not worth a word":  {v1alpha1.FallbackAuto, v1alpha1.ReasonBuildSucceeded, nil},
		"is not to be allowed": {v1alpha1.FallbackFail, v1alpha1.ReasonRequirementsNotFound, []string{v1alpha1.ReasonRequirementsNotFound}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.repository.change(t, map[string]string{"requirements.txt": gone})
			build := w.createBuild("build", func(o *v1alpha1.BuildOptions) { o.FallbackStrategy = test.fallback })
			if test.fallback == v1alpha1.FallbackFail {
				end := w.awaitBuild(build, test.ends)
				assert.Contains(t, succeeded(end).Message, "fallbackStrategy is fail")
				assert.Empty(t, w.builders())
			} else {
				w.finishBuilder(build, "a")
				end := w.awaitBuild(build, test.ends)
				assert.Equal(t, v1alpha1.ReasonBaseImageUsed, meta.FindStatusCondition(end.Status.Conditions, v1alpha1.ConditionEnvironmentResolved).Reason)
			}
			eventually(t, func(c *assert.CollectT) {
				all := append(told(w, c, build, corev1.EventTypeNormal), told(w, c, build, corev1.EventTypeWarning)...)
				assert.Contains(c, all, test.ends) // the last one
				assert.ElementsMatch(c, test.warned, told(w, c, build, corev1.EventTypeWarning))
			})
		})
	}
}

func TestWhatIsNotPinnedIsListedAndTheHashIsOfWhatTheImageIsMadeFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.environmentOf(w.createBuild("first"))
	assert.Empty(t, first.Unpinned)
	assert.Len(t, first.Hash, 64)

	w.repository.commit(t, map[string]string{"README.md": "Another word about the notebooks.\n"})
	assert.Equal(t, first.Hash, w.environmentOf(w.createBuild("other-commit")).Hash, "nothing that the image has was changed")
	w.repository.commit(t, map[string]string{"requirements.txt": "tiny==1.0\nlarge>=2\nany\n"})
	loose := w.environmentOf(w.createBuild("other-requirements"))
	assert.Equal(t, []string{"requirements.txt:2: large>=2", "requirements.txt:3: any"}, loose.Unpinned)
	assert.EqualValues(t, 2, loose.UnpinnedCount)

	hashes := map[string]string{first.Hash: "the first", loose.Hash: "other requirements"}
	for name, change := range map[string]func(*v1alpha1.BuildOptions){
		"other-base": func(o *v1alpha1.BuildOptions) { o.BaseImage = "registry.example.com/base@" + digest("c") },
		"other-registry": func(o *v1alpha1.BuildOptions) {
			o.Registry = &v1alpha1.ImageRegistry{Repository: "registry.example.com/elsewhere"}
		},
		"other-builder": func(o *v1alpha1.BuildOptions) { o.BuilderImage = "registry.example.com/buildah:2" },
	} {
		hash := w.environmentOf(w.createBuild(name, change)).Hash
		assert.NotContains(t, hashes, hash, name)
		hashes[hash] = name
	}
}

// environmentOf waits until it is known what the build installs.
func (w *world) environmentOf(build *v1alpha1.NotebookBuild) *v1alpha1.Environment {
	w.Helper()
	eventually(w, func(c *assert.CollectT) {
		require.NoError(c, kube.Get(w.Context(), client.ObjectKeyFromObject(build), build))
		require.NotNil(c, build.Status.Environment)
	})
	return build.Status.Environment
}
