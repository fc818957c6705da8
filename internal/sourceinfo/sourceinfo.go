package sourceinfo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
)

const (
	// Version is the schema version that Write writes and Read accepts.
	Version = 1
	// FileName is the name of the note inside the meta directory.
	FileName = "source.json"
	// NotebookFileName is the name of the pristine copy of the notebook inside
	// the meta directory.
	NotebookFileName = "notebook.ipynb"
	// maxFileBytes bounds what Read takes in; a real note is below 10 KiB.
	maxFileBytes = 1 << 20
)

var commitPattern = regexp.MustCompile(`^[0-9a-f]{40}$`)

// Info says where the files in the workspace came from.
type Info struct {
	// Version is the schema version of the note.
	Version int `json:"version"`
	// URL is the repository's address without credentials.
	URL string `json:"url"`
	// Ref is the branch, tag or commit that was asked for.
	Ref string `json:"ref"`
	// Commit is the full commit, 40 lower-case hexadecimal digits.
	Commit string `json:"commit"`
	// Notebook is the notebook's slash-separated path inside the repository.
	Notebook string `json:"notebook"`
}

// Path returns the note's path inside the meta directory.
func Path(metaDir string) string { return filepath.Join(metaDir, FileName) }

// NotebookPath returns the pristine notebook's path inside the meta directory.
func NotebookPath(metaDir string) string { return filepath.Join(metaDir, NotebookFileName) }

// GoldenDir returns the meta directory of the golden notebook, inside that of
// the notebook.
func GoldenDir(metaDir string) string { return filepath.Join(metaDir, "golden") }

// Write stores the note in the meta directory; Version is set by Write.
func Write(metaDir string, info Info) error {
	info.Version = Version
	if err := info.validate(); err != nil {
		return err
	}
	data, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the source note: %w", err)
	}
	if err := os.WriteFile(Path(metaDir), append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the source note: %w", err)
	}
	return nil
}

// Read loads and checks the note in the meta directory.
func Read(metaDir string) (Info, error) {
	file, err := os.Open(Path(metaDir))
	if err != nil {
		return Info{}, fmt.Errorf("read the source note: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return Info{}, fmt.Errorf("read the source note: %w", err)
	}
	if len(data) > maxFileBytes {
		return Info{}, fmt.Errorf("the source note is larger than %d bytes", maxFileBytes)
	}
	return Parse(data)
}

// Parse decodes and checks the text of a note.
func Parse(data []byte) (Info, error) {
	var info Info
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&info); err != nil {
		return Info{}, fmt.Errorf("the source note is not valid: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Info{}, errors.New("the source note is not valid: text follows the JSON document")
	}
	if err := info.validate(); err != nil {
		return Info{}, err
	}
	return info, nil
}

func (i Info) validate() error {
	switch {
	case i.Version != Version:
		return fmt.Errorf("the source note has version %d, this program knows version %d", i.Version, Version)
	case !commitPattern.MatchString(i.Commit):
		return fmt.Errorf("the source note names commit %.60q, which is not 40 hexadecimal digits", i.Commit)
	case i.Notebook == "":
		return errors.New("the source note names no notebook")
	}
	return nil
}
