package integration

import (
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// An operator that has rights in two namespaces, and is told to watch them, works there and asks for nothing elsewhere.
func TestAnOperatorOfTwoNamespaces(t *testing.T) {
	t.Parallel()
	one, two, elsewhere := newWorldWithoutOperator(t), newWorldWithoutOperator(t), newWorldWithoutOperator(t)
	untouched := elsewhere.create("untouched")
	a := newOperatorAccount(t, one.namespace, two.namespace)
	line := newLine()
	p := startProcess(t, a, listen(t, line), []string{"WATCH_NAMESPACE=" + one.namespace + ", " + two.namespace},
		"--leader-elect", "--leader-elect-namespace="+a.namespace)
	p.awaitReady(t)

	built := one.create("built", withOwnBuild)
	one.finishBuild(built, "a")
	one.finishRun(built, one.passing())
	given := two.create("given")
	two.finishRun(given, failing(two))
	one.awaitSucceeded(built)
	two.awaitFailed(given, v1alpha1.ReasonCellFailed)
	refused := two.create("refused", func(job *v1alpha1.NotebookValidationJob) { job.Spec.Notebook.Path = "notebooks/none.ipynb" })
	two.runOf(refused)

	current := &v1alpha1.NotebookValidationJob{}
	require.NoError(t, kube.Get(t.Context(), client.ObjectKeyFromObject(untouched), current))
	assert.Empty(t, current.Status)
	for _, request := range line.seen() {
		assert.True(t, inside(request, one.namespace, two.namespace, a.namespace), "the operator asked for %s", request)
	}
	said := p.said()
	for _, trouble := range []string{"forbidden", "Failed to watch", "failed to list", `"level":"error"`} {
		assert.NotContains(t, said, trouble)
	}
}

// Without the right to list, an operator waits for it without haste, is not ready, and ends when it is told to.
func TestAnOperatorWithoutRights(t *testing.T) {
	t.Parallel()
	namespace := newNamespace(t)
	p := startProcess(t, newOperatorAccount(t), directly(), []string{"WATCH_NAMESPACE=" + namespace})
	eventually(t, func(c *assert.CollectT) { assert.Contains(c, p.said(), "forbidden") })
	ready, says := p.ready()
	assert.Equal(t, http.StatusInternalServerError, ready, says)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-p.ended:
		close(p.ended)
		assert.Error(t, err)
		assert.Equal(t, 143, p.cmd.ProcessState.ExitCode())
	case <-time.After(10 * time.Second):
		assert.Fail(t, "the operator does not end")
		require.NoError(t, p.cmd.Process.Kill())
	}
}

// inside says whether a request is for one of the namespaces, or for what has none.
func inside(request string, namespaces ...string) bool {
	_, path, _ := strings.Cut(request, " ")
	path, _, _ = strings.Cut(path, "?")
	for _, namespace := range namespaces {
		if strings.Contains(path, "/namespaces/"+namespace+"/") {
			return true
		}
	}
	switch path {
	case "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "/apis/apiregistration.k8s.io/v1/apiservices":
		return true
	}
	return strings.Count(path, "/") <= 3 && !strings.HasPrefix(path, "/api/v1/") // which APIs there are: /api, /apis, /api/v1, /apis/GROUP/VERSION
}

// listen is the address of the API server for one who is to be heard on the line.
func listen(t testing.TB, l *line) apiServer {
	t.Helper()
	target, err := url.Parse(admin.Host)
	require.NoError(t, err)
	authorities := rest.AnonymousClientConfig(admin)
	secured, err := rest.TLSConfigFor(authorities)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.FlushInterval = -1 // watches
	proxy.Transport = l.wrap(&http.Transport{TLSClientConfig: secured, TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}})
	front := httptest.NewTLSServer(proxy) // a client keeps its token to itself where a server is not secure
	t.Cleanup(front.Close)
	return apiServer{front.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})}
}
