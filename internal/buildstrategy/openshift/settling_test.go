package openshift_test

import (
	"testing"
	"time"

	buildv1 "github.com/openshift/api/build/v1"
	"github.com/stretchr/testify/assert"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/openshift"
)

// A failure as it is told: the builder writes phase, reason and message, OpenShift all the rest.
type writes = func(*buildv1.BuildStatus)

func builderFails(reason buildv1.StatusReason) writes {
	return func(s *buildv1.BuildStatus) {
		s.Phase, s.Reason, s.Message = buildv1.BuildPhaseFailed, reason, "the builder's words"
	}
}

func memoryWasUsedUp(s *buildv1.BuildStatus) {
	s.Reason, s.Message = buildv1.StatusReasonOutOfMemoryKilled, "The build pod was killed due to an out of memory condition."
}

func theEnd(s *buildv1.BuildStatus) { s.CompletionTimestamp = &metav1.Time{Time: ended} }

func theLog(s *buildv1.BuildStatus) { s.LogSnippet = "the last lines" }

func TestAFailureIsToldBitByBit(t *testing.T) {
	settles := ended.Add(5 * time.Second)
	tests := map[string]struct {
		writes  []writes
		phase   buildstrategy.Phase
		reason  buildstrategy.Reason
		settles time.Time
		says    []string
	}{
		"the builder has failed": {[]writes{builderFails("DockerBuildFailed")},
			buildstrategy.Running, "", time.Time{}, []string{"The build failed; OpenShift is about to say why.", "DockerBuildFailed: the builder's words"}},
		"the builder has failed and does not say at what": {[]writes{builderFails("")},
			buildstrategy.Running, "", time.Time{}, []string{"OpenShift is about to say why.", "OpenShift says: the builder's words"}},
		"OpenShift has found a better reason and no end yet": {[]writes{builderFails("DockerBuildFailed"), memoryWasUsedUp},
			buildstrategy.Running, "", time.Time{}, []string{"about to say why", "OutOfMemoryKilled: "}},
		"the log is there before the end": {[]writes{builderFails("DockerBuildFailed"), theLog},
			buildstrategy.Running, "", time.Time{}, []string{"about to say why", "\nthe last lines"}},
		"the end, with the log to follow": {[]writes{builderFails("DockerBuildFailed"), theEnd},
			buildstrategy.Failed, buildstrategy.BuildFailed, settles, []string{"Correct the Dockerfile", "the builder's words"}},
		"the end and the log": {[]writes{builderFails("DockerBuildFailed"), theEnd, theLog},
			buildstrategy.Failed, buildstrategy.BuildFailed, time.Time{}, []string{"Correct the Dockerfile", "\nthe last lines"}},
		"the end and the log in another order": {[]writes{theLog, theEnd, builderFails("DockerBuildFailed")},
			buildstrategy.Failed, buildstrategy.BuildFailed, time.Time{}, []string{"\nthe last lines"}},
		"a better reason after the end": {[]writes{builderFails("DockerBuildFailed"), theEnd, memoryWasUsedUp},
			buildstrategy.Failed, buildstrategy.OutOfMemory, time.Time{}, []string{"Raise the build's memory limit"}},
		"a better reason, the end and the log": {[]writes{builderFails("DockerBuildFailed"), memoryWasUsedUp, theEnd, theLog},
			buildstrategy.Failed, buildstrategy.OutOfMemory, time.Time{}, []string{"Raise the build's memory limit", "\nthe last lines"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			build := child(t)
			for _, write := range test.writes {
				write(&build.Status)
			}
			got := outcome(build)
			assert.Equal(t, test.phase, got.Phase)
			assert.Equal(t, test.reason, got.Reason)
			assert.Equal(t, test.settles, got.Settles)
			assert.Equal(t, got.Phase == buildstrategy.Failed, openshift.Strategy{}.Ended(build), "a Build that is not over counts as one that goes on")
			for _, says := range test.says {
				assert.Contains(t, got.Message, says)
			}
		})
	}
}

func TestWhatOpenShiftMayTellMoreAbout(t *testing.T) {
	tests := map[buildv1.StatusReason]struct {
		phase buildv1.BuildPhase
		more  bool
	}{
		"DockerBuildFailed":               {"Failed", true},
		"GenericBuildFailed":              {"Failed", true},
		"ManageDockerfileFailed":          {"Failed", true},
		"InvalidContextDirectory":         {"Failed", true},
		"PullBuilderImageFailed":          {"Failed", true},
		"FetchImageContentFailed":         {"Failed", true},
		"PushImageToRegistryFailed":       {"Failed", true},
		"FetchSourceFailed":               {"Failed", true},
		"PostCommitHookFailed":            {"Failed", true},
		"FailedContainer":                 {"Error", true},
		"AssembleFailed":                  {"Failed", true},
		"":                                {"Failed", true},
		"OutOfMemoryKilled":               {"Failed", false},
		"BuildPodEvicted":                 {"Failed", false},
		"BuildPodDeleted":                 {"Error", false},
		"BuildPodExists":                  {"Error", false},
		"NoBuildContainerStatus":          {"Error", false},
		"UnresolvableEnvironmentVariable": {"Error", false},
		"ExceededRetryTimeout":            {"Error", false},
		"CancelledBuild":                  {"Failed", false},
	}
	for reason, test := range tests {
		t.Run(string(reason), func(t *testing.T) {
			build := withStatus(t, test.phase, reason, "the message")
			assert.Equal(t, test.more, !outcome(build).Settles.IsZero())
			build.Status.CompletionTimestamp = nil
			assert.Equal(t, buildstrategy.Running, outcome(build).Phase, "nothing is decided before OpenShift has taken note of the end")
		})
	}
}

func TestABuildOfItsDeadlineWaitsForItsLogToo(t *testing.T) {
	build := withStatus(t, buildv1.BuildPhaseFailed, "GenericBuildFailed", "")
	build.Status.StartTimestamp = &metav1.Time{Time: ended.Add(-16 * time.Minute)}
	got := outcome(build)
	assert.Equal(t, buildstrategy.BuildTimeout, got.Reason)
	assert.Equal(t, ended.Add(5*time.Second), got.Settles)
}

func TestTheTagOfACompleteBuildWithoutADigest(t *testing.T) {
	onHub := func(in *buildstrategy.Inputs) { in.Image = "team/iris:build-1" }
	asIs := func(*buildstrategy.Inputs) {}
	tests := map[string]struct {
		edit      edit
		reference string
		tag, says string
	}{
		"in the registry that was asked for": {asIs, "registry.example.com/team/iris:build-1", "registry.example.com/team/iris:build-1", ""},
		"in the default registry":            {onHub, "docker.io/team/iris:build-1", "docker.io/team/iris:build-1", ""},
		"in the image stream":                {toImageStream, internalRegistry + "/team/iris-build-1:latest", "imagestreamtag:team/iris-build-1:latest", ""},
		"under another tag":                  {asIs, "registry.example.com/team/iris:build-2", "", "was asked for"},
		"in another repository":              {asIs, "registry.example.com/team/other:build-1", "", "was asked for"},
		"in another namespace":               {toImageStream, internalRegistry + "/other/iris-build-1:latest", "", "team/iris-build-1:latest was asked for"},
		"in another stream":                  {toImageStream, internalRegistry + "/team/other:latest", "", "was asked for"},
		"under another tag of the stream":    {toImageStream, internalRegistry + "/team/iris-build-1:1", "", "was asked for"},
		"without a reference":                {asIs, "", "", "which is no image"},
	}
	for name, test := range tests {
		for output, to := range map[string]*buildv1.BuildStatusOutputTo{"no output": nil, "no digest": {}} {
			t.Run(name+" with "+output, func(t *testing.T) {
				build := withStatus(t, buildv1.BuildPhaseComplete, "", "", test.edit)
				build.Status.OutputDockerImageReference, build.Status.Output.To = test.reference, to
				got := outcome(build)
				assert.Equal(t, test.tag, got.Tag)
				assert.Empty(t, got.Image)
				if test.says == "" {
					assert.Equal(t, buildstrategy.Succeeded, got.Phase)
					return
				}
				assert.Equal(t, buildstrategy.BuildResultInvalid, got.Reason)
				assert.Contains(t, got.Message, test.says)
			})
		}
	}
}
