package kit

import (
	"cmp"
	"context"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// First returns the first sighting of an object of that kind for which the condition holds, nil for none.
func First[T client.Object](r *Recorder, holds func(T) bool) *Sighting {
	sightings, _, _ := r.all()
	for i, s := range sightings {
		if object, ok := s.Object.(T); ok && s.Type != watch.Deleted && holds(object) {
			return &sightings[i]
		}
	}
	return nil
}

// All returns every sighting of objects of that kind, in the order of arrival.
func All[T client.Object](r *Recorder) []Sighting {
	sightings, _, _ := r.all()
	var found []Sighting
	for _, s := range sightings {
		if _, ok := s.Object.(T); ok {
			found = append(found, s)
		}
	}
	return found
}

// Latest returns what was last seen of every object of that kind for which the condition holds, deleted ones among them,
// in the order in which they were created.
func Latest[T client.Object](r *Recorder, holds func(T) bool) []T {
	var order []types.UID
	last := map[types.UID]T{}
	sightings, _, _ := r.all()
	for _, s := range sightings {
		object, ok := s.Object.(T)
		if !ok {
			continue
		}
		if _, known := last[object.GetUID()]; !known {
			order = append(order, object.GetUID())
		}
		last[object.GetUID()] = object
	}
	var found []T
	for _, uid := range order {
		if holds(last[uid]) {
			found = append(found, last[uid])
		}
	}
	return found
}

// Deleted says whether an object was seen to go.
func (r *Recorder) Deleted(object client.Object) bool {
	sightings, _, _ := r.all()
	return slices.ContainsFunc(sightings, func(s Sighting) bool { return s.Type == watch.Deleted && s.Object.GetUID() == object.GetUID() })
}

// Job returns what was last seen of a job, nil for none.
func (r *Recorder) Job(name string) *v1alpha1.NotebookValidationJob {
	found := Latest(r, func(job *v1alpha1.NotebookValidationJob) bool { return job.Name == name })
	if len(found) == 0 {
		return nil
	}
	return found[len(found)-1]
}

// Phases are those that a job was seen in, in order, for one generation of its spec.
func (r *Recorder) Phases(name string, generation int64) []v1alpha1.Phase {
	var phases []v1alpha1.Phase
	sightings, _, _ := r.all()
	for _, s := range sightings {
		job, ok := s.Object.(*v1alpha1.NotebookValidationJob)
		if !ok || job.Name != name || job.Status.ObservedGeneration != generation || job.Status.Phase == "" {
			continue
		}
		if len(phases) == 0 || phases[len(phases)-1] != job.Status.Phase {
			phases = append(phases, job.Status.Phase)
		}
	}
	return phases
}

// Ended says whether a job is decided for its present spec.
func Ended(job *v1alpha1.NotebookValidationJob) bool {
	if job == nil || job.Status.ObservedGeneration != job.Generation {
		return false
	}
	return slices.Contains([]v1alpha1.Phase{v1alpha1.PhaseSucceeded, v1alpha1.PhaseFailed}, job.Status.Phase)
}

// AwaitEnd waits until a job is decided for a generation of its spec, and what decided it is seen too: each kind has a watch
// of its own, and that of the jobs may be ahead.
func (r *Recorder) AwaitEnd(ctx context.Context, name string, generation int64) (*v1alpha1.NotebookValidationJob, error) {
	err := r.Await(ctx, "the end of job "+name, func() bool {
		job := r.Job(name)
		return job != nil && job.Generation >= generation && Ended(job) && r.sawBuildOf(job)
	})
	return r.Job(name), err
}

// sawBuildOf says whether the build that a job tells of as over was seen to be over, or gone.
func (r *Recorder) sawBuildOf(job *v1alpha1.NotebookValidationJob) bool {
	told := job.Status.BuildStatus
	if told == nil || told.CompletionTime == nil {
		return true
	}
	seen := Latest(r, func(build *v1alpha1.NotebookBuild) bool { return build.Name == told.BuildName })
	return slices.ContainsFunc(seen, func(build *v1alpha1.NotebookBuild) bool {
		return build.Status.CompletionTime != nil || r.Deleted(build)
	})
}

// Of says whether the operator made an object for a job, as this component.
func Of(object client.Object, job, component string) bool {
	labels := object.GetLabels()
	return labels[v1alpha1.LabelJob] == job && labels[v1alpha1.LabelComponent] == component
}

// Runs are the run Jobs of a job, all that there ever were.
func (r *Recorder) Runs(job string) []*batchv1.Job {
	return Latest(r, func(run *batchv1.Job) bool { return Of(run, job, ComponentRun) })
}

// Builds are the NotebookBuilds of a job, all that there ever were.
func (r *Recorder) Builds(job string) []*v1alpha1.NotebookBuild {
	return Latest(r, func(build *v1alpha1.NotebookBuild) bool { return build.Labels[v1alpha1.LabelJob] == job })
}

// MostUnderWay is how many builds, of all the recorders, were ever under way at one moment: begun, and not ended.
func MostUnderWay(recorders ...*Recorder) int {
	var seen []Sighting
	for _, r := range recorders {
		sightings, _, _ := r.all()
		seen = append(seen, sightings...)
	}
	slices.SortStableFunc(seen, func(a, b Sighting) int { return cmp.Compare(a.Revision, b.Revision) })
	most, underWay := 0, map[types.UID]bool{}
	for _, s := range seen {
		build, ok := s.Object.(*v1alpha1.NotebookBuild)
		if !ok {
			continue
		}
		delete(underWay, build.UID)
		if s.Type != watch.Deleted && build.Status.StartTime != nil && build.Status.CompletionTime == nil {
			underWay[build.UID] = true
		}
		most = max(most, len(underWay))
	}
	return most
}

// Pods of a job's run or build, all that there ever were.
func (r *Recorder) Pods(job, component string) []*corev1.Pod {
	return Latest(r, func(pod *corev1.Pod) bool { return Of(pod, job, component) })
}

// ConditionTrue says whether the condition is True for the generation.
func ConditionTrue(job *v1alpha1.NotebookValidationJob, condition string) bool {
	found := meta.FindStatusCondition(job.Status.Conditions, condition)
	return found != nil && found.Status == "True" && found.ObservedGeneration == job.Generation
}

// Running says whether a container of the pod runs.
func Running(pod *corev1.Pod, container string) bool {
	return slices.ContainsFunc(slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses),
		func(s corev1.ContainerStatus) bool { return s.Name == container && s.State.Running != nil })
}

// Components that the operator labels its objects with.
const (
	ComponentRun   = "run"
	ComponentBuild = "build"
)
