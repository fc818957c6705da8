// Package image makes container images from root file systems and programs, keeps them in the cache, and pushes them to the
// cluster's registry.
package image

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/rootfs"
)

// Recipe says what an image is made of.
type Recipe struct {
	// Name and Tag name it in the registry, below the public prefix.
	Name, Tag string
	// Packages are Debian packages; none means an empty root file system.
	Packages []string
	// Program is a static program that becomes the image's entrypoint.
	Program string
	// Folder is where the program lies in the image; the root when empty.
	Folder string `json:",omitempty"`
	// Beside are further static programs, by their path in the image.
	Beside map[string]string `json:",omitempty"`
	// Writable are folders in which everybody may make files.
	Writable []string `json:",omitempty"`
	// Files are texts added to the root file system.
	Files map[string]string
	// User is the numeric user that the image runs as; root when empty.
	User string
}

// Reference returns the name of the image in the registry.
func (r Recipe) Reference() string { return config.PublicImage(r.Name) + ":" + r.Tag }

// entrypoint returns the program's path in the image, without the leading slash.
func (r Recipe) entrypoint() string { return path.Join(r.Folder, filepath.Base(r.Program)) }

// programs returns every program by its path in the image.
func (r Recipe) programs() map[string]string {
	all := map[string]string{}
	maps.Copy(all, r.Beside)
	if r.Program != "" {
		all[r.entrypoint()] = r.Program
	}
	return all
}

// key changes when anything that decides the image's content changes.
func (r Recipe) key() (string, error) {
	sum := sha256.New()
	if err := json.NewEncoder(sum).Encode(r); err != nil {
		return "", err
	}
	if len(r.Packages) > 0 {
		if err := json.NewEncoder(sum).Encode(rootfs.Arguments(r.Packages)); err != nil {
			return "", err
		}
	}
	programs := r.programs()
	for _, place := range slices.Sorted(maps.Keys(programs)) {
		program, err := os.ReadFile(programs[place])
		if err != nil {
			return "", err
		}
		sum.Write(program)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// NotebookBase runs notebooks and installs packages from the harness' index. It knows nothing about the operator and has
// the marker that makes Debian's pip refuse system-wide installs, as a user's base image may have.
func NotebookBase() Recipe {
	return Recipe{
		Name: "notebook-base", Tag: "1",
		Packages: []string{"ca-certificates", "python3", "python3-ipykernel", "python3-nbclient", "python3-nbformat", "python3-pip"},
		Files: map[string]string{
			"etc/pip.conf": "[global]\nindex-url = http://" + config.On(config.IndexPort) + "/simple/\ntrusted-host = " +
				config.NodeAddress + "\ndisable-pip-version-check = true\nno-cache-dir = true\nretries = 1\ntimeout = 10\n",
		},
	}
}

// Builder builds images in a pod.
func Builder() Recipe {
	return Recipe{Name: "buildah", Tag: "1", Packages: []string{"buildah", "ca-certificates"}}
}

// Pause holds a pod's namespaces.
func Pause(program string) Recipe {
	return Recipe{Name: "pause", Tag: "1", Program: program, User: "65535"}
}

// CoreDNS is the cluster's name server.
func CoreDNS(program string) Recipe {
	return Recipe{Name: "coredns", Tag: "1", Program: program, User: "65532"}
}

// Opm serves catalogs of operators, which are images made on top of it. OLM asks its pods with the program beside it, and
// runs them as the user it has.
func Opm(programs, version string) Recipe {
	return Recipe{
		Name: "opm", Tag: version, Program: filepath.Join(programs, "opm"), Folder: "bin",
		Beside:   map[string]string{"bin/grpc_health_probe": filepath.Join(programs, "grpc-health-probe")},
		Writable: []string{"tmp"}, User: "1001",
	}
}
