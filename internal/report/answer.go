package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

const (
	// MaxFilesBytes bounds the files that go along with a report: with
	// report.json, requirements.lock and junit.xml they must fit a ConfigMap of
	// one MiB.
	MaxFilesBytes = 280 << 10
	// MaxAnswerBytes bounds the log of the report container. JSON may need twice
	// the bytes of the files in it.
	MaxAnswerBytes = MaxReportBytes + 2*MaxFilesBytes + 4<<10

	// FileHTML is the report for people.
	FileHTML = "report.html"
	// FileExecuted is the executed notebook.
	FileExecuted = "executed.ipynb"
)

// Files are what goes along with a report, by name.
type Files map[string]string

// fileNames are all that may go along.
var fileNames = map[string]bool{FileHTML: true, FileExecuted: true}

// Size is the number of bytes of all of them.
func (f Files) Size() int {
	size := 0
	for _, text := range f {
		size += len(text)
	}
	return size
}

// Answer is what the report container says: its log, and in its termination
// message the verdict and the fingerprint of the log.
type Answer struct {
	// Report is the report.
	Report *Report
	// Summary is the termination message.
	Summary Summary
	// Encoded is report.json, the very bytes that were judged.
	Encoded []byte
	// Files go along with it.
	Files Files
}

// EncodeAnswer returns the log, without its last line end, and the termination
// message. The first line of the log is report.json; where files go along, the
// second is a JSON object of them.
func EncodeAnswer(report *Report, files Files) (log, message []byte, err error) {
	log, err = Encode(report)
	if err != nil {
		return nil, nil, err
	}
	if len(files) > 0 {
		line, err := encodeJSON(files)
		if err != nil {
			return nil, nil, fmt.Errorf("encode the files of the report: %w", err)
		}
		log = append(append(log, '\n'), line...)
	}
	message, err = EncodeSummary(Summarize(report, log))
	return log, message, err
}

// Verify puts the two halves of an answer together. The log's last line end may
// be there or not. Whatever does not agree is an error, and then there is no
// verdict.
func Verify(message, log []byte) (*Answer, error) {
	summary, err := ParseSummary(message)
	if err != nil {
		return nil, err
	}
	log = bytes.TrimSuffix(log, []byte("\n"))
	switch {
	case len(log) > MaxAnswerBytes:
		return nil, fmt.Errorf("the report is larger than %d bytes", MaxAnswerBytes)
	case len(log) != summary.Bytes:
		return nil, fmt.Errorf("the report has %d bytes, its summary says %d", len(log), summary.Bytes)
	case digestOf(log) != summary.Digest:
		return nil, errors.New("the report is not the one that its summary was made of: the digests differ")
	}
	encoded, rest, _ := bytes.Cut(log, []byte("\n"))
	answer := &Answer{Report: &Report{}, Summary: summary, Encoded: encoded}
	if err := json.Unmarshal(encoded, answer.Report); err != nil {
		return nil, fmt.Errorf("the report is not valid: %w", err)
	}
	if err := agree(answer.Report, summary); err != nil {
		return nil, err
	}
	if answer.Files, err = parseFiles(rest); err != nil {
		return nil, err
	}
	return answer, nil
}

func parseFiles(line []byte) (Files, error) {
	if len(line) == 0 {
		return nil, nil
	}
	var files Files
	if err := json.Unmarshal(line, &files); err != nil {
		return nil, fmt.Errorf("the files of the report are not valid: %w", err)
	}
	for name := range files {
		if !fileNames[name] {
			return nil, fmt.Errorf("the report brings along the unknown file %.60q", name)
		}
	}
	if files.Size() > MaxFilesBytes {
		return nil, fmt.Errorf("the files of the report have more than %d bytes", MaxFilesBytes)
	}
	return files, nil
}
