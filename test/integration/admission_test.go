package integration

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// What the API server admits and refuses, and in which words. Manifests are written as users write them.

const jobManifest = `
apiVersion: mlops.mlops.dev/v1alpha1
kind: NotebookValidationJob
spec:
  notebook:
    git: {url: "https://git.example.com/team/notebooks.git"}
    path: notebooks/one.ipynb
  podConfig:
    containerImage: registry.example.com/team/image:1
    buildConfig: {}
`

const buildManifest = `
apiVersion: mlops.mlops.dev/v1alpha1
kind: NotebookBuild
spec:
  git: {url: "https://git.example.com/team/notebooks.git"}
  notebookPath: notebooks/one.ipynb
`

// fromManifest reads a manifest into a namespace.
func fromManifest(t testing.TB, manifest, namespace string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	require.NoError(t, yaml.UnmarshalStrict([]byte(manifest), &object.Object))
	object.SetNamespace(namespace)
	object.SetGenerateName("admission-")
	return object
}

// set writes a field of a manifest, the path written with dots.
func set(t testing.TB, object *unstructured.Unstructured, path string, value any) {
	t.Helper()
	require.NoError(t, unstructured.SetNestedField(object.Object, value, strings.Split(path, ".")...))
}

// create sends a manifest as kubectl does, which asks for strict validation.
func create(t testing.TB, object client.Object) error {
	return kube.Create(t.Context(), object, client.FieldValidation("Strict"))
}

// field is a field with values that are taken and values that are refused, each of these with what the refusal says.
type field struct {
	manifest string
	path     string
	accepted []any
	refused  map[string][]any
}

const (
	sayScheme   = "git url must begin with https://, http://, ssh:// or git://, or have the form user@host:path"
	saySpaces   = "git url must not contain spaces or control characters"
	sayPassword = "git url must not contain a password; put it into a Secret and name that in credentialsSecret"
	sayRef      = "git ref must be a branch, a tag or a commit SHA"
	sayEnding   = "notebook path must end in .ipynb"
	sayInside   = "notebook path must stay inside the repository"
	sayTimeout  = "timeout must be more than zero and at most 168h, for example 30m"
	sayBuild    = "build timeout must be more than zero and at most 24h, for example 15m"
	sayPattern  = "should match '^([0-9]+"
	sayRepo     = "repository must be registry/path without a tag or digest, for example registry.example.com/team/notebooks"
	sayTooLong  = "Too long"
)

func many(s string, n int) string { return strings.Repeat(s, n) }

var (
	urls = field{
		accepted: []any{
			"https://git.example.com/a.git", "http://127.0.0.1:8080/a", "ssh://git@git.example.com:2222/a.git", "git://git.example.com/a",
			"git@git.example.com:team/a.git", "https://user@git.example.com/a", "https://[::1]:8443/a", "https://git.example.com/a:b@c",
		},
		refused: map[string][]any{
			sayScheme: {
				"file:///etc", "ext::sh -c id", "ftp://git.example.com/a", "/etc", "../a", "https:///a", "-oProxyCommand=id",
				"--upload-pack=id", "git.example.com/a", "HTTPS://git.example.com/a", "git@git.example.com::a", "javascript:alert(1)",
			},
			saySpaces:   {"https://git.example.com/a b", "https://git.example.com/a\nb", "https://git.example.com/\x00", "https://git.example.com/\x7f"},
			sayPassword: {"https://user:secret@git.example.com/a", "http://:secret@git.example.com/a", "ssh://git:secret@git.example.com/a"},
			sayTooLong:  {"https://git.example.com/" + many("a", 2048), "https://git.example.com/" + many("a", 1<<20)},
			"at least 1": {
				"",
			},
		},
	}
	refs = field{
		accepted: []any{"main", "feature/one.two_three-4", "v1.2.3", "0123456789abcdef0123456789abcdef01234567", "refs/heads/main", "@", many("a", 255)},
		refused: map[string][]any{
			sayRef:     {"-main", "--upload-pack=id", "a..b", "a b", "a\nb", "a\x00", "a~1", "a^", "a:b", "a?", "a*", "a[b"},
			sayTooLong: {many("a", 256), many("a", 1<<20)},
		},
	}
	paths = field{
		accepted: []any{"one.ipynb", "a/b/one.ipynb", "a b/$(id)'\"`.ipynb", "..a/b...ipynb", "-one.ipynb", "ä/π.ipynb", "./one.ipynb"},
		refused: map[string][]any{
			sayEnding:  {"one.py", "one", "one.ipynb/", "one.IPYNB", "one.ipynb "},
			sayInside:  {"/etc/one.ipynb", "../one.ipynb", "a/../one.ipynb", "a/../../one.ipynb", "one\n.ipynb", "one\x00.ipynb", "\x1b[2Jone.ipynb"},
			sayTooLong: {many("a", 1024) + ".ipynb", many("a", 1<<20) + ".ipynb"},
		},
	}
	files = field{
		accepted: []any{"requirements.txt", "a/b c/$(id).txt", "-r.txt", "..a/b"},
		refused: map[string][]any{
			"must be a path inside the repository, relative to its root": {"/etc/passwd", "../a.txt", "a/../../b.txt", "a\nb", "a\x00"},
			sayTooLong: {many("a", 1025), many("a", 1<<20)},
		},
	}
	images = field{
		accepted: []any{"python:3.12", "registry.example.com:5000/a/b@sha256:" + many("a", 64)},
		refused: map[string][]any{
			"must be an image reference without spaces or control characters": {"a b", "a\nRUN id", "a\x00", "\ta"},
			sayTooLong: {many("a", 513), many("a", 1<<20)},
		},
	}
	secrets = field{
		accepted: []any{"git", "a.b-c"},
		refused:  map[string][]any{"should match": {"Git", "a/b", "../a", "-a", "a b", "a\n"}, sayTooLong: {many("a", 254), many("a", 1<<20)}},
	}
)

func (f field) at(manifest, path string) field {
	f.manifest, f.path = manifest, path
	return f
}

func fields() map[string]field {
	return map[string]field{
		"url of a job":           urls.at(jobManifest, "spec.notebook.git.url"),
		"url of a build":         urls.at(buildManifest, "spec.git.url"),
		"ref of a job":           refs.at(jobManifest, "spec.notebook.git.ref"),
		"ref of a build":         refs.at(buildManifest, "spec.git.ref"),
		"secret of a job":        secrets.at(jobManifest, "spec.notebook.git.credentialsSecret"),
		"secret of a build":      secrets.at(buildManifest, "spec.git.credentialsSecret"),
		"path of a job":          paths.at(jobManifest, "spec.notebook.path"),
		"path of a build":        paths.at(buildManifest, "spec.notebookPath"),
		"requirements of a job":  files.at(jobManifest, "spec.podConfig.buildConfig.requirementsFile"),
		"Dockerfile of a job":    files.at(jobManifest, "spec.podConfig.buildConfig.dockerfile"),
		"Dockerfile of a build":  files.at(buildManifest, "spec.dockerfile"),
		"image of a run":         images.at(jobManifest, "spec.podConfig.containerImage"),
		"base image of a job":    images.at(jobManifest, "spec.podConfig.buildConfig.baseImage"),
		"builder image of a job": images.at(jobManifest, "spec.podConfig.buildConfig.builderImage"),
		"timeout": {manifest: jobManifest, path: "spec.timeout",
			accepted: []any{"30m", "1h30m", "0.5s", "1ms", "168h", "10080m"},
			refused: map[string][]any{
				sayTimeout: {"0s", "0h0m", "168h1s", "9999h"},
				sayPattern: {"-5m", "banana", "30", "", "5 m", "1d", "∞"},
				sayTooLong: {many("1", 40) + "s", many("1", 1<<20) + "s"},
				"must be of type string": {
					int64(30),
				},
			}},
		"build timeout": {manifest: jobManifest, path: "spec.podConfig.buildConfig.timeout",
			accepted: []any{"15m", "24h", "1s"},
			refused:  map[string][]any{sayBuild: {"0s", "25h", "24h1s"}, sayPattern: {"-5m", "soon"}}},
		"registry": {manifest: jobManifest, path: "spec.podConfig.buildConfig.registry.repository",
			accepted: []any{"registry.example.com/team", "127.0.0.1:5000/a/b_c/d-e.f"},
			refused: map[string][]any{
				sayRepo: {
					"registry.example.com/team:1", "registry.example.com/a@sha256:" + many("a", 64), "registry.example.com", "/team",
					"registry.example.com/Team", "registry.example.com/a/", "https://registry.example.com/a", "a/b c", "a/b\n", "a/$(id)",
				},
				sayTooLong: {"registry.example.com/" + many("a", 255), "registry.example.com/" + many("a", 1<<20)},
			}},
		"strategy": {manifest: jobManifest, path: "spec.podConfig.buildConfig.strategy",
			accepted: []any{"auto", "job"},
			refused:  map[string][]any{"Unsupported value": {"Job", "docker", "$(id)"}}},
		"rerun": {manifest: jobManifest, path: "spec.rerun",
			accepted: []any{"", "again", "2026-03-14 09:26"},
			refused:  map[string][]any{sayTooLong: {many("a", 254), many("a", 1<<20)}}},
	}
}

func TestAdmissionOfEachField(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	for name, f := range fields() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, value := range f.accepted {
				object := fromManifest(t, f.manifest, namespace)
				set(t, object, f.path, value)
				assert.NoError(t, create(t, object), "%.80q", value)
			}
			for says, values := range f.refused {
				for _, value := range values {
					object := fromManifest(t, f.manifest, namespace)
					set(t, object, f.path, value)
					err := create(t, object)
					require.Error(t, err, "%.80q is admitted", value)
					assert.True(t, apierrors.IsInvalid(err), "%.80q: %.300s", value, err)
					assert.ErrorContains(t, err, says, "%.80q", value)
				}
			}
		})
	}
}
