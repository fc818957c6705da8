package reportcmd

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/report/html"
)

const (
	// minHTMLBytes of the room for files are always left to report.html.
	minHTMLBytes = 100 << 10
	// maxWholeBytes bounds each file of the volume of artifacts; the runner
	// bounds what they are made of far below it.
	maxWholeBytes = 64 << 20

	fileReport = "report.json"
	fileJUnit  = "junit.xml"
)

// along are the files that go along with the report: the executed notebook where
// it fits, and report.html in the room that is left.
func along(of *report.Report, evidence report.Evidence) (report.Files, error) {
	files := report.Files{}
	executed := evidence.ExecutedBytes
	if len(executed) > 0 && len(executed) <= report.MaxFilesBytes-minHTMLBytes && utf8.Valid(executed) {
		files[report.FileExecuted] = string(executed)
	}
	page, err := render(of, evidence, report.MaxFilesBytes-files.Size())
	if err != nil {
		return nil, err
	}
	files[report.FileHTML] = string(page)
	return files, nil
}

func render(of *report.Report, evidence report.Evidence, limit int) ([]byte, error) {
	var page bytes.Buffer
	if err := html.Render(&page, of, evidence.Executed, limit); err != nil {
		return nil, fmt.Errorf("make %s: %w", report.FileHTML, err)
	}
	return page.Bytes(), nil
}

// keepWhole writes all files, not shortened, into the volume of artifacts. What
// hinders it is told in the report; it takes no verdict away.
func keepWhole(chosen options, of *report.Report, evidence report.Evidence) {
	of.ArtifactsPath = chosen.artifactsPath
	files, err := whole(of, evidence)
	if err == nil {
		err = keep(chosen.artifactsDir, chosen.artifactsPath, files)
	}
	if err != nil {
		of.ArtifactsPath = ""
		of.Notes = append(of.Notes, "artifacts were not kept: "+err.Error())
	}
}

func whole(of *report.Report, evidence report.Evidence) (map[string][]byte, error) {
	encoded, err := report.Encode(of)
	if err != nil {
		return nil, err
	}
	junit, err := report.JUnit(of, maxWholeBytes)
	if err != nil {
		return nil, err
	}
	page, err := render(of, evidence, maxWholeBytes)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{fileReport: append(encoded, '\n'), fileJUnit: junit, report.FileHTML: page}
	if len(evidence.ExecutedBytes) > 0 {
		files[report.FileExecuted] = evidence.ExecutedBytes
	}
	return files, nil
}
