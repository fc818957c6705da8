package buildstrategy

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"
)

// ResultLimit is what the kubelet keeps of a termination message.
const ResultLimit = 4096

const (
	resultVersion = 1
	// keptHead is how much of the beginning of a message survives when the rest has to be shortened.
	keptHead = 512
)

// Result is what a container of a build leaves as its termination message.
type Result struct {
	Version int `json:"version"`
	// Commit is what the fetch brought.
	Commit string `json:"commit,omitempty"`
	// Image is what the build pushed, as repository@sha256:digest.
	Image string `json:"image,omitempty"`
	// Reason is why the container failed; empty when it did not.
	Reason Reason `json:"reason,omitempty"`
	// Message is a sentence for the user and, for a failed build, the last lines of its log.
	Message string `json:"message,omitempty"`
}

// Encode returns the result as a termination message of at most limit bytes; a long message loses text after its
// beginning, not its end. Where even a result without a message is longer, it is returned like that.
func (r Result) Encode(limit int) []byte {
	r.Version = resultVersion
	encoded := func(message string) []byte {
		r.Message = message
		return encode(r)
	}
	return encoded(fit(Clean(r.Message), limit, func(message string) int { return len(encoded(message)) }))
}

// ShortMessage returns the message, shortened as Encode does, so that it has at most limit bytes once a build system that
// takes it as a value of its own has written it into its JSON, which escapes what HTML would read.
func (r Result) ShortMessage(limit int) string {
	return fit(Clean(r.Message), limit, func(message string) int {
		data, err := json.Marshal(message)
		if err != nil {
			panic(err) // strings always encode
		}
		return len(data)
	})
}

func encode(value any) []byte {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // numbers and strings always encode
	}
	return []byte(b.String())
}

// fit returns as much of a message as has at most limit bytes by the given measure. The beginning gets half of a small room.
func fit(message string, limit int, measure func(string) int) string {
	if measure(message) <= limit {
		return message
	}
	head := longest(min(keptHead, len(message)), func(n int) bool { return measure(shorten(message, n, 0)) <= limit/2 })
	if measure(shorten(message, head, 0)) > limit {
		return ""
	}
	return shorten(message, head, longest(len(message)-head, func(n int) bool { return measure(shorten(message, head, n)) <= limit }))
}

// longest is the largest number up to most that fits, 0 where none does; a number fits if a larger one does.
func longest(most int, fits func(int) bool) int {
	return sort.Search(most, func(n int) bool { return !fits(n + 1) })
}

// shorten keeps that many bytes of a message's beginning and of its end, in whole characters.
func shorten(message string, head, tail int) string {
	return strings.ToValidUTF8(message[:head], "") + "\n[...]\n" + strings.ToValidUTF8(message[len(message)-tail:], "")
}

// ParseResult reads a termination message.
func ParseResult(data string) (Result, error) {
	if strings.TrimSpace(data) == "" {
		return Result{}, errors.New("the container left no result")
	}
	if len(data) > ResultLimit {
		return Result{}, fmt.Errorf("the container's result has %d bytes, more than the %d that it may have", len(data), ResultLimit)
	}
	var r Result
	if err := json.Unmarshal([]byte(data), &r); err != nil {
		return Result{}, fmt.Errorf("the container's result is not JSON: %w", err)
	}
	if r.Version != resultVersion {
		return Result{}, fmt.Errorf("the container's result has version %d, not %d", r.Version, resultVersion)
	}
	r.Message = Clean(r.Message)
	return r, nil
}

// Clean makes a stranger's text fit for a status: no terminal sequences, no control characters but line breaks and
// tabs, no broken characters.
func Clean(text string) string {
	text = terminalSequence.ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r': // a progress bar's next state
			return '\n'
		case r < ' ' || (r >= 0x7f && r < 0xa0) || r == utf8.RuneError:
			return -1
		}
		return r
	}, text))
}

// terminalSequence matches colours, cursor movements and window titles.
var terminalSequence = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\^_])`)
