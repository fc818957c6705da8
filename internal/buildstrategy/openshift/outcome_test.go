package openshift_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	buildv1 "github.com/openshift/api/build/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/openshift"
)

const digest = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

func outcome(build *buildv1.Build) buildstrategy.Outcome {
	return openshift.Strategy{}.Outcome(buildstrategy.Seen{Child: build})
}

// ended is when the builds here are over, in whole seconds as the API has it.
var ended = time.Date(2026, 5, 4, 3, 20, 0, 0, time.UTC)

// withStatus is a Build in a phase, which OpenShift has taken note of where it is an end.
func withStatus(t *testing.T, phase buildv1.BuildPhase, reason buildv1.StatusReason, message string, edits ...edit) *buildv1.Build {
	t.Helper()
	build := child(t, edits...)
	build.Status.Phase, build.Status.Reason, build.Status.Message = phase, reason, message
	if phase == buildv1.BuildPhaseFailed || phase == buildv1.BuildPhaseError {
		build.Status.CompletionTimestamp = &metav1.Time{Time: ended}
	}
	return build
}

func TestEveryReasonOfABuildThatFailed(t *testing.T) {
	tests := map[buildv1.StatusReason]struct {
		phase     buildv1.BuildPhase
		reason    buildstrategy.Reason
		says      string
		temporary bool
	}{
		"DockerBuildFailed":               {"Failed", buildstrategy.BuildFailed, "Correct the Dockerfile or the requirements", false},
		"GenericBuildFailed":              {"Failed", buildstrategy.BuildFailed, "Correct what the log names", false},
		"ManageDockerfileFailed":          {"Failed", buildstrategy.BuildFailed, "here-documents", false},
		"InvalidContextDirectory":         {"Failed", buildstrategy.BuildFailed, "Correct the directory", false},
		"PullBuilderImageFailed":          {"Failed", buildstrategy.BaseImagePullFailed, "registry.pushSecret", false},
		"FetchImageContentFailed":         {"Failed", buildstrategy.BaseImagePullFailed, "may pull it", false},
		"PushImageToRegistryFailed":       {"Failed", buildstrategy.PushFailed, "registry.repository", false},
		"FetchSourceFailed":               {"Failed", buildstrategy.SourceUnavailable, "git.credentialsSecret", false},
		"OutOfMemoryKilled":               {"Failed", buildstrategy.OutOfMemory, "Raise the build's memory limit", false},
		"BuildPodEvicted":                 {"Failed", buildstrategy.BuildEvicted, "storage and memory", true},
		"BuildPodDeleted":                 {"Error", buildstrategy.BuildEvicted, "was deleted", true},
		"BuildPodExists":                  {"Error", buildstrategy.BuilderFailed, "earlier build", true},
		"NoBuildContainerStatus":          {"Error", buildstrategy.BuilderFailed, "Run the job again", false},
		"FailedContainer":                 {"Error", buildstrategy.BuilderFailed, "Correct what the log names", false},
		"UnresolvableEnvironmentVariable": {"Error", buildstrategy.BuilderFailed, "administrator", false},
		"PostCommitHookFailed":            {"Failed", buildstrategy.BuildFailed, "Remove it", false},
		"ExceededRetryTimeout":            {"Error", buildstrategy.BuildTimeout, "events", false},
		"CancelledBuild":                  {"Failed", buildstrategy.BuildCancelled, "cancelled", false},
		"InvalidOutputReference":          {"Error", buildstrategy.BuilderFailed, "Correct what OpenShift names", false},
		"SomethingNew":                    {"Failed", buildstrategy.BuilderFailed, "Correct what OpenShift names", false},
		"":                                {"Error", buildstrategy.BuilderFailed, "The build failed", false},
	}
	for reason, test := range tests {
		t.Run(string(reason), func(t *testing.T) {
			build := withStatus(t, test.phase, reason, "the message")
			build.Status.LogSnippet = "step 1\nno such \x1b[31mpackage\x1b[0m"
			got := outcome(build)
			assert.Equal(t, buildstrategy.Failed, got.Phase)
			assert.Equal(t, test.reason, got.Reason)
			assert.Equal(t, test.temporary, got.Temporary)
			assert.Contains(t, got.Message, test.says)
			assert.Contains(t, got.Message, "the message")
			assert.True(t, strings.HasSuffix(got.Message, "\nstep 1\nno such package"), got.Message)
			assert.Empty(t, got.Image)
			assert.False(t, got.Cancel, "nothing goes on")
			assert.Zero(t, got.Settles, "the log is there")
			assert.True(t, openshift.Strategy{}.Ended(build))
		})
	}
}

func TestABuildOfItsDeadlineIsATimeout(t *testing.T) {
	start := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	tests := map[string]struct {
		took   time.Duration
		reason buildv1.StatusReason
		want   buildstrategy.Reason
	}{
		"at the deadline":             {16 * time.Minute, "GenericBuildFailed", buildstrategy.BuildTimeout},
		"rounded":                     {16*time.Minute - time.Second, "GenericBuildFailed", buildstrategy.BuildTimeout},
		"before it":                   {15*time.Minute + 30*time.Second, "GenericBuildFailed", buildstrategy.BuildFailed},
		"at it with a better reason":  {16 * time.Minute, "OutOfMemoryKilled", buildstrategy.OutOfMemory},
		"at it with a failed command": {17 * time.Minute, "DockerBuildFailed", buildstrategy.BuildFailed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			build := withStatus(t, buildv1.BuildPhaseFailed, test.reason, "Generic Build failure - check logs for details.")
			build.Status.StartTimestamp, build.Status.CompletionTimestamp = &metav1.Time{Time: start}, &metav1.Time{Time: start.Add(test.took)}
			got := outcome(build)
			assert.Equal(t, test.want, got.Reason)
			if test.want == buildstrategy.BuildTimeout {
				assert.Contains(t, got.Message, "its timeout of 15m0s.", "the build's own, without what the Build has beyond it")
			}
		})
	}
	t.Run("a time that is not told", func(t *testing.T) {
		build := withStatus(t, buildv1.BuildPhaseFailed, "GenericBuildFailed", "")
		build.Status.CompletionTimestamp = &metav1.Time{Time: start}
		assert.Equal(t, buildstrategy.BuildFailed, outcome(build).Reason)
		build.Status.StartTimestamp, build.Spec.CompletionDeadlineSeconds = &metav1.Time{}, nil
		assert.Equal(t, buildstrategy.BuildFailed, outcome(build).Reason)
	})
}

func TestWhatAnUndecidedBuildWaitsFor(t *testing.T) {
	private := func(in *buildstrategy.Inputs) {
		in.Source.CredentialsSecret, in.Registry.PushSecret = "git-secret", "push-secret"
	}
	account := func(in *buildstrategy.Inputs) { in.ServiceAccountName = "mine" }
	tests := map[string]struct {
		phase  buildv1.BuildPhase
		reason buildv1.StatusReason
		edit   edit
		stuck  bool
		says   []string
	}{
		"not seen by OpenShift":  {"", "", nil, false, []string{"Waiting for OpenShift"}},
		"new":                    {"New", "", nil, false, []string{"Waiting for OpenShift"}},
		"new without a stream":   {"New", "InvalidOutputReference", toImageStream, true, []string{"image stream tag iris-build-1:latest", "registry.repository", "the message"}},
		"new without a place":    {"New", "InvalidOutputReference", nil, true, []string{"registry.repository", "InvalidOutputReference"}},
		"new without a secret":   {"New", "GenericBuildFailed", nil, true, []string{"Create what it names", "the message"}},
		"new without an image":   {"New", "InvalidImageReference", nil, true, []string{"name of the image"}},
		"new without an account": {"New", "CannotRetrieveServiceAccount", nil, true, []string{"service account builder"}},
		"new without my account": {"New", "CannotRetrieveServiceAccount", account, true, []string{"service account mine"}},
		"new without room": {"New", "CannotCreateBuildPod", nil, true, []string{
			"kubectl describe build.build.openshift.io iris-build-1 -n team (or oc describe)", "quota", "security context constraint", "the message"}},
		"new of an unknown kind":     {"New", "CannotCreateBuildPodSpec", nil, true, []string{"CannotCreateBuildPodSpec: the message"}},
		"pending":                    {"Pending", "", nil, false, []string{"Waiting for the build's pod"}},
		"pending without a reason":   {"Pending", "", private, false, []string{"git-secret, push-secret."}},
		"pending without a push":     {"Pending", "MissingPushSecret", private, true, []string{"the Secret push-secret", "registry.pushSecret"}},
		"pending without any secret": {"Pending", "MissingPushSecret", nil, true, []string{"MissingPushSecret: the message"}},
		"pending for another reason": {"Pending", "SomethingNew", nil, true, []string{"SomethingNew: the message"}},
		"running":                    {"Running", "", nil, false, []string{"building the image"}},
		"a phase of the future":      {"Polishing", "", nil, false, []string{"phase Polishing"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			change := test.edit
			if change == nil {
				change = func(*buildstrategy.Inputs) {}
			}
			message := ""
			if test.reason != "" {
				message = "the message"
			}
			build := withStatus(t, test.phase, test.reason, message, change)
			got := outcome(build)
			assert.Equal(t, buildstrategy.Running, got.Phase)
			if test.stuck {
				assert.Equal(t, buildstrategy.BuilderWaiting, got.Reason)
			} else {
				assert.Empty(t, got.Reason)
			}
			assert.False(t, openshift.Strategy{}.Ended(build))
			for _, says := range test.says {
				assert.Contains(t, got.Message, says)
			}
		})
	}
}

func TestABuildThatIsCancelled(t *testing.T) {
	build := withStatus(t, buildv1.BuildPhaseRunning, "", "")
	build.Status.Cancelled = true
	assert.Equal(t, "The build is being cancelled in OpenShift.", outcome(build).Message)
	build.Status.Phase, build.Status.Reason = buildv1.BuildPhaseCancelled, buildv1.StatusReasonCancelledBuild
	assert.Equal(t, buildstrategy.BuildCancelled, outcome(build).Reason)
	assert.True(t, openshift.Strategy{}.Ended(build))
}

func TestADigestBeforeTheEndIsNoImage(t *testing.T) {
	build := withStatus(t, buildv1.BuildPhaseRunning, "", "")
	build.Status.Output.To = &buildv1.BuildStatusOutputTo{ImageDigest: digest}
	got := outcome(build)
	assert.Equal(t, buildstrategy.Running, got.Phase)
	assert.Empty(t, got.Image)
}

func TestTheImageOfACompleteBuild(t *testing.T) {
	onHub := func(in *buildstrategy.Inputs) { in.Image = "docker.io/team/iris:build-1" }
	tests := map[string]struct {
		edit              edit
		reference, digest string
		image, says       string
	}{
		"in the registry that was asked for": {nil, "registry.example.com/team/iris:build-1", digest, "registry.example.com/team/iris@" + digest, ""},
		"in the default registry":            {onHub, "docker.io/team/iris:build-1", digest, "docker.io/team/iris@" + digest, ""},
		"in the image stream": {toImageStream, internalRegistry + "/team/iris-build-1:latest", digest,
			internalRegistry + "/team/iris-build-1@" + digest, ""},
		"in another repository":       {nil, "registry.example.com/team/other:build-1", digest, "", "was asked for"},
		"in another registry":         {nil, "evil.example.com/team/iris:build-1", digest, "", "was asked for"},
		"in another namespace":        {toImageStream, internalRegistry + "/other/iris-build-1:latest", digest, "", "the image stream tag team/iris-build-1:latest was asked for"},
		"in another stream":           {toImageStream, internalRegistry + "/team/other:latest", digest, "", "was asked for"},
		"under another tag":           {nil, "registry.example.com/team/iris:build-2", digest, "", "was asked for"},
		"under another stream's tag":  {toImageStream, internalRegistry + "/team/iris-build-1:1", digest, "", "the image stream tag team/iris-build-1:latest was asked for"},
		"with a digest that is none":  {nil, "registry.example.com/team/iris:build-1", "sha256:abc", "", "which is no digest"},
		"with more than a digest":     {nil, "registry.example.com/team/iris:build-1", digest + "\n", "", "which is no digest"},
		"without a reference":         {nil, "", digest, "", "which is no image"},
		"with a reference by digest":  {nil, "registry.example.com/team/iris@" + digest, digest, "", "which is no image"},
		"with a reference with words": {nil, "registry.example.com/team/iris:1 evil", digest, "", "which is no image"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			change := test.edit
			if change == nil {
				change = func(*buildstrategy.Inputs) {}
			}
			build := withStatus(t, buildv1.BuildPhaseComplete, "", "", change)
			build.Status.OutputDockerImageReference = test.reference
			build.Status.Output.To = &buildv1.BuildStatusOutputTo{ImageDigest: test.digest}
			got := outcome(build)
			assert.Equal(t, test.image, got.Image)
			assert.Empty(t, got.Tag)
			if test.says == "" {
				assert.Equal(t, buildstrategy.Succeeded, got.Phase)
				return
			}
			assert.Equal(t, buildstrategy.Failed, got.Phase)
			assert.Equal(t, buildstrategy.BuildResultInvalid, got.Reason)
			assert.Contains(t, got.Message, test.says)
		})
	}
}

func TestABuildThatAsksForNoImageHasNone(t *testing.T) {
	build := withStatus(t, buildv1.BuildPhaseComplete, "", "")
	build.Status.OutputDockerImageReference = "registry.example.com/team/iris:build-1"
	build.Status.Output.To = &buildv1.BuildStatusOutputTo{ImageDigest: digest}
	build.Spec.Output.To = nil
	assert.Equal(t, buildstrategy.BuildResultInvalid, outcome(build).Reason)
}

func TestAnObjectThatIsNoBuildIsAFailure(t *testing.T) {
	got := openshift.Strategy{}.Outcome(buildstrategy.Seen{Child: &corev1.Pod{}})
	assert.Equal(t, buildstrategy.Failed, got.Phase)
	assert.Equal(t, buildstrategy.BuilderFailed, got.Reason)
	assert.False(t, openshift.Strategy{}.Ended(&corev1.Pod{}))
}

func TestOpenShiftsOwnWordsAreBounded(t *testing.T) {
	build := withStatus(t, buildv1.BuildPhaseFailed, buildv1.StatusReason(strings.Repeat("日", 9999)), strings.Repeat("é", 9999))
	build.Status.LogSnippet = strings.Repeat("ü", 9999) + "the end"
	got := outcome(build)
	require.True(t, utf8.ValidString(got.Message))
	assert.Less(t, len(got.Message), 5000)
	assert.True(t, strings.HasSuffix(got.Message, "the end"))
}
