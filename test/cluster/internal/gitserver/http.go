package gitserver

import (
	"bytes"
	"crypto/subtle"
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"strings"
)

// maxRequest bounds a client's request, which only lists what it has and wants.
const maxRequest = 16 << 20

// Handler serves both trees over smart http; the private one asks for the password.
func (s Server) Handler() (http.Handler, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/"+PublicTree+"/") && !s.authorized(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="`+s.Realm+`"`)
			http.Error(w, "this repository needs a username and a password", http.StatusUnauthorized)
			return
		}
		if _, err := s.repository(repositoryPath(r.URL.Path)); err != nil {
			http.Error(w, errNoRepository.Error(), http.StatusNotFound)
			return
		}
		if err := measure(r); err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		s.backend(git, r.URL.Path).ServeHTTP(w, r)
	}), nil
}

// repositoryPath cuts from a request's path what the protocol added to the repository's.
func repositoryPath(path string) string {
	for _, suffix := range []string{"/info/refs", "/git-upload-pack", "/HEAD"} {
		if before, found := strings.CutSuffix(path, suffix); found {
			return before
		}
	}
	repository, _, _ := strings.Cut(path, "/objects/")
	return repository
}

func (s Server) authorized(r *http.Request) bool {
	username, password, given := r.BasicAuth()
	right := subtle.ConstantTimeCompare([]byte(username), []byte(s.Username)) & subtle.ConstantTimeCompare([]byte(password), []byte(s.Password))
	return given && right == 1
}

// measure reads a request of unknown length, because the gateway interface wants to know it beforehand.
func measure(r *http.Request) error {
	if r.ContentLength >= 0 && len(r.TransferEncoding) == 0 {
		return nil
	}
	content, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxRequest))
	if err != nil {
		return err
	}
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(content)), int64(len(content)), nil
	return nil
}

func (s Server) backend(git, path string) http.Handler {
	return &cgi.Handler{
		Path:   git,
		Args:   []string{"http-backend"},
		Env:    append(environment(path), "GIT_PROJECT_ROOT="+s.Root, "GIT_HTTP_EXPORT_ALL=1"),
		Stderr: os.Stderr,
		Logger: log.Default(),
	}
}
