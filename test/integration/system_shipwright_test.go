package integration

import (
	"testing"

	buildv1beta1 "github.com/shipwright-io/build/pkg/apis/build/v1beta1"
	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

func shipwrightCondition(s corev1.ConditionStatus, reason, message string) buildv1beta1.Conditions {
	return buildv1beta1.Conditions{{Type: buildv1beta1.Succeeded, Status: s, Reason: reason, Message: message, LastTransitionTime: metav1.Now()}}
}

func TestShipwrightFromTheBeginningToTheImage(t *testing.T) {
	shipwrightAPI.install(t)
	w := newWorld(t)
	job := w.create("job", withStrategy("shipwright"))
	run := workOf(w, job, &buildv1beta1.BuildRun{})
	becomes(w, run, func(run *buildv1beta1.BuildRun) {
		run.Status.BuildSpec = run.Spec.Build.Spec
		run.Status.Conditions = shipwrightCondition(corev1.ConditionUnknown, "ExceededNodeResources", "0/1 nodes")
	})
	w.awaitMessage(job, "finds no node")
	w.awaitBuild(w.buildOf(job), v1alpha1.ReasonBuilderWaiting)
	becomes(w, run, func(run *buildv1beta1.BuildRun) {
		run.Status.Conditions = shipwrightCondition(corev1.ConditionTrue, "Succeeded", "All Steps have completed executing")
		run.Status.Output = &buildv1beta1.Output{Digest: digest("a")}
	})
	w.finishRun(job, w.passing())
	end := w.awaitSucceeded(job)
	assert.Equal(t, w.image("a"), end.Status.BuildStatus.ImageReference)
	assert.Equal(t, "shipwright", end.Status.BuildStatus.Strategy)
	assertOnlyImage(t, w.history.until(t, end), w.image("a"))
}

func TestShipwrightEndsThatAreNone(t *testing.T) {
	shipwrightAPI.install(t)
	tests := map[string]struct {
		end    buildv1beta1.Conditions
		detail *buildv1beta1.FailureDetails
		reason string
	}{
		"a step that failed": {
			shipwrightCondition(corev1.ConditionFalse, "Failed", "step failed"),
			&buildv1beta1.FailureDetails{Reason: "PushFailed", Message: "The registry said no."}, v1alpha1.ReasonPushFailed,
		},
		"a timeout":                     {shipwrightCondition(corev1.ConditionFalse, "BuildRunTimeout", "late"), nil, v1alpha1.ReasonBuildTimeout},
		"somebody cancelled it":         {shipwrightCondition(corev1.ConditionFalse, buildv1beta1.BuildRunStateCancel, "x"), nil, v1alpha1.ReasonBuildCancelled},
		"an account that is not there":  {shipwrightCondition(corev1.ConditionFalse, "ServiceAccountNotFound", "x"), nil, v1alpha1.ReasonBuilderFailed},
		"a strategy of another version": {shipwrightCondition(corev1.ConditionFalse, string(buildv1beta1.UndefinedParameter), "x"), nil, v1alpha1.ReasonStrategyUnavailable},
		"a digest that nobody can see":  {shipwrightCondition(corev1.ConditionTrue, "Succeeded", ""), nil, v1alpha1.ReasonBuildResultInvalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			job := w.create("job", withStrategy("shipwright"))
			becomes(w, workOf(w, job, &buildv1beta1.BuildRun{}), func(run *buildv1beta1.BuildRun) {
				run.Status.BuildSpec, run.Status.Conditions, run.Status.FailureDetails = run.Spec.Build.Spec, test.end, test.detail
			})
			end := w.awaitFailed(job, v1alpha1.ReasonBuildFailed)
			assert.Contains(t, end.Status.Message, test.reason+": ")
			assertNoRun(t, w.history.until(t, end))
		})
	}
}

func TestShipwrightTroubleThatPassesIsTriedAgain(t *testing.T) {
	shipwrightAPI.install(t)
	tests := map[string]struct{ reason, message string }{
		"a pod that is gone":               {"Failed", "buildrun failed, pod x not found"},
		"a webhook that does not answer":   {"PodCreationFailed", `failed calling webhook "x": context deadline exceeded`},
		"a strategy that is not there yet": {string(buildv1beta1.ClusterBuildStrategyNotFound), "x"},
		"a TaskRun that somebody deleted":  {"TaskRunIsMissing", "taskRun x doesn't exist"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			job := w.create("job", withStrategy("shipwright"))
			first := workOf(w, job, &buildv1beta1.BuildRun{})
			becomes(w, first, func(run *buildv1beta1.BuildRun) {
				run.Status.BuildSpec = run.Spec.Build.Spec
				run.Status.Conditions = shipwrightCondition(corev1.ConditionFalse, test.reason, test.message)
			})
			w.awaitBuild(w.buildOf(job), v1alpha1.ReasonBuildRetrying)
			awaitGone(t, first)
			assert.NotEqual(t, first.Name, workOf(w, job, &buildv1beta1.BuildRun{}).Name)
		})
	}
}
