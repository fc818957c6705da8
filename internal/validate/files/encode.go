package files

import (
	"bytes"
	"encoding/xml"
	"io"

	"mlops.dev/notebook-validator-operator/internal/report"
)

// maxBytes bounds the file of one notebook; the runner bounds what it is made of far below it.
const maxBytes = 64 << 20

// encodeJSON writes one report as an object, several as an array of them.
func encodeJSON(w io.Writer, reports []*report.Report) error {
	var encoded [][]byte
	for _, one := range reports {
		data, err := report.Encode(one)
		if err != nil {
			return err
		}
		encoded = append(encoded, data)
	}
	whole := bytes.Join(encoded, []byte(",\n"))
	if len(reports) != 1 {
		whole = append(append([]byte("[\n"), whole...), "\n]"...)
	}
	_, err := w.Write(append(whole, '\n'))
	return err
}

// encodeJUnit writes a suite for each notebook.
func encodeJUnit(w io.Writer, reports []*report.Report) error {
	whole := []byte(xml.Header + "<testsuites>\n")
	for _, one := range reports {
		suite, err := report.JUnit(one, maxBytes)
		if err != nil {
			return err
		}
		whole = append(whole, bytes.TrimPrefix(suite, []byte(xml.Header))...)
	}
	_, err := w.Write(append(whole, "</testsuites>\n"...))
	return err
}
