package status

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxMessage bounds a condition's message; the API server refuses more than 32768 bytes.
const maxMessage = 8 << 10

// Current is the condition of that type if it speaks of this generation, else nil: a condition of an earlier
// generation counts as Unknown.
func Current(conditions []metav1.Condition, conditionType string, generation int64) *metav1.Condition {
	c := meta.FindStatusCondition(conditions, conditionType)
	if c == nil || c.ObservedGeneration != generation {
		return nil
	}
	return c
}

// Decided is the condition of that type if it is decided for this generation, else nil. A decision stays for its
// generation, whatever happens to a child later.
func Decided(conditions []metav1.Condition, conditionType string, generation int64) *metav1.Condition {
	c := Current(conditions, conditionType, generation)
	if c == nil || c.Status == metav1.ConditionUnknown {
		return nil
	}
	return c
}

// IsTrue says whether the condition is True for this generation.
func IsTrue(conditions []metav1.Condition, conditionType string, generation int64) bool {
	c := Current(conditions, conditionType, generation)
	return c != nil && c.Status == metav1.ConditionTrue
}

// Carry gives a new condition the lastTransitionTime of the one it replaces, or now where the status flips.
func Carry(existing []metav1.Condition, c metav1.Condition, now metav1.Time) metav1.Condition {
	c.LastTransitionTime = now.Rfc3339Copy()
	if old := meta.FindStatusCondition(existing, c.Type); old != nil && old.Status == c.Status {
		c.LastTransitionTime = old.LastTransitionTime
	}
	c.Message = Bound(c.Message, maxMessage)
	return c
}

// Bound cuts a text to at most limit bytes at a rune's edge and says so.
func Bound(text string, limit int) string {
	const mark = " …[cut]"
	if len(text) <= limit {
		return text
	}
	cut := limit - len(mark)
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return text[:cut] + mark
}
