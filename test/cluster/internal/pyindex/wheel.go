// Package pyindex writes Python wheels from source folders and offers them as a package index ("simple" API, PEP 503).
package pyindex

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// Wheel is one version of one package, ready to be installed.
type Wheel struct {
	Name           string
	Version        string
	RequiresPython string
	Content        []byte
}

// File returns the name of the wheel's file.
func (w Wheel) File() string {
	return fmt.Sprintf("%s-%s-py3-none-any.whl", distribution(w.Name), w.Version)
}

// SHA256 returns the hash that the index promises to its clients.
func (w Wheel) SHA256() string {
	sum := sha256.Sum256(w.Content)
	return hex.EncodeToString(sum[:])
}

// distribution is a package's name as it stands in file names.
func distribution(name string) string { return strings.ReplaceAll(name, "-", "_") }

// description is what wheel.json says about a version.
type description struct {
	Summary        string   `json:"summary"`
	RequiresPython string   `json:"requiresPython"`
	Requires       []string `json:"requires"`
}

// descriptionFile stands beside a version's modules and is not installed.
const descriptionFile = "wheel.json"

// epoch is the time of every file in a wheel, the earliest that the format can express: the same sources always give the
// same bytes.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Write makes the wheel of one version from its source folder.
func Write(source fs.FS, name, version string) (Wheel, error) {
	files, err := modules(source)
	if err != nil {
		return Wheel{}, err
	}
	about, err := describe(source)
	if err != nil {
		return Wheel{}, fmt.Errorf("%s %s: %w", name, version, err)
	}
	info := fmt.Sprintf("%s-%s.dist-info", distribution(name), version)
	files[path.Join(info, "METADATA")] = metadata(name, version, about)
	files[path.Join(info, "WHEEL")] = []byte("Wheel-Version: 1.0\nGenerator: notebook-validator-cluster\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
	record := path.Join(info, "RECORD")
	files[record] = recordOf(files, record)
	content, err := archive(files, record)
	return Wheel{Name: name, Version: version, RequiresPython: about.RequiresPython, Content: content}, err
}

func modules(source fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(source, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == descriptionFile {
			return err
		}
		files[name], err = fs.ReadFile(source, name)
		return err
	})
	return files, err
}

func describe(source fs.FS) (description, error) {
	content, err := fs.ReadFile(source, descriptionFile)
	if err != nil {
		return description{}, err
	}
	var about description
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&about); err != nil {
		return description{}, fmt.Errorf("read %s: %w", descriptionFile, err)
	}
	return about, nil
}

func metadata(name, version string, about description) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, "Metadata-Version: 2.1\nName: %s\nVersion: %s\nSummary: %s\n", name, version, about.Summary)
	if about.RequiresPython != "" {
		fmt.Fprintf(&text, "Requires-Python: %s\n", about.RequiresPython)
	}
	for _, requirement := range about.Requires {
		fmt.Fprintf(&text, "Requires-Dist: %s\n", requirement)
	}
	return []byte(text.String())
}

// recordOf lists every file with its hash and size; the list itself stands without.
func recordOf(files map[string][]byte, record string) []byte {
	var text strings.Builder
	for _, name := range sorted(files) {
		sum := sha256.Sum256(files[name])
		fmt.Fprintf(&text, "%s,sha256=%s,%d\n", name, base64.RawURLEncoding.EncodeToString(sum[:]), len(files[name]))
	}
	fmt.Fprintf(&text, "%s,,\n", record)
	return []byte(text.String())
}

// archive packs the files in order of their names, the record last as the format recommends.
func archive(files map[string][]byte, record string) ([]byte, error) {
	var content bytes.Buffer
	writer := zip.NewWriter(&content)
	names := slices.DeleteFunc(sorted(files), func(name string) bool { return name == record })
	for _, name := range append(names, record) {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: epoch}
		header.SetMode(0o644)
		entry, err := writer.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := entry.Write(files[name]); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}

func sorted(files map[string][]byte) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
