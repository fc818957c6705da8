package buildstrategy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// named is a strategy that has nothing but a name.
type named string

func (n named) Name() string                                      { return string(n) }
func (n named) NewChild() client.Object                           { return nil }
func (n named) Child(buildstrategy.Inputs) (client.Object, error) { return nil, nil }
func (n named) Ended(client.Object) bool                          { return false }
func (n named) Outcome(client.Object, []corev1.Pod, string) buildstrategy.Outcome {
	return buildstrategy.Outcome{}
}

func TestSelect(t *testing.T) {
	both := []buildstrategy.Strategy{named("tekton"), named("job")}
	tests := map[string]struct {
		name      string
		available []buildstrategy.Strategy
		want      string
		says      string
	}{
		"auto takes the best":              {"auto", both, "tekton", ""},
		"an empty name is auto":            {"", both, "tekton", ""},
		"a name takes that one":            {"job", both, "job", ""},
		"a missing one lists what is here": {"s2i", both, "", `"s2i" is not available in this cluster, which offers tekton, job`},
		"nothing at all":                   {"auto", nil, "", "no way to build"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := buildstrategy.Select(test.name, test.available)
			if test.says != "" {
				var unavailable *buildstrategy.Unavailable
				require.ErrorAs(t, err, &unavailable)
				assert.Contains(t, err.Error(), test.says)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got.Name())
		})
	}
}

func TestResultSurvivesTheWayThroughTheTerminationMessage(t *testing.T) {
	want := buildstrategy.Result{Version: 1, Image: "r/a@sha256:0", Reason: buildstrategy.BuildFailed, Message: "pip <failed> \"é\"\nlast line"}
	got, err := buildstrategy.ParseResult(string(want.Encode()))
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestLongMessagesKeepTheirBeginningAndEnd(t *testing.T) {
	for name, filler := range map[string]string{"text": "a line\n", "quotes": `"\"`, "wide characters": "日本", "one word": "x"} {
		t.Run(name, func(t *testing.T) {
			data := buildstrategy.Result{Message: "THE BEGINNING " + strings.Repeat(filler, 5000) + " THE END"}.Encode()
			assert.LessOrEqual(t, len(data), 4096)
			got, err := buildstrategy.ParseResult(string(data))
			require.NoError(t, err)
			assert.True(t, strings.HasPrefix(got.Message, "THE BEGINNING"), got.Message)
			assert.True(t, strings.HasSuffix(got.Message, "THE END"), got.Message)
			assert.Greater(t, len(data), 3000, "most of the room is used")
		})
	}
}

func TestParseResultRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"nothing": " \n", "text": "panic: x", "another version": `{"version":2}`, "no version": `{}`, "half of it": `{"version":1`,
		"too much": `{"version":1,"message":"` + strings.Repeat("a", 5000) + `"}`, "a wrong type": `{"version":1,"image":7}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := buildstrategy.ParseResult(data)
			assert.Error(t, err)
		})
	}
}

func TestClean(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"colours":             {"\x1b[1;31mERROR\x1b[0m: no", "ERROR: no"},
		"a window title":      {"\x1b]0;title\x07text", "text"},
		"a progress bar":      {"10%\r20%\r\ndone", "10%\n20%\ndone"},
		"control characters":  {"a\x00b\x08c\u0085d\te", "abcd\te"},
		"broken characters":   {"a\xffb", "ab"},
		"spaces at both ends": {" \n a \n", "a"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, buildstrategy.Clean(test.text)) })
	}
}

// FuzzResult holds that every message fits a termination message, and that no termination message panics.
func FuzzResult(f *testing.F) {
	for _, seed := range []string{"", "a", "\x1b[1m\xff\r", `{"version":1,"message":"a"}`, strings.Repeat("\\é\n", 3000), `{"version":1,"image":"r@sha256:0"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		data := buildstrategy.Result{Message: text}.Encode()
		require.LessOrEqual(t, len(data), 4096)
		require.True(t, json.Valid(data))
		back, err := buildstrategy.ParseResult(string(data))
		require.NoError(t, err)
		require.True(t, utf8.ValidString(back.Message))
		if parsed, err := buildstrategy.ParseResult(text); err == nil {
			require.LessOrEqual(t, len(parsed.Encode()), 4096)
		}
	})
}
