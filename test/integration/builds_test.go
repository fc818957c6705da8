package integration

import (
	"cmp"
	"slices"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/kubejob"
)

// What tests of builds share that need no job around them.

// createBuild makes a NotebookBuild as a user does who only wants the image.
func (w *world) createBuild(name string, changes ...func(*v1alpha1.BuildOptions)) *v1alpha1.NotebookBuild {
	w.Helper()
	build := &v1alpha1.NotebookBuild{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}}
	build.Spec.Git.URL, build.Spec.NotebookPath = w.repository.url, "notebooks/one.ipynb"
	build.Spec.Strategy = kubejob.Name // whatever else tests have installed
	for _, change := range changes {
		change(&build.Spec.BuildOptions)
	}
	require.NoError(w, kube.Create(w.Context(), build))
	return build
}

func alone(options *v1alpha1.BuildOptions) { options.Cache = v1alpha1.CacheNever }

// awaitBuild waits until the build is decided, or waits, for that reason, and gives it as it is then.
func (w *world) awaitBuild(build *v1alpha1.NotebookBuild, reason string) *v1alpha1.NotebookBuild {
	w.Helper()
	return w.awaitBuildFor(soon, build, reason)
}

// awaitBuildFor is awaitBuild for what is not due at once.
func (w *world) awaitBuildFor(patience time.Duration, build *v1alpha1.NotebookBuild, reason string) *v1alpha1.NotebookBuild {
	w.Helper()
	current := &v1alpha1.NotebookBuild{}
	require.EventuallyWithT(w, func(c *assert.CollectT) {
		require.NoError(c, kube.Get(w.Context(), client.ObjectKeyFromObject(build), current))
		assert.Equal(c, reason, succeeded(current).Reason, "build %s: %s", build.Name, succeeded(current).Message)
	}, patience, blink)
	return current
}

// awaitTold waits until the build says that of itself.
func (w *world) awaitTold(build *v1alpha1.NotebookBuild, text string) {
	w.Helper()
	eventually(w, func(c *assert.CollectT) {
		current := &v1alpha1.NotebookBuild{}
		require.NoError(c, kube.Get(w.Context(), client.ObjectKeyFromObject(build), current))
		assert.Contains(c, succeeded(current).Message, text)
	})
}

// awaitGate waits until the job has an image, and gives it as it is then.
func (w *world) awaitGate(job *v1alpha1.NotebookValidationJob, reason string) *v1alpha1.NotebookValidationJob {
	w.Helper()
	return w.awaitCondition(job, v1alpha1.ConditionBuildReady, metav1.ConditionTrue, reason)
}

// succeeded is what a build says of itself; empty while it says nothing.
func succeeded(build *v1alpha1.NotebookBuild) metav1.Condition {
	if c := meta.FindStatusCondition(build.Status.Conditions, v1alpha1.ConditionSucceeded); c != nil {
		return *c
	}
	return metav1.Condition{Status: metav1.ConditionUnknown}
}

// isUnderWay says whether a build has begun its own work, and has not ended.
func isUnderWay(build *v1alpha1.NotebookBuild) bool {
	return build.Status.StartTime != nil && succeeded(build).Status == metav1.ConditionUnknown
}

// allBuilds are those that the worlds have now.
func allBuilds(worlds ...*world) []v1alpha1.NotebookBuild {
	var all []v1alpha1.NotebookBuild
	for _, w := range worlds {
		w.Helper()
		var list v1alpha1.NotebookBuildList
		require.NoError(w, kube.List(w.Context(), &list, client.InNamespace(w.namespace)))
		all = append(all, list.Items...)
	}
	return all
}

// buildStates are all states that the builds of these worlds were ever in, oldest first.
func buildStates(worlds ...*world) []*v1alpha1.NotebookBuild {
	var all []*v1alpha1.NotebookBuild
	for _, w := range worlds {
		w.Helper()
		var states []client.Object
		for _, build := range allBuilds(w) {
			states = w.history.until(w, &build)
		}
		for _, state := range states {
			if build, ok := state.(*v1alpha1.NotebookBuild); ok {
				all = append(all, build)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *v1alpha1.NotebookBuild) int { return cmp.Compare(version(a), version(b)) })
	return all
}

// mostAtOnce is how many builds were ever under way at the same time, of all and of one namespace.
func mostAtOnce(states []*v1alpha1.NotebookBuild) (all int, inNamespace map[string]int) {
	running, inNamespace := map[types.UID]string{}, map[string]int{}
	for _, state := range states {
		delete(running, state.UID)
		if isUnderWay(state) {
			running[state.UID] = state.Namespace
		}
		count := map[string]int{}
		for _, namespace := range running {
			count[namespace]++
			inNamespace[namespace] = max(inNamespace[namespace], count[namespace])
		}
		all = max(all, len(running))
	}
	return all, inNamespace
}

// began is when a build began its own work, 0 for never.
func began(states []*v1alpha1.NotebookBuild, build *v1alpha1.NotebookBuild) uint64 {
	for _, state := range states {
		if state.UID == build.UID && state.Status.StartTime != nil {
			return version(state)
		}
	}
	return 0
}
