package builders

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
)

// BuildBuilder makes a NotebookBuild.
type BuildBuilder struct{ build v1alpha1.NotebookBuild }

// MakeBuild is a build of generation 1 without a status, such as a user makes.
func MakeBuild(name, namespace string) *BuildBuilder {
	build := v1alpha1.NotebookBuild{ObjectMeta: meta("build", namespace, name)}
	build.Spec.Git = v1alpha1.GitSource{URL: "https://git.example.com/team/notebooks.git", Ref: "main"}
	build.Spec.NotebookPath = "tier1/iris.ipynb"
	return &BuildBuilder{build: build}
}

// MakeBuildOf is the build that a job has made for itself.
func MakeBuildOf(job *v1alpha1.NotebookValidationJob) *BuildBuilder {
	b := MakeBuild(naming.Build(job), job.Namespace)
	b.build.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(job, v1alpha1.SchemeGroupVersion.WithKind("NotebookValidationJob"))}
	b.build.Labels = map[string]string{
		v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelJob: naming.Label(job.Name), v1alpha1.LabelOwnerUID: string(job.UID),
	}
	return b
}

// UID makes it another incarnation.
func (b *BuildBuilder) UID(uid string) *BuildBuilder {
	b.build.UID = types.UID(uid)
	return b
}

// Generation of the spec; conditions that are set later speak of it.
func (b *BuildBuilder) Generation(generation int64) *BuildBuilder {
	b.build.Generation = generation
	return b
}

// Spec changes what else there is in the spec.
func (b *BuildBuilder) Spec(change func(*v1alpha1.NotebookBuildSpec)) *BuildBuilder {
	change(&b.build.Spec)
	return b
}

// Timeout of the whole build.
func (b *BuildBuilder) Timeout(d time.Duration) *BuildBuilder {
	b.build.Spec.Timeout = &metav1.Duration{Duration: d}
	return b
}

// Deleting marks it as being deleted.
func (b *BuildBuilder) Deleting() *BuildBuilder {
	at := At(time.Minute)
	b.build.DeletionTimestamp = &at
	return b
}

// Condition sets one for the build's generation, at Epoch.
func (b *BuildBuilder) Condition(kind string, status metav1.ConditionStatus, reason, message string) *BuildBuilder {
	b.build.Status.Conditions = condition(b.build.Status.Conditions, metav1.Condition{
		Type: kind, Status: status, Reason: reason, Message: message,
		ObservedGeneration: b.build.Generation, LastTransitionTime: At(0),
	})
	return b
}

// Resolved has the commit recorded, and an environment with a generated Dockerfile.
func (b *BuildBuilder) Resolved(commit string) *BuildBuilder {
	b.build.Status.ObservedGeneration, b.build.Status.Phase = b.build.Generation, v1alpha1.BuildPhasePending
	b.build.Status.Commit = commit
	b.build.Status.Environment = &v1alpha1.Environment{
		Source: "NotebookDirectory", Path: "tier1/requirements.txt", Message: "It lies beside the notebook.",
		BaseImage: BaseImage, DockerfileConfigMap: naming.Dockerfile(&b.build), ContextDir: ".", Hash: Hash,
	}
	return b.Condition(v1alpha1.ConditionSourceResolved, metav1.ConditionTrue, v1alpha1.ReasonResolved, "The ref is resolved.").
		Condition(v1alpha1.ConditionEnvironmentResolved, metav1.ConditionTrue, v1alpha1.ReasonResolved, "The environment is known.")
}

// Begun has the build leave the queue at Epoch, with the strategy job.
func (b *BuildBuilder) Begun() *BuildBuilder {
	started := At(0)
	b.build.Status.StartTime, b.build.Status.Strategy = &started, "job"
	return b
}

// Created is when it was made, after Epoch.
func (b *BuildBuilder) Created(after time.Duration) *BuildBuilder {
	b.build.CreationTimestamp = At(after)
	return b
}

// Running has the work under way.
func (b *BuildBuilder) Running() *BuildBuilder {
	b.Begun()
	b.build.Status.Phase = v1alpha1.BuildPhaseRunning
	return b.Condition(v1alpha1.ConditionSucceeded, metav1.ConditionUnknown, v1alpha1.ReasonBuilding, "The image is being built.")
}

// Complete ends it well, with that image, a minute after Epoch.
func (b *BuildBuilder) Complete(image string) *BuildBuilder {
	b.Begun().end(v1alpha1.BuildPhaseComplete)
	b.build.Status.ImageReference = image
	return b.Condition(v1alpha1.ConditionSucceeded, metav1.ConditionTrue, v1alpha1.ReasonBuildSucceeded, "The image was built.")
}

// Failed ends it without an image, a minute after Epoch.
func (b *BuildBuilder) Failed(reason, message string) *BuildBuilder {
	b.end(v1alpha1.BuildPhaseFailed)
	return b.Condition(v1alpha1.ConditionSucceeded, metav1.ConditionFalse, reason, message)
}

func (b *BuildBuilder) end(phase v1alpha1.BuildPhase) {
	completed := At(time.Minute)
	b.build.Status.Phase, b.build.Status.CompletionTime = phase, &completed
}

// Status changes what else there is in the status.
func (b *BuildBuilder) Status(change func(*v1alpha1.NotebookBuildStatus)) *BuildBuilder {
	change(&b.build.Status)
	return b
}

// Obj is the build; every call gives another copy.
func (b *BuildBuilder) Obj() *v1alpha1.NotebookBuild { return b.build.DeepCopy() }
