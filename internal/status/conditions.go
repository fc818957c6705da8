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

// Only keeps the conditions of the given types, in the order of the types: two lists of the same conditions are equal,
// whatever order the server keeps them in.
func Only(conditions []metav1.Condition, types ...string) []metav1.Condition {
	var kept []metav1.Condition
	for _, t := range types {
		if c := meta.FindStatusCondition(conditions, t); c != nil {
			kept = append(kept, *c)
		}
	}
	return kept
}

// Flipped is the condition of that type in after if its status or its reason is another than before, else nil.
func Flipped(before, after []metav1.Condition, conditionType string) *metav1.Condition {
	was, is := meta.FindStatusCondition(before, conditionType), meta.FindStatusCondition(after, conditionType)
	if is == nil || was != nil && was.Status == is.Status && was.Reason == is.Reason && was.ObservedGeneration == is.ObservedGeneration {
		return nil
	}
	return is
}

// Set puts a condition into a copy of the list, in place of the one of its type. What it carries is taken as it is.
func Set(conditions []metav1.Condition, c metav1.Condition) []metav1.Condition {
	set := make([]metav1.Condition, 0, len(conditions)+1)
	found := false
	for _, old := range conditions {
		if old.Type == c.Type {
			old, found = c, true
		}
		set = append(set, old)
	}
	if !found {
		set = append(set, c)
	}
	return set
}
