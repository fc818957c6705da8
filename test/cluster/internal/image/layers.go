package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// fromArchive makes a layer of a tar archive. It never leaves the machine, so speed matters more than size.
func fromArchive(archive string) (v1.Layer, error) {
	return tarball.LayerFromFile(archive, tarball.WithCompressionLevel(gzip.BestSpeed), tarball.WithCompressedCaching)
}

// fromFiles makes a layer of the recipe's texts and its program.
func fromFiles(recipe Recipe) (v1.Layer, error) {
	files := map[string][]byte{}
	for name, text := range recipe.Files {
		files[name] = []byte(text)
	}
	program := ""
	if recipe.Program != "" {
		content, err := os.ReadFile(recipe.Program)
		if err != nil {
			return nil, err
		}
		program = filepath.Base(recipe.Program)
		files[program] = content
	}
	content, err := pack(files, program)
	if err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}, tarball.WithCompressionLevel(gzip.BestSpeed))
}

// pack writes the files in order of their names and without times, so that the same files give the same layer.
func pack(files map[string][]byte, program string) ([]byte, error) {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var content bytes.Buffer
	writer := tar.NewWriter(&content)
	for _, name := range names {
		mode := int64(0o644)
		if name == program {
			mode = 0o755
		}
		if err := writer.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(files[name]))}); err != nil {
			return nil, err
		}
		if _, err := writer.Write(files[name]); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return content.Bytes(), nil
}
