package buildstrategy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

func TestResultSurvivesTheWayThroughTheTerminationMessage(t *testing.T) {
	want := buildstrategy.Result{Version: 1, Image: "r/a@sha256:0", Reason: buildstrategy.BuildFailed, Message: "pip <failed> \"é\"\nlast line"}
	got, err := buildstrategy.ParseResult(string(want.Encode(buildstrategy.ResultLimit)))
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestLongMessagesKeepTheirBeginningAndEnd(t *testing.T) {
	for name, filler := range map[string]string{"text": "a line\n", "quotes": `"\"`, "wide characters": "日本", "one word": "x", "HTML": "<a>&"} {
		for _, limit := range []int{1024, 2000, buildstrategy.ResultLimit} {
			t.Run(fmt.Sprintf("%s in %d bytes", name, limit), func(t *testing.T) {
				long := buildstrategy.Result{Message: "THE BEGINNING " + strings.Repeat(filler, 5000) + " THE END"}
				data := long.Encode(limit)
				got, err := buildstrategy.ParseResult(string(data))
				require.NoError(t, err)
				alone, err := json.Marshal(long.ShortMessage(limit))
				require.NoError(t, err)
				for _, message := range []string{got.Message, long.ShortMessage(limit)} {
					assert.True(t, strings.HasPrefix(message, "THE BEGINNING"), message)
					assert.True(t, strings.HasSuffix(message, "THE END"), message)
				}
				for _, size := range []int{len(data), len(alone)} {
					assert.LessOrEqual(t, size, limit)
					assert.Greater(t, size, limit-30, "the room is used")
				}
			})
		}
	}
}

func TestAResultThatHasNoRoomForItsMessageLosesIt(t *testing.T) {
	want := buildstrategy.Result{Version: 1, Image: "r/a@sha256:0"}
	for _, limit := range []int{-1, 0, 10, 50} {
		data := buildstrategy.Result{Image: want.Image, Message: strings.Repeat("a", 200)}.Encode(limit)
		got, err := buildstrategy.ParseResult(string(data))
		require.NoError(t, err)
		assert.Equal(t, want, got)
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

// FuzzResult holds that every message fits the room that there is for it, and that no termination message panics.
func FuzzResult(f *testing.F) {
	for _, seed := range []string{"", "a", "\x1b[1m\xff\r", `{"version":1,"message":"a"}`, strings.Repeat("\\é\n", 3000), `{"version":1,"image":"r@sha256:0"}`} {
		f.Add(seed, buildstrategy.ResultLimit)
		f.Add(seed, 300)
	}
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = max(100, min(limit, buildstrategy.ResultLimit))
		data := buildstrategy.Result{Message: text}.Encode(limit)
		require.LessOrEqual(t, len(data), limit)
		require.True(t, json.Valid(data))
		back, err := buildstrategy.ParseResult(string(data))
		require.NoError(t, err)
		require.True(t, utf8.ValidString(back.Message))
		require.True(t, utf8.ValidString(buildstrategy.Result{Message: text}.ShortMessage(limit)))
		if parsed, err := buildstrategy.ParseResult(text); err == nil {
			again, err := buildstrategy.ParseResult(string(parsed.Encode(limit)))
			require.True(t, err != nil || again.Message == "" || len(parsed.Encode(limit)) <= limit)
		}
	})
}
