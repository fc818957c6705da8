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

const (
	resultVersion = 1
	// maxResultBytes is what the kubelet keeps of a termination message.
	maxResultBytes = 4096
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

// Encode returns the result as a termination message; a long message loses text after its beginning, not its end.
func (r Result) Encode() []byte {
	r.Version = resultVersion
	message := Clean(r.Message)
	r.Message = message
	data := encode(r)
	if len(data) <= maxResultBytes {
		return data
	}
	shortened := func(tail int) []byte {
		r.Message = shorten(message, tail)
		return encode(r)
	}
	longest := min(len(message), maxResultBytes)
	tooLong := sort.Search(longest, func(tail int) bool { return len(shortened(tail)) > maxResultBytes })
	return shortened(max(0, tooLong-1))
}

func encode(r Result) []byte {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		panic(err) // numbers and strings always encode
	}
	return []byte(b.String())
}

// shorten keeps the beginning of a message and that many bytes of its end, in whole characters.
func shorten(message string, tail int) string {
	head := message[:min(keptHead, len(message)-tail)]
	return strings.ToValidUTF8(head, "") + "\n[...]\n" + strings.ToValidUTF8(message[len(message)-tail:], "")
}

// ParseResult reads a termination message.
func ParseResult(data string) (Result, error) {
	if strings.TrimSpace(data) == "" {
		return Result{}, errors.New("the container left no result")
	}
	if len(data) > maxResultBytes {
		return Result{}, fmt.Errorf("the container's result has %d bytes, more than the %d that it may have", len(data), maxResultBytes)
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
