// Package operator builds the operator's image, and those that come with it, the way a user would, from their Dockerfiles,
// and pushes them to the cluster's registry.
package operator

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
)

// Build says what is built from where.
type Build struct {
	// Image is the full name and tag.
	Image      string
	Dockerfile string
	Context    string
	// Arguments are NAME=VALUE for the ARGs of the Dockerfile.
	Arguments []string
	// Work is where the builder keeps its layers.
	Work string
}

// Run builds and pushes the image and returns its reference by digest.
func (b Build) Run(registry clusterenv.Registry) (string, error) {
	if err := os.MkdirAll(b.Work, 0o700); err != nil {
		return "", err
	}
	if err := progress.Step("build "+b.Image, b.build); err != nil {
		return "", err
	}
	// Several images may be pushed at the same time.
	files, err := os.MkdirTemp(b.Work, "push-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(files)
	auth, digest := filepath.Join(files, "auth.json"), filepath.Join(files, "digest")
	if err := os.WriteFile(auth, registry.DockerConfig(), 0o600); err != nil {
		return "", err
	}
	err = progress.Step("push "+b.Image, func() error {
		return b.buildah("push", "--tls-verify=false", "--authfile="+auth, "--digestfile="+digest, "--", b.Image, "docker://"+b.Image)
	})
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(digest)
	if err != nil {
		return "", err
	}
	repository := b.Image[:strings.LastIndex(b.Image, ":")]
	return repository + "@" + strings.TrimSpace(string(content)), nil
}

func (b Build) build() error {
	args := []string{"--isolation=chroot", "--layers=false", "--timestamp=0", "--tls-verify=false", "--file=" + b.Dockerfile, "--tag=" + b.Image}
	for _, argument := range b.Arguments {
		args = append(args, "--build-arg="+argument)
	}
	return b.buildah("build", append(args, "--", b.Context)...)
}

// buildah runs the host's builder with storage of its own, copied files instead of mounts.
func (b Build) buildah(command string, args ...string) error {
	all := append([]string{
		"--storage-driver=vfs", "--root=" + filepath.Join(b.Work, "storage"), "--runroot=" + filepath.Join(b.Work, "run"), command,
	}, args...)
	process := exec.Command("buildah", all...)
	var output bytes.Buffer
	process.Stdout, process.Stderr = &output, &output
	if err := process.Run(); err != nil {
		return fmt.Errorf("buildah %s: %w\n%s", command, err, output.String())
	}
	return nil
}
