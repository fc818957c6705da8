package build

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/registry"
	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/status"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

func TestASourceThatIsResolvedIsRecordedInOneStep(t *testing.T) {
	found := environment.Environment{
		Source: environment.NotebookDirectory, Path: "tier1/requirements.txt", Why: "It lies beside the notebook.",
		BaseImage: builders.BaseImage, Dockerfile: "FROM " + builders.BaseImage + "\n", ContextDir: ".",
	}
	build := fresh().Obj()
	p := planAt(time.Minute, build, seen{resolution: &resolution{commit: builders.Commit, environment: found, hash: builders.Hash}})
	check(t, p, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonBuildPending, "the build is next")
	assert.Equal(t, builders.Commit, p.status.Commit)
	assert.Equal(t, &v1alpha1.Environment{
		Source: "NotebookDirectory", Path: "tier1/requirements.txt", Message: "It lies beside the notebook.",
		BaseImage: builders.BaseImage, DockerfileConfigMap: naming.Dockerfile(build), ContextDir: ".", Hash: builders.Hash,
	}, p.status.Environment)
	for _, kind := range []string{v1alpha1.ConditionSourceResolved, v1alpha1.ConditionEnvironmentResolved} {
		assert.True(t, status.IsTrue(p.status.Conditions, kind, 1), kind)
	}
	require.NotNil(t, p.applyDockerfile)
	assert.Equal(t, naming.Dockerfile(build), p.applyDockerfile.Name)
	assert.Equal(t, map[string]string{"Dockerfile": found.Dockerfile}, p.applyDockerfile.Data)
	assert.Equal(t, v1alpha1.ManagedBy, p.applyDockerfile.Labels[v1alpha1.LabelManagedBy])
	assert.Nil(t, p.createChild, "one thing at a time")
	assert.Nil(t, p.status.StartTime, "it has not begun")
}

func TestTheRepositorysOwnDockerfileIsRecordedToo(t *testing.T) {
	own := environment.Environment{Source: environment.Dockerfile, Path: "docker/Dockerfile", Why: "It was asked for.", Dockerfile: "FROM own", ContextDir: "docker"}
	build := fresh().Obj()
	p := planAt(0, build, seen{resolution: &resolution{commit: builders.Commit, environment: own}})
	assert.Equal(t, "FROM own", p.applyDockerfile.Data["Dockerfile"])
	assert.Equal(t, &v1alpha1.Environment{
		Source: "Dockerfile", Path: "docker/Dockerfile", Message: "It was asked for.", ContextDir: "docker", DockerfileConfigMap: naming.Dockerfile(build),
	}, p.status.Environment)
}

func TestWhatIsSaidOfTheEnvironment(t *testing.T) {
	tests := map[string]struct {
		found             environment.Environment
		conflict          metav1.ConditionStatus
		reason            string
		environmentReason string
		unpinned, counted int
	}{
		"requirements alone":               {environment.Environment{Source: environment.RepositoryRoot}, no, v1alpha1.ReasonNoConflict, v1alpha1.ReasonResolved, 0, 0},
		"requirements beside a Dockerfile": {environment.Environment{Source: environment.RepositoryRoot, Conflict: "Both."}, yes, v1alpha1.ReasonRequirementsUsed, v1alpha1.ReasonResolved, 0, 0},
		"a Dockerfile beside requirements": {environment.Environment{Source: environment.Dockerfile, Conflict: "Both."}, yes, v1alpha1.ReasonDockerfileUsed, v1alpha1.ReasonResolved, 0, 0},
		"nothing":                          {environment.Environment{Source: environment.BaseImage, Warn: true}, no, v1alpha1.ReasonNoConflict, v1alpha1.ReasonBaseImageUsed, 0, 0},
		"lines that do not name a version": {environment.Environment{Source: environment.RepositoryRoot, Unpinned: []string{"r.txt:1: pandas"}}, no, v1alpha1.ReasonNoConflict, v1alpha1.ReasonResolved, 1, 1},
		"very many lines are bounded":      {environment.Environment{Source: environment.RepositoryRoot, Unpinned: make([]string, 70)}, no, v1alpha1.ReasonNoConflict, v1alpha1.ReasonResolved, 50, 70},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := planAt(0, fresh().Obj(), seen{resolution: &resolution{commit: builders.Commit, environment: test.found}})
			conflict := status.Current(p.status.Conditions, v1alpha1.ConditionDependencyConflict, 1)
			require.NotNil(t, conflict)
			assert.Equal(t, test.conflict, conflict.Status)
			assert.Equal(t, test.reason, conflict.Reason)
			assert.Equal(t, test.environmentReason, status.Current(p.status.Conditions, v1alpha1.ConditionEnvironmentResolved, 1).Reason)
			assert.Len(t, p.status.Environment.Unpinned, test.unpinned)
			assert.Equal(t, int32(test.counted), p.status.Environment.UnpinnedCount) //nolint:gosec // small
		})
	}
}

func TestASourceThatCannotBeResolved(t *testing.T) {
	temporary := &source.Error{Reason: source.SourceUnreachable, Message: "The server does not answer.", Temporary: true}
	permanent := &source.Error{Reason: source.RefNotFound, Message: `The repository has no branch "mian".`}
	missing := &environment.Error{Reason: environment.RequirementsNotFound, Message: "The repository has no requirements.txt."}
	sourceResolved, environmentResolved := v1alpha1.ConditionSourceResolved, v1alpha1.ConditionEnvironmentResolved
	commitAt := map[string]string{environmentResolved: builders.Commit} // what comes second has a commit
	tests := map[string]struct {
		err          error
		after        time.Duration
		status       metav1.ConditionStatus
		phase        v1alpha1.BuildPhase
		reason, says string
		condition    string
		why          string
	}{
		"a server that does not answer is tried again":    {temporary, 0, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonResolving, "does not answer. It is tried again.", sourceResolved, v1alpha1.ReasonSourceUnreachable},
		"until just before the deadline":                  {temporary, 15*time.Minute - time.Second, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonResolving, "It is tried again.", sourceResolved, v1alpha1.ReasonSourceUnreachable},
		"and no longer":                                   {temporary, 15 * time.Minute, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonSourceUnreachable, "The server does not answer.", sourceResolved, v1alpha1.ReasonSourceUnreachable},
		"a ref that is not there fails at once":           {permanent, 0, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonRefNotFound, `no branch "mian"`, sourceResolved, v1alpha1.ReasonRefNotFound},
		"also where the error is wrapped":                 {fmt.Errorf("resolve: %w", permanent), 0, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonRefNotFound, `no branch "mian"`, sourceResolved, v1alpha1.ReasonRefNotFound},
		"an error of unknown kind may pass":               {errors.New("what is this"), 0, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonResolving, "what is this. It is tried again.", sourceResolved, v1alpha1.ReasonSourceUnreachable},
		"a registry that does not answer is tried again":  {&registry.Error{Reason: registry.Unreachable, Message: "The registry does not answer.", Temporary: true}, 0, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonResolving, "The registry does not answer. It is tried again.", environmentResolved, v1alpha1.ReasonRegistryUnreachable},
		"a base image that is not there fails at once":    {&registry.Error{Reason: registry.NotFound, Message: "No such image."}, 0, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBaseImagePullFailed, "No such image.", environmentResolved, v1alpha1.ReasonBaseImagePullFailed},
		"a base image that is none fails at once":         {&registry.Error{Reason: registry.ReferenceInvalid, Message: "Not an image."}, 0, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonBaseImageInvalid, "Not an image.", environmentResolved, v1alpha1.ReasonBaseImageInvalid},
		"requirements that are not there fail the build":  {missing, 0, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonRequirementsNotFound, "no requirements.txt", environmentResolved, v1alpha1.ReasonRequirementsNotFound},
		"requirements that are not there, long afterward": {missing, time.Hour, no, v1alpha1.BuildPhaseFailed, v1alpha1.ReasonRequirementsNotFound, "no requirements.txt", environmentResolved, v1alpha1.ReasonRequirementsNotFound},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			build, found := fresh().Obj(), seen{resolution: &resolution{commit: commitAt[test.condition], err: test.err}}
			if errors.Is(test.err, temporary) {
				build.Status = planAt(0, build, found).status // it is counted from the first time
			}
			p := planAt(test.after, build, found, &strategy{name: "job"})
			check(t, p, test.status, test.phase, test.reason, test.says)
			c := status.Current(p.status.Conditions, test.condition, 1)
			require.NotNil(t, c)
			assert.Equal(t, test.status, c.Status)
			assert.Equal(t, test.why, c.Reason)
			assert.Equal(t, test.status == unknown, p.retry != nil, "a decision is not tried again")
			assert.Empty(t, p.status.Commit)
			assert.Nil(t, p.applyDockerfile)
			assert.Nil(t, p.createChild)
		})
	}
}

func TestTheSamePassingTroubleIsWrittenOnce(t *testing.T) {
	trouble := func(reason source.Reason, message string) seen {
		return seen{resolution: &resolution{err: &source.Error{Reason: reason, Message: message, Temporary: true}}}
	}
	build := fresh().Obj()
	build.Status = planAt(0, build, trouble(source.SourceUnreachable, "reset by peer, from port 41234")).status
	before := build.Status.DeepCopy()
	again := planAt(time.Minute, build, trouble(source.SourceUnreachable, "reset by peer, from port 41235"))
	assert.Equal(t, *before, again.status, "else every write brings the next try, with no back-off")
	assert.Error(t, again.retry)

	other := planAt(time.Minute, build, trouble(source.CredentialsInvalid, "no such Secret"))
	assert.Contains(t, succeeded(t, other).Message, "no such Secret", "another trouble is told")
	last := planAt(time.Hour, build, trouble(source.SourceUnreachable, "reset by peer, from port 41236"))
	assert.Contains(t, succeeded(t, last).Message, "41236")
}

func TestPatienceIsCountedFromTheFirstTrouble(t *testing.T) {
	silent := seen{resolution: &resolution{err: errors.New("no answer")}}
	build := fresh().Obj()
	first := planAt(24*time.Hour, build, silent)
	check(t, first, unknown, v1alpha1.BuildPhasePending, v1alpha1.ReasonResolving, "tried again") // however long the operator was down
	build.Status = first.status
	later := planAt(24*time.Hour+14*time.Minute, build, silent)
	assert.Equal(t, unknown, succeeded(t, later).Status)
	ended := planAt(24*time.Hour+15*time.Minute, build, silent)
	assert.Equal(t, no, succeeded(t, ended).Status)

	long := planAt(time.Hour, fresh().Timeout(2*time.Hour).Condition(v1alpha1.ConditionSourceResolved, unknown, v1alpha1.ReasonSourceUnreachable, "x").Obj(), silent)
	assert.Equal(t, unknown, succeeded(t, long).Status)
}
