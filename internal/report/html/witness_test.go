package html

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// witness is a web server that writes down who came: a page that lets anything of a notebook run or load is seen here.
type witness struct {
	*httptest.Server
	mutex       sync.Mutex
	paths       []string
	connections int
}

func newWitness(t *testing.T) *witness {
	t.Helper()
	w := &witness{}
	w.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.paths = append(w.paths, request.URL.Path)
		response.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	w.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		if state == http.StateNew {
			w.connections++
		}
	}
	w.Start()
	t.Cleanup(w.Close)
	return w
}

func (w *witness) seen() (paths []string, connections int) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	paths = slices.Clone(w.paths)
	slices.Sort(paths)
	return slices.Compact(paths), w.connections
}

// browse opens a page in a headless browser and returns the document as it is after everything ran that could.
func browse(t *testing.T, page string) string {
	t.Helper()
	directory := t.TempDir()
	file := filepath.Join(directory, "report.html")
	require.NoError(t, os.WriteFile(file, []byte(page), 0o600))
	_, err := exec.LookPath("chromium")
	require.NoError(t, err, "hack/test-prereqs.sh installs it")
	arguments := []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--user-data-dir=" + filepath.Join(directory, "profile"), "--virtual-time-budget=10000",
		"--dump-dom", "file://" + file,
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "chromium", arguments...)
	var problems bytes.Buffer
	command.Stderr = &problems
	document, err := command.Output()
	require.NoError(t, err, problems.String())
	return string(document)
}
