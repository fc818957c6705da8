package optional

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// script is a kubectl that writes down what it is asked and answers as it is told to.
type script struct {
	calls []string
	// answer gives the output for a call; nil answers nothing.
	answer func(call string) (string, error)
}

func (s *script) kubectl(_ string, args ...string) (string, error) {
	call := strings.Join(args, " ")
	s.calls = append(s.calls, call)
	if s.answer == nil {
		return "", nil
	}
	return s.answer(call)
}

// verbs returns the first word of each call.
func (s *script) verbs() []string {
	var verbs []string
	for _, call := range s.calls {
		verbs = append(verbs, strings.Fields(call)[0])
	}
	return verbs
}

func bells(t *testing.T) objects {
	t.Helper()
	system := bell
	system.Without = []string{"scaler.yaml"}
	all, err := system.read(bellModule(t), nil)
	require.NoError(t, err)
	return all
}

func TestKindsAreThereBeforeAnythingOfThemAndProgramsAreWaitedFor(t *testing.T) {
	s := &script{}

	require.NoError(t, Cluster{Kubectl: s.kubectl}.install(bell, bells(t)))

	assert.Equal(t, []string{"apply", "wait", "apply", "rollout"}, s.verbs())
	assert.Contains(t, s.calls[1], "condition=Established")
	assert.Contains(t, s.calls[1], "customresourcedefinition/bells.example.com")
	assert.Contains(t, s.calls[3], "deployment/ringer --namespace=bell")
}

func TestAWebhookOnItsWayUpIsAskedAgain(t *testing.T) {
	refusals := 2
	s := &script{}
	s.answer = func(call string) (string, error) {
		if strings.HasPrefix(call, "apply") && len(s.calls) > 2 && refusals > 0 {
			refusals--
			return "", errors.New("failed calling webhook")
		}
		return "", nil
	}

	require.NoError(t, Cluster{Kubectl: s.kubectl}.install(bell, bells(t)))

	assert.Equal(t, []string{"apply", "wait", "apply", "apply", "apply", "rollout"}, s.verbs())
}

func TestProgramsThatDoNotComeUpAreToldOfWithTheirPods(t *testing.T) {
	s := &script{answer: func(call string) (string, error) {
		if strings.HasPrefix(call, "rollout") {
			return "", errors.New("timed out")
		}
		return "pod/ringer CrashLoopBackOff", nil
	}}

	err := Cluster{Kubectl: s.kubectl}.install(bell, bells(t))

	require.ErrorContains(t, err, "timed out")
	assert.ErrorContains(t, err, "CrashLoopBackOff")
}

func TestObjectsGoWhileTheProgramsThatCleanUpAfterThemStillRun(t *testing.T) {
	s := &script{answer: func(call string) (string, error) {
		if strings.HasPrefix(call, "get --ignore-not-found") {
			return "customresourcedefinition.apiextensions.k8s.io/bells.example.com\n", nil
		}
		return "", nil
	}}

	require.NoError(t, Cluster{Kubectl: s.kubectl}.remove(bell, bells(t)))

	require.Equal(t, []string{"delete", "get", "delete", "get", "delete"}, s.verbs())
	assert.True(t, strings.HasPrefix(s.calls[2], "delete bells.example.com --all --all-namespaces --cascade=foreground"), s.calls[2])
}

func TestWhereNoKindIsLeftThereIsNothingOfThemToDelete(t *testing.T) {
	s := &script{}

	require.NoError(t, Cluster{Kubectl: s.kubectl}.remove(bell, bells(t)))

	assert.Equal(t, []string{"delete", "get", "delete"}, s.verbs())
}

func TestWhatWasMadeAgainAndIsHeldIsDeletedAgain(t *testing.T) {
	held := []string{`["example.com/cleanup"]`, ""}
	s := &script{answer: func(call string) (string, error) {
		if strings.HasPrefix(call, "get --ignore-not-found") {
			return "customresourcedefinition.apiextensions.k8s.io/bells.example.com\n", nil
		}
		if strings.HasPrefix(call, "get") {
			answer := held[0]
			held = held[1:]
			return answer, nil
		}
		return "", nil
	}}

	require.NoError(t, Cluster{Kubectl: s.kubectl}.remove(bell, bells(t)))

	assert.Equal(t, []string{"delete", "get", "delete", "get", "delete", "get", "delete"}, s.verbs())
}

func TestAnObjectThatTheGarbageCollectorForgetsIsDeletedInTheBackground(t *testing.T) {
	s := &script{answer: func(call string) (string, error) {
		if strings.HasPrefix(call, "get --ignore-not-found") {
			return "customresourcedefinition.apiextensions.k8s.io/bells.example.com\n", nil
		}
		if strings.Contains(call, "--cascade=foreground") {
			return "", errors.New("timed out waiting for the condition")
		}
		return "", nil
	}}

	require.NoError(t, Cluster{Kubectl: s.kubectl}.remove(bell, bells(t)))

	require.Equal(t, []string{"delete", "get", "delete", "delete", "get", "delete"}, s.verbs())
	assert.Contains(t, s.calls[2], "--cascade=foreground")
	assert.Contains(t, s.calls[3], "--cascade=background")
}

func TestWhatTheProgramsLeaveGoesAfterThem(t *testing.T) {
	s, system := &script{}, bell
	system.Mark = "example.com/made-by=bell"

	require.NoError(t, Cluster{Kubectl: s.kubectl}.remove(system, bells(t)))

	require.Equal(t, []string{"delete", "get", "delete", "delete"}, s.verbs())
	assert.Contains(t, s.calls[3], "--selector=example.com/made-by=bell")
	assert.NotContains(t, s.calls[3], "customresourcedefinitions")
}

func TestANamespaceTakesWhatIsInIt(t *testing.T) {
	assert.Equal(t, []string{"customresourcedefinition/bells.example.com", "namespace/bell", "validatingwebhookconfiguration/bell"}, bells(t).outside().names())
}
