package integration

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/util/cert"
)

const passedOnce = `notebook_validator_jobs_total{phase="Succeeded",reason="Passed"} 1`

// scrape asks for the metrics with a token, or with none.
func (p *process) scrape(token string) (status int, text string, certificate []byte, err error) {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	request, err := http.NewRequest(http.MethodGet, "https://"+p.metrics+"/metrics", nil)
	if err != nil {
		return 0, "", nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return 0, "", nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(body), answer.TLS.PeerCertificates[0].Raw, err
}

func TestMetricsAreForThoseWhoMayReadThem(t *testing.T) {
	t.Parallel()
	w := newWorldWithoutOperator(t)
	a := newOperatorAccount(t, w.namespace)
	prometheus, stranger := newAccount(t, w.namespace, "prometheus"), newAccount(t, w.namespace, "stranger")
	prometheus.may(t, "metrics-reader")
	watching := []string{"NOTEBOOK_VALIDATOR_WATCH_NAMESPACES=" + w.namespace}
	p := startProcess(t, a, directly(), watching)
	p.awaitReady(t)
	job := w.create("passes")
	w.finishRun(job, w.passing())
	w.awaitSucceeded(job)
	p.awaitCount(t, prometheus, passedOnce)

	for name, test := range map[string]struct {
		token  string
		status int
	}{
		"nobody":                        {"", http.StatusUnauthorized},
		"a token of nobody":             {"abc", http.StatusInternalServerError}, // so controller-runtime's filter answers
		"somebody without the right":    {stranger.token(t), http.StatusForbidden},
		"the operator, which needs not": {a.token(t), http.StatusForbidden},
		"somebody with the right":       {prometheus.token(t), http.StatusOK},
	} {
		status, text, _, err := p.scrape(test.token)
		require.NoError(t, err, name)
		assert.Equal(t, test.status, status, name)
		assert.Equal(t, test.status == http.StatusOK, bytes.Contains([]byte(text), []byte(passedOnce)), "%s reads %.300s", name, text)
	}

	// What was decided before it started does not count again.
	p.stop(t)
	p = startProcess(t, a, directly(), watching)
	p.awaitReady(t)
	next := w.create("passes-too")
	w.finishRun(next, w.passing())
	w.awaitSucceeded(next)
	p.awaitCount(t, prometheus, passedOnce)
}

// awaitCount waits until the metrics have this line: a status is there before it is counted.
func (p *process) awaitCount(t testing.TB, reader account, line string) {
	t.Helper()
	token := reader.token(t)
	eventually(t, func(c *assert.CollectT) {
		_, text, _, err := p.scrape(token)
		require.NoError(c, err)
		assert.Contains(c, text, line)
	})
}

func TestTheCertificateOfTheMetricsIsReadAgain(t *testing.T) {
	t.Parallel()
	namespace, dir := newNamespace(t), t.TempDir()
	a := newOperatorAccount(t, namespace)
	first := writeCertificate(t, dir, "first.example.com")
	p := startProcess(t, a, directly(), []string{"WATCH_NAMESPACE=" + namespace, "NOTEBOOK_VALIDATOR_METRICS_CERT_DIR=" + dir}, "--run-as-user=1")
	shows := func(want []byte) {
		eventually(t, func(c *assert.CollectT) {
			_, _, shown, err := p.scrape("")
			require.NoError(c, err)
			assert.True(c, bytes.Equal(want, shown), "another certificate")
		})
	}
	shows(first)
	shows(writeCertificate(t, dir, "second.example.com"))
}

func writeCertificate(t *testing.T, dir, host string) (raw []byte) {
	t.Helper()
	chain, key, err := cert.GenerateSelfSignedCertKey(host, nil, nil)
	require.NoError(t, err)
	pair, err := tls.X509KeyPair(chain, key)
	require.NoError(t, err)
	for name, data := range map[string][]byte{"tls.key": key, "tls.crt": chain} {
		next := filepath.Join(dir, "."+name)
		require.NoError(t, os.WriteFile(next, data, 0o600))
		require.NoError(t, os.Rename(next, filepath.Join(dir, name)))
	}
	return pair.Certificate[0]
}
