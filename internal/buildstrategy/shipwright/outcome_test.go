package shipwright_test

import (
	"strings"
	"testing"

	buildv1beta1 "github.com/shipwright-io/build/pkg/apis/build/v1beta1"
	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/shipwright"
)

var digest = "sha256:" + strings.Repeat("a", 64)

const repository = "registry.example.com/team/iris"

type statusEdit = func(*buildv1beta1.BuildRun)

// begun is a BuildRun that Shipwright took up, with that condition unless it is empty.
func begun(t *testing.T, status corev1.ConditionStatus, reason, message string, edits ...statusEdit) *buildv1beta1.BuildRun {
	t.Helper()
	run := buildRun(t, everything)
	run.Status.BuildSpec = run.Spec.Build.Spec.DeepCopy()
	if status != "" {
		run.Status.Conditions = buildv1beta1.Conditions{{Type: buildv1beta1.Succeeded, Status: status, Reason: reason, Message: message}}
	}
	for _, e := range edits {
		e(run)
	}
	return run
}

func left(text string) statusEdit {
	return func(run *buildv1beta1.BuildRun) { run.Status.Output = &buildv1beta1.Output{Digest: text} }
}

func details(step, reason, message string) statusEdit {
	return func(run *buildv1beta1.BuildRun) {
		run.Status.FailureDetails = &buildv1beta1.FailureDetails{Reason: reason, Message: message,
			Location: &buildv1beta1.Location{Pod: "p", Container: step}}
	}
}

func outcome(run *buildv1beta1.BuildRun) buildstrategy.Outcome {
	return shipwright.Strategy{}.Outcome(buildstrategy.Seen{Child: run})
}

func TestASucceededBuildRunIsASuccessOnlyWithADigest(t *testing.T) {
	changed := func(run *buildv1beta1.BuildRun) { run.Spec.Build.Spec.Output.Image = "registry.example.com/other:1" }
	both := func(run *buildv1beta1.BuildRun) {
		changed(run)
		run.Status.BuildSpec.Output.Image = "no image"
		run.Spec.Build.Spec.Output.Image = "no image"
	}
	tests := map[string]struct {
		edits []statusEdit
		says  string
	}{
		"the digest of the pushed image": {[]statusEdit{left(digest)}, ""},
		"no output":                      {nil, "has no digest"},
		"no digest":                      {[]statusEdit{left("")}, "has no digest"},
		"a short digest":                 {[]statusEdit{left("sha256:aaaa")}, "no image with a digest"},
		"a digest in capitals":           {[]statusEdit{left("sha256:" + strings.Repeat("A", 64))}, "no image with a digest"},
		"another algorithm":              {[]statusEdit{left("sha512:" + strings.Repeat("a", 128))}, "no image with a digest"},
		"a line more":                    {[]statusEdit{left(digest + "\n")}, "no image with a digest"},
		"a whole image":                  {[]statusEdit{left("evil.example.com/a@" + digest)}, "no image with a digest"},
		"another image asked for since":  {[]statusEdit{left(digest), changed}, "was changed after it began"},
		"an image that is none":          {[]statusEdit{left(digest), both}, "does not say which image"},
		"a build that is not in it":      {[]statusEdit{left(digest), func(run *buildv1beta1.BuildRun) { run.Spec.Build.Spec = nil }}, "does not have the build in it"},
		"a build that was never begun":   {[]statusEdit{left(digest), func(run *buildv1beta1.BuildRun) { run.Status.BuildSpec = nil }}, "does not have the build in it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			run := begun(t, corev1.ConditionTrue, "Succeeded", "All Steps have completed executing", test.edits...)
			assert.True(t, shipwright.Strategy{}.Ended(run))
			got := outcome(run)
			if test.says == "" {
				assert.Equal(t, buildstrategy.Succeeded, got.Phase)
				assert.Equal(t, repository+"@"+digest, got.Image)
				return
			}
			assert.Equal(t, buildstrategy.Failed, got.Phase)
			assert.Equal(t, buildstrategy.BuildResultInvalid, got.Reason)
			assert.Empty(t, got.Image)
			assert.Contains(t, got.Message, test.says)
		})
	}
}

func TestAFailedBuildRunSaysWhy(t *testing.T) {
	const registration = "BuildRegistrationFailed"
	const pull = `the step "build" in TaskRun "a" failed to pull the image "". The pod errored with the message: "%s."`
	noTimeout := func(run *buildv1beta1.BuildRun) { run.Spec.Build.Spec.Timeout = nil }
	noBuild := func(run *buildv1beta1.BuildRun) { run.Spec.Build.Spec = nil }
	noPlace := func(run *buildv1beta1.BuildRun) {
		run.Status.FailureDetails = &buildv1beta1.FailureDetails{Reason: "PushFailed", Message: "denied"}
	}
	tests := map[string]struct {
		reason, message string
		edits           []statusEdit
		want            buildstrategy.Reason
		says            string
		temporary       bool
	}{
		"a failed step":                           {"Failed", "logs", []statusEdit{details("step-build", "BuildFailed", "ERROR: No matching distribution")}, buildstrategy.BuildFailed, "ERROR: No matching distribution", false},
		"a refused push":                          {"Failed", "logs", []statusEdit{details("step-build", "PushFailed", "denied")}, buildstrategy.PushFailed, "denied", false},
		"a registry in trouble":                   {"Failed", "logs", []statusEdit{details("step-build", "TemporaryPushFailed", "refused")}, buildstrategy.PushFailed, "refused", true},
		"a builder that broke down":               {"Failed", "logs", []statusEdit{details("step-build", "BuilderFailed", "no room")}, buildstrategy.BuilderFailed, "no room", false},
		"a builder that was stopped":              {"Failed", "logs", []statusEdit{details("step-build", "TemporaryBuilderFailed", "stopped")}, buildstrategy.BuilderFailed, "stopped", true},
		"the build's own timeout":                 {"Failed", "logs", []statusEdit{details("step-build", "BuildTimeout", "too long")}, buildstrategy.BuildTimeout, "too long", false},
		"a reason that no build has":              {"Failed", "logs", []statusEdit{details("step-build", "Invented", "x")}, buildstrategy.BuilderFailed, "x", false},
		"a fetch with a reason":                   {"Failed", "logs", []statusEdit{details("step-fetch", "CredentialsRejected", "log in")}, "CredentialsRejected", "log in", false},
		"a git server in trouble":                 {"Failed", "logs", []statusEdit{details("step-fetch", "TemporarySourceUnavailable", "gone")}, buildstrategy.SourceUnavailable, "gone", true},
		"a fetch with a reason that is none":      {"Failed", "logs", []statusEdit{details("step-fetch", "not a reason", "x")}, buildstrategy.SourceUnavailable, "x", false},
		"a fetch that left nothing":               {"Failed", "buildrun step step-fetch failed", []statusEdit{details("step-fetch", "", "")}, buildstrategy.BuilderFailed, "left no reason. Shipwright says: buildrun step step-fetch failed", true},
		"a build that left nothing":               {"Failed", "buildrun step step-build failed", []statusEdit{details("step-build", "", "")}, buildstrategy.BuilderFailed, "step-build failed", true},
		"a build that left only a blank":          {"Failed", "look", []statusEdit{details("step-build", "", " \n")}, buildstrategy.BuilderFailed, "look", true},
		"a reason without a message":              {"Failed", "look", []statusEdit{details("step-build", "PushFailed", "")}, buildstrategy.BuilderFailed, "look", true},
		"no details":                              {"Failed", "buildrun failed, pod team/p not found", nil, buildstrategy.BuilderFailed, "pod team/p not found", true},
		"a pod that is gone with its words":       {"Failed", "buildrun failed, pod team/p not found", []statusEdit{details("", "", "")}, buildstrategy.BuilderFailed, "Its pod may have been deleted", true},
		"a pod that is gone, but not its words":   {"Failed", "buildrun failed, pod team/p not found", []statusEdit{details("", "BuildFailed", "ERROR: No matching distribution")}, buildstrategy.BuildFailed, "ERROR: No matching distribution", false},
		"details without a place":                 {"Failed", "logs", []statusEdit{noPlace}, buildstrategy.PushFailed, "denied", false},
		"terminal sequences":                      {"Failed", "logs", []statusEdit{details("step-build", "BuildFailed", "\x1b[1mERROR\x1b[0m")}, buildstrategy.BuildFailed, "ERROR", false},
		"Shipwright's timeout":                    {"BuildRunTimeout", "BuildRun a failed to finish within 15m0s", nil, buildstrategy.BuildTimeout, "timeout of 15m0s", false},
		"a timeout that nobody set":               {"BuildRunTimeout", "", []statusEdit{noTimeout}, buildstrategy.BuildTimeout, "longer than its timeout.", false},
		"cancelled":                               {"BuildRunCanceled", "canceled successfully", nil, buildstrategy.BuildCancelled, "cancelled the build in Shipwright", false},
		"the TaskRun was cancelled":               {"TaskRunCancelled", "", nil, buildstrategy.BuildCancelled, "cancelled the build in Shipwright", false},
		"evicted":                                 {"PodEvicted", "ephemeral local storage usage exceeds", nil, buildstrategy.BuildEvicted, "ephemeral local storage", true},
		"out of memory":                           {"StepOutOfMemory", "", []statusEdit{details("step-build", "", "")}, buildstrategy.OutOfMemory, "step build used more memory", false},
		"out of memory somewhere":                 {"StepOutOfMemory", "", nil, buildstrategy.OutOfMemory, "in the ClusterBuildStrategy", false},
		"a missing push secret":                   {"VolumeDoesNotExist", `Secret "push" not found`, nil, buildstrategy.PushFailed, "The push secret does not exist", true},
		"a missing Git Secret":                    {"VolumeDoesNotExist", `Secret "git" not found`, nil, buildstrategy.SourceUnavailable, "The Git Secret does not exist", true},
		"another missing volume":                  {"VolumeDoesNotExist", `Secret "other" not found`, nil, buildstrategy.BuilderFailed, `Secret "other" not found`, true},
		"a missing volume of nothing":             {"VolumeDoesNotExist", `Secret "push" not found`, []statusEdit{noBuild}, buildstrategy.BuilderFailed, `Secret "push" not found`, true},
		"a missing service account":               {"ServiceAccountNotFound", "service account builder not found", nil, buildstrategy.BuilderFailed, "buildConfig.serviceAccountName", false},
		"a deleted TaskRun":                       {"TaskRunIsMissing", "taskRun a-x doesn't exist", nil, buildstrategy.BuilderFailed, "was deleted before its end", true},
		"a result that is too large":              {"TaskRunResultLargerThanAllowedLimit", "too large", nil, buildstrategy.BuildResultInvalid, "too large", false},
		"no such strategy, found by registration": {registration, "clusterBuildStrategy notebook-validator does not exist", nil, buildstrategy.StrategyUnavailable, "config/shipwright", true},
		"no such strategy":                        {"ClusterBuildStrategyNotFound", "not found", nil, buildstrategy.StrategyUnavailable, "config/shipwright", true},
		"no such strategy of a namespace":         {"BuildStrategyNotFound", "not found", nil, buildstrategy.StrategyUnavailable, "config/shipwright", true},
		"an unknown kind of strategy":             {"UnknownStrategyKind", "unknown strategy X", nil, buildstrategy.StrategyUnavailable, "config/shipwright", true},
		"an unknown parameter":                    {"UndefinedParameter", "x", nil, buildstrategy.StrategyUnavailable, "of this version", false},
		"a parameter that is missing":             {"MissingParameterValues", "x", nil, buildstrategy.StrategyUnavailable, "of this version", false},
		"a parameter of another type":             {"WrongParameterValueType", "x", nil, buildstrategy.StrategyUnavailable, "of this version", false},
		"an unknown volume":                       {"UndefinedVolume", "x", nil, buildstrategy.StrategyUnavailable, "of this version", false},
		"a volume that may not be overridden":     {"VolumeNotOverridable", "x", nil, buildstrategy.StrategyUnavailable, "of this version", false},
		"an unknown parameter, by registration":   {registration, "The following parameters are not defined in the build strategy: build-args", nil, buildstrategy.StrategyUnavailable, "of this version", false},
		"an unknown volume, by registration":      {registration, `Volume "git-credentials" is not defined in the Strategy`, nil, buildstrategy.StrategyUnavailable, "of this version", false},
		"another registration":                    {registration, "Node selector key not valid: x", nil, buildstrategy.BuilderFailed, "(BuildRegistrationFailed): Node selector key", false},
		"an image that does not come":             {"TaskRunImagePullFailed", strings.Replace(pull, "%s", "Back-off pulling image", 1), nil, buildstrategy.BuilderImagePullFailed, "Back-off pulling image", true},
		"an image name that is none":              {"TaskRunImagePullFailed", strings.Replace(pull, "%s", "couldn't parse image name", 1), nil, buildstrategy.BuilderImagePullFailed, "couldn't parse", false},
		"a namespace that forbids":                {"PodAdmissionFailed", `pods "a" is forbidden: violates PodSecurity "restricted:latest"`, nil, buildstrategy.BuilderForbidden, "pod-security.kubernetes.io/enforce", false},
		"a cluster that forbids":                  {"PodCreationFailed", "failed: unable to validate against any security context constraint", nil, buildstrategy.BuilderForbidden, "anyuid", false},
		"a pod that cannot be made":               {"PodCreationFailed", "failed to create task run pod", nil, buildstrategy.BuilderFailed, "cannot be made. Tekton says: failed", true},
		"a webhook that does not answer":          {"PodCreationFailed", `failed to create task run pod "a": Internal error occurred: failed calling webhook "x": context deadline exceeded`, nil, buildstrategy.BuilderFailed, "failed calling webhook", true},
		"an API server that is slow":              {"PodCreationFailed", `failed to create task run pod "a": etcdserver: request timed out`, nil, buildstrategy.BuilderFailed, "request timed out", true},
		"another admission that refuses":          {"PodAdmissionFailed", `pods "a" is forbidden: security context constraint broken`, nil, buildstrategy.BuilderFailed, "constraint broken", true},
		"a pod that is not valid":                 {"PodCreationFailed", `failed to create task run pod "a": Pod "a" is invalid: spec.nodeSelector: Invalid value`, nil, buildstrategy.BuilderFailed, "spec.nodeSelector", false},
		"a container that cannot be made":         {"CreateContainerConfigError", `configmap "x" not found`, nil, buildstrategy.BuilderFailed, `(CreateContainerConfigError): configmap "x" not found`, false},
		"a TaskRun that cannot be made":           {"TaskRunGenerationFailed", "x", nil, buildstrategy.BuilderFailed, "(TaskRunGenerationFailed): x", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			run := begun(t, corev1.ConditionFalse, test.reason, test.message, append(test.edits, left(digest))...)
			assert.True(t, shipwright.Strategy{}.Ended(run))
			got := outcome(run)
			assert.Equal(t, buildstrategy.Failed, got.Phase)
			assert.Equal(t, test.want, got.Reason)
			assert.Contains(t, got.Message, test.says)
			assert.Equal(t, test.temporary, got.Temporary)
			assert.Empty(t, got.Image)
			assert.NotContains(t, got.Message, "\x1b")
		})
	}
}

func TestAnUndecidedBuildRunSaysWhatItDoes(t *testing.T) {
	const unknown, waiting = corev1.ConditionUnknown, buildstrategy.BuilderWaiting
	tests := map[string]struct {
		status          corev1.ConditionStatus
		reason, message string
		want            buildstrategy.Reason
		says            string
	}{
		"nobody took it up":                 {"", "", "", "", "Waiting for Shipwright"},
		"a condition without sense":         {"Perhaps", "", "", "", "Waiting for Shipwright"},
		"started":                           {unknown, "Started", "", "", "Starting the build's pod."},
		"pending":                           {unknown, "Pending", "pod status \"Initialized\":\"False\"", "", "Starting the build's pod. pod status"},
		"running":                           {unknown, "Running", "Not all Steps in the Task have finished executing", "", "Building the image."},
		"a quota":                           {unknown, "ExceededResourceQuota", "TaskRun Pod exceeded available resources", waiting, "raise the quota"},
		"no node":                           {unknown, "ExceededNodeResources", "TaskRun Pod exceeded available resources", waiting, "no node with room"},
		"no node with room says what to do": {unknown, "ExceededNodeResources", "", waiting, "add a node"},
		"no node that it may run on":        {unknown, "Pending", "pod status \"PodScheduled\":\"False\"; message: \"untolerated taint\"", waiting, "check the build's node selector and tolerations. Tekton says: pod status"},
		"an image that is slow":             {unknown, "PullImageFailed", "build failed to pull", buildstrategy.BuilderImagePullFailed, "cannot be pulled"},
		"an image that was given up":        {unknown, "TaskRunImagePullFailed", "failed to pull the image", buildstrategy.BuilderImagePullFailed, "operator's configuration of its images"},
		"being cancelled":                   {unknown, "BuildRunCanceled", "requested", "", "is being stopped"},
		"anything else":                     {unknown, "ToBeRetried", "again", "", "(ToBeRetried): again"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			run := begun(t, test.status, test.reason, test.message, left(digest))
			assert.False(t, shipwright.Strategy{}.Ended(run))
			got := outcome(run)
			assert.Equal(t, buildstrategy.Running, got.Phase)
			assert.Equal(t, test.want, got.Reason)
			assert.Empty(t, got.Image)
			assert.Contains(t, got.Message, test.says)
		})
	}
}

func TestAnObjectThatIsNoBuildRunIsAFailure(t *testing.T) {
	got := shipwright.Strategy{}.Outcome(buildstrategy.Seen{Child: &corev1.Pod{}})
	assert.Equal(t, buildstrategy.Failed, got.Phase)
	assert.Equal(t, buildstrategy.BuilderFailed, got.Reason)
	assert.False(t, shipwright.Strategy{}.Ended(&corev1.Pod{}))
}

func TestWhatTheStrategyIs(t *testing.T) {
	s := shipwright.Strategy{}
	assert.Equal(t, "shipwright", s.Name())
	assert.Equal(t, "shipwright.io/v1beta1, Kind=BuildRun", s.Kind().String())
	run := buildRun(t)
	assert.Equal(t, s.Kind(), run.GroupVersionKind())
	assert.Nil(t, s.NewParts())
	assert.Nil(t, s.Selector(run))
	assert.Nil(t, s.Companions(inputs()))
}
