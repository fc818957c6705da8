package status_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/internal/status"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// condition is one that speaks of a generation since that long after Epoch.
func condition(kind string, s metav1.ConditionStatus, reason string, generation int64, after time.Duration) metav1.Condition {
	return metav1.Condition{
		Type: kind, Status: s, Reason: reason, ObservedGeneration: generation, LastTransitionTime: builders.At(after),
	}
}

func TestAConditionCountsForItsGenerationAlone(t *testing.T) {
	list := []metav1.Condition{
		condition("Open", metav1.ConditionUnknown, "R", 2, 0),
		condition("Good", metav1.ConditionTrue, "R", 2, 0),
		condition("Bad", metav1.ConditionFalse, "R", 2, 0),
	}
	tests := map[string]struct {
		kind                     string
		generation               int64
		current, decided, isTrue bool
	}{
		"not decided":                   {"Open", 2, true, false, false},
		"done well":                     {"Good", 2, true, true, true},
		"failed for good":               {"Bad", 2, true, true, false},
		"one of an earlier generation":  {"Good", 3, false, false, false},
		"one of a later generation":     {"Good", 1, false, false, false},
		"one that was never written":    {"None", 2, false, false, false},
		"a failure of another spec":     {"Bad", 3, false, false, false},
		"a list that has no conditions": {"", 0, false, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.current, status.Current(list, test.kind, test.generation) != nil)
			assert.Equal(t, test.decided, status.Decided(list, test.kind, test.generation) != nil)
			assert.Equal(t, test.isTrue, status.IsTrue(list, test.kind, test.generation))
		})
	}
	assert.Equal(t, "Bad", status.Decided(list, "Bad", 2).Type)
}

func TestCarryKeepsTheTimeUnlessTheStatusFlips(t *testing.T) {
	now := metav1.NewTime(builders.Epoch.Add(time.Hour + 123*time.Millisecond))
	old := []metav1.Condition{condition("Good", metav1.ConditionTrue, "Old", 1, 0)}
	tests := map[string]struct {
		next metav1.Condition
		want metav1.Time
	}{
		"the same again":           {condition("Good", metav1.ConditionTrue, "Old", 1, 0), builders.At(0)},
		"another reason":           {condition("Good", metav1.ConditionTrue, "New", 1, 0), builders.At(0)},
		"another generation":       {condition("Good", metav1.ConditionTrue, "Old", 2, 0), builders.At(0)},
		"another status":           {condition("Good", metav1.ConditionFalse, "Old", 1, 0), builders.At(time.Hour)},
		"one that was not there":   {condition("Else", metav1.ConditionTrue, "Old", 1, 0), builders.At(time.Hour)},
		"a time that it came with": {condition("Else", metav1.ConditionTrue, "Old", 1, 9*time.Hour), builders.At(time.Hour)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := status.Carry(old, test.next, now)
			assert.Equal(t, test.want.Time, got.LastTransitionTime.UTC(), "in whole seconds, as the server keeps it")
			assert.Equal(t, test.next.Reason, got.Reason)
			assert.Equal(t, test.next.ObservedGeneration, got.ObservedGeneration)
		})
	}
}

func TestCarryBoundsTheMessage(t *testing.T) {
	c := condition("Good", metav1.ConditionTrue, "R", 1, 0)
	c.Message = strings.Repeat("é", 30000)
	got := status.Carry(nil, c, builders.At(0)).Message
	assert.LessOrEqual(t, len(got), 8<<10)
	assert.True(t, strings.HasSuffix(got, "…[cut]"))
}

func TestBoundCutsAtTheEdgeOfACharacter(t *testing.T) {
	for name, filler := range map[string]string{"one byte": "a", "two bytes": "é", "three bytes": "日", "four bytes": "🚲", "mixed": "aé日🚲"} {
		t.Run(name, func(t *testing.T) {
			text := strings.Repeat(filler, 40)
			for limit := 16; limit <= len(text)+2; limit++ {
				got := status.Bound(text, limit)
				require.LessOrEqual(t, len(got), limit)
				require.True(t, utf8.ValidString(got), "%d: %q", limit, got)
				if len(text) <= limit {
					require.Equal(t, text, got)
					continue
				}
				require.True(t, strings.HasSuffix(got, " …[cut]"), got)
				require.True(t, strings.HasPrefix(text, strings.TrimSuffix(got, " …[cut]")))
				require.Greater(t, len(got), limit-4, "nothing is cut that fits")
			}
		})
	}
	assert.Empty(t, status.Bound("", 0))
}

func TestOnlyKeepsTheOrderOfTheTypes(t *testing.T) {
	a, b, c := condition("A", metav1.ConditionTrue, "R", 1, 0), condition("B", metav1.ConditionTrue, "R", 1, 0), condition("C", metav1.ConditionTrue, "R", 1, 0)
	want := []metav1.Condition{a, c}
	assert.Equal(t, want, status.Only([]metav1.Condition{a, b, c}, "A", "C"))
	assert.Equal(t, want, status.Only([]metav1.Condition{c, b, a}, "A", "C"))
	assert.Equal(t, []metav1.Condition{c}, status.Only([]metav1.Condition{c}, "A", "C"))
	assert.Nil(t, status.Only([]metav1.Condition{b}, "A", "C"))
}

func TestSetReplacesOneAndLeavesTheListItWasGivenAlone(t *testing.T) {
	a, b := condition("A", metav1.ConditionTrue, "R", 1, 0), condition("B", metav1.ConditionTrue, "R", 1, 0)
	next := condition("A", metav1.ConditionFalse, "New", 2, time.Hour)
	list := []metav1.Condition{a, b}
	assert.Equal(t, []metav1.Condition{next, b}, status.Set(list, next))
	assert.Equal(t, []metav1.Condition{a, b}, list)
	assert.Equal(t, []metav1.Condition{b, next}, status.Set([]metav1.Condition{b}, next))
	assert.Equal(t, []metav1.Condition{next}, status.Set(nil, next))
}

func TestFlipped(t *testing.T) {
	was := condition("Good", metav1.ConditionUnknown, "Running", 1, 0)
	message, otherTime := was, was
	message.Message = "another sentence"
	otherTime.LastTransitionTime = builders.At(time.Hour)
	tests := map[string]struct {
		before, after []metav1.Condition
		want          bool
	}{
		"the same":                   {[]metav1.Condition{was}, []metav1.Condition{was}, false},
		"another message alone":      {[]metav1.Condition{was}, []metav1.Condition{message}, false},
		"another time alone":         {[]metav1.Condition{was}, []metav1.Condition{otherTime}, false},
		"another status":             {[]metav1.Condition{was}, []metav1.Condition{condition("Good", metav1.ConditionTrue, "Running", 1, 0)}, true},
		"another reason":             {[]metav1.Condition{was}, []metav1.Condition{condition("Good", metav1.ConditionUnknown, "Waiting", 1, 0)}, true},
		"the same of another spec":   {[]metav1.Condition{was}, []metav1.Condition{condition("Good", metav1.ConditionUnknown, "Running", 2, 0)}, true},
		"one that is new":            {nil, []metav1.Condition{was}, true},
		"one that is no longer said": {[]metav1.Condition{was}, nil, false},
		"another type":               {nil, []metav1.Condition{condition("Else", metav1.ConditionTrue, "R", 1, 0)}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := status.Flipped(test.before, test.after, "Good")
			require.Equal(t, test.want, got != nil)
			if got != nil {
				assert.Equal(t, test.after[0], *got)
			}
		})
	}
}
