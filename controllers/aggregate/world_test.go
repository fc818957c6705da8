package aggregate

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/status"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// world is a job and its build, and plays everybody but the aggregate controller.
type world struct {
	job   *v1alpha1.NotebookValidationJob
	build *v1alpha1.NotebookBuild
	now   time.Time
	// phases that a watcher of the job saw, one after another.
	phases []v1alpha1.Phase
}

func newWorld(job *v1alpha1.NotebookValidationJob) *world {
	return &world{job: job, now: builders.Epoch}
}

// look is one reconcile of the aggregate controller a second later; it says whether anything was written.
func (w *world) look() bool {
	w.now = w.now.Add(time.Second)
	build := w.build
	if build != nil && build.Name != naming.Build(w.job) {
		build = nil // the controller asks for the build of the spec as it is now
	}
	change := status.Owned[v1alpha1.NotebookValidationJobStatus]{Before: owned(w.job.Status), After: plan(w.job, build, w.now)}
	if !change.Changed() {
		return false
	}
	theirs := w.job.Status
	w.job.Status = *change.After.DeepCopy()
	w.job.Status.Validation, w.job.Status.Results = theirs.Validation, theirs.Results
	if validated := status.Only(theirs.Conditions, v1alpha1.ConditionValidated); validated != nil {
		w.job.Status.Conditions = append(validated, w.job.Status.Conditions...) // the server keeps its own order
	}
	if len(w.phases) == 0 || w.phases[len(w.phases)-1] != w.job.Status.Phase {
		w.phases = append(w.phases, w.job.Status.Phase)
	}
	return true
}

// settle looks until there is nothing left to write, and says how often it wrote.
func (w *world) settle() int {
	for writes := 0; ; writes++ {
		if !w.look() {
			return writes
		}
		if writes > 20 {
			return writes // a loop: the caller's bound tells
		}
	}
}

// createBuild does what the validation controller does while the gate is shut.
func (w *world) createBuild() { w.build = builders.MakeBuildOf(w.job).Obj() }

// building, complete and buildFailed do what the build controller does.
func (w *world) building() {
	w.build = builders.MakeBuildOf(w.job).Resolved(builders.Commit).Running().Obj()
}

func (w *world) complete() {
	w.build = builders.MakeBuildOf(w.job).Resolved(builders.Commit).Complete(builders.Image).Obj()
}

func (w *world) buildFailed() {
	w.build = builders.MakeBuildOf(w.job).Resolved(builders.Commit).Failed(v1alpha1.ReasonPushFailed, "no").Obj()
}

// validate does what the validation controller does: it waits for the gate, whatever the verdict is to be.
func (w *world) validate(s metav1.ConditionStatus, reason string) {
	ready := status.Current(w.job.Status.Conditions, v1alpha1.ConditionBuildReady, w.job.Generation)
	switch {
	case status.Decided(w.job.Status.Conditions, v1alpha1.ConditionValidated, w.job.Generation) != nil:
		return
	case ready == nil || ready.Status == metav1.ConditionUnknown:
		s, reason = metav1.ConditionUnknown, v1alpha1.ReasonWaitingForBuild
	case ready.Status == metav1.ConditionFalse:
		s, reason = metav1.ConditionFalse, v1alpha1.ReasonBuildFailed
	}
	w.job.Status.Conditions = status.Set(w.job.Status.Conditions, status.Carry(w.job.Status.Conditions, metav1.Condition{
		Type: v1alpha1.ConditionValidated, Status: s, Reason: reason, Message: reason, ObservedGeneration: w.job.Generation,
	}, metav1.NewTime(w.now)))
}

// change is an edit of the spec. The build is kept, unless what it is made from changed.
func (w *world) change(edit func(*v1alpha1.NotebookValidationJobSpec)) {
	edit(&w.job.Spec)
	w.job.Generation++
	w.phases = nil
}
