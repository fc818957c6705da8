package imagebuild

import (
	"strings"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

const (
	// keptLog is how much of a call's output is looked at when it fails.
	keptLog = 64 << 10
	// shownLog is how much of it is shown to the user.
	shownLog = 3 << 10
)

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if excess := len(t.kept) - keptLog; excess > 0 {
		t.kept = append(t.kept[:0], t.kept[excess:]...)
	}
	return len(p), nil
}

// all returns what is kept, fit to be shown.
func (t *tail) all() string { return buildstrategy.Clean(string(t.kept)) }

// last returns the last lines that fit into limit bytes.
func (t *tail) last(limit int) string {
	text := t.all()
	if len(text) <= limit {
		return text
	}
	text = text[len(text)-limit:]
	if _, whole, ok := strings.Cut(text, "\n"); ok {
		text = whole
	}
	return strings.ToValidUTF8(text, "")
}
