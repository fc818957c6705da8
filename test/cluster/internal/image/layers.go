package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// fromArchive makes a layer of a tar archive. It never leaves the machine, so speed matters more than size.
func fromArchive(archive string) (v1.Layer, error) {
	return tarball.LayerFromFile(archive, tarball.WithCompressionLevel(gzip.BestSpeed), tarball.WithCompressedCaching)
}

// fromFiles makes a layer of the recipe's folders, its texts and its programs.
func fromFiles(recipe Recipe) (v1.Layer, error) {
	var entries []entry
	for _, name := range recipe.Writable {
		// The sticky bit, as on /tmp: everybody may make files, and nobody may remove those of others.
		entries = append(entries, entry{header: tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o1777}})
	}
	for name, text := range recipe.Files {
		entries = append(entries, file(name, 0o644, []byte(text)))
	}
	for place, program := range recipe.programs() {
		content, err := os.ReadFile(program)
		if err != nil {
			return nil, err
		}
		entries = append(entries, file(place, 0o755, content))
	}
	content, err := pack(entries)
	if err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}, tarball.WithCompressionLevel(gzip.BestSpeed))
}

// entry is a file or a folder of a layer.
type entry struct {
	header  tar.Header
	content []byte
}

func file(name string, mode int64, content []byte) entry {
	return entry{header: tar.Header{Name: name, Mode: mode, Size: int64(len(content))}, content: content}
}

// pack writes the entries in order of their names and without times, so that the same files give the same layer.
func pack(entries []entry) ([]byte, error) {
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.header.Name, b.header.Name) })
	var content bytes.Buffer
	writer := tar.NewWriter(&content)
	for _, entry := range entries {
		if err := writer.WriteHeader(&entry.header); err != nil {
			return nil, err
		}
		if _, err := writer.Write(entry.content); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}
