package environment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// Hash stands for all that an image is made from: the base image, the Dockerfile, the content of every file that it
// copies, and what the caller adds. The name that the base image was asked for by is not part of it, so that two names of
// one image give one environment.
func (e Environment) Hash(parts ...string) string {
	text := e.Dockerfile
	if note := e.note(); note != "" {
		text = strings.Replace(text, note, "", 1)
	}
	made := struct {
		BaseImage, Dockerfile, ContextDir string
		Parts                             []string
		Files                             [][2]string
	}{e.BaseImage, text, e.ContextDir, parts, e.contents()}
	raw, err := json.Marshal(made)
	if err != nil {
		panic(err) // strings always encode
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// contents are the object ids of what is copied into the image. Nobody knows which files a Dockerfile of the repository
// copies in the end, so that the whole of its context counts.
func (e Environment) contents() [][2]string {
	copied := e.copied()
	if e.Source == Dockerfile {
		copied = []string{e.ContextDir}
	}
	var found [][2]string
	for _, name := range copied {
		found = append(found, [2]string{name, e.files.ObjectID(name)})
	}
	return found
}
