package report

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

const (
	// SummaryVersion is the version of the termination message.
	SummaryVersion = 1
	// MaxSummaryBytes bounds the termination message, as the kubelet does.
	MaxSummaryBytes = 4096
)

// Summary is the termination message of the report container: the verdict, and
// the fingerprint of the full report in the container's log.
type Summary struct {
	// Version is the version of this form.
	Version int `json:"version"`
	// Passed is the verdict.
	Passed bool `json:"passed"`
	// Reason says why in one word.
	Reason Reason `json:"reason"`
	// Message says why, and what to do, in one sentence of at most one KiB.
	Message string `json:"message"`
	// Digest is "sha256:" and the hexadecimal SHA-256 of the answer: the bytes on
	// standard output without the line end that follows them.
	Digest string `json:"digest"`
	// Bytes is the number of those bytes.
	Bytes int `json:"bytes"`
	// Commit is the commit that was run, empty if it is not known.
	Commit string `json:"commit"`
}

// Summarize returns the summary of a report and of the log that brings it.
func Summarize(report *Report, log []byte) Summary {
	return Summary{
		Version: SummaryVersion,
		Passed:  report.Reason.Passes(),
		Reason:  report.Reason,
		Message: shorten(report.Message, maxMessageBytes),
		Digest:  digestOf(log),
		Bytes:   len(log),
		Commit:  report.Commit,
	}
}

// EncodeSummary returns the summary as JSON of at most MaxSummaryBytes.
func EncodeSummary(summary Summary) ([]byte, error) {
	data, err := encodeJSON(summary)
	if err != nil {
		return nil, fmt.Errorf("encode the summary: %w", err)
	}
	if len(data) > MaxSummaryBytes {
		return nil, fmt.Errorf("the summary has %d bytes, at most %d are allowed", len(data), MaxSummaryBytes)
	}
	return data, nil
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// ParseSummary reads the termination message of the report container.
func ParseSummary(message []byte) (Summary, error) {
	if len(message) > MaxSummaryBytes {
		return Summary{}, fmt.Errorf("the summary is larger than %d bytes", MaxSummaryBytes)
	}
	var summary Summary
	if err := decodeStrict(message, &summary); err != nil {
		return Summary{}, fmt.Errorf("the summary is not valid: %w", err)
	}
	switch {
	case summary.Version != SummaryVersion:
		return Summary{}, fmt.Errorf("the summary has version %d, this program reads version %d", summary.Version, SummaryVersion)
	case !reasons[summary.Reason]:
		return Summary{}, fmt.Errorf("the summary has the unknown reason %.40q", summary.Reason)
	case summary.Passed != summary.Reason.Passes():
		return Summary{}, fmt.Errorf("the summary contradicts itself: passed is %t with reason %s", summary.Passed, summary.Reason)
	}
	return summary, nil
}

func agree(report *Report, summary Summary) error {
	switch {
	case report.SchemaVersion != SchemaVersion:
		return fmt.Errorf("the report has version %d, this program reads version %d", report.SchemaVersion, SchemaVersion)
	case report.Reason != summary.Reason, (report.Verdict == "Passed") != summary.Passed:
		return errors.New("the report and its summary tell of different verdicts")
	case report.Commit != summary.Commit:
		return errors.New("the report and its summary tell of different commits")
	}
	return nil
}
