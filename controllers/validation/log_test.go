package validation

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/run"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// logs are served by an API server that answers so.
func logs(t *testing.T, answer http.HandlerFunc) *Reconciler {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	clientset, err := kubernetes.NewForConfig(&rest.Config{Host: server.URL})
	require.NoError(t, err)
	return &Reconciler{Logs: clientset.CoreV1()}
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	_, _ = fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","message":"pods \"a\" not found","code":404}`)
}

func TestTheLogOfTheReportContainerIsReadAndNoMoreThanAReportMayHave(t *testing.T) {
	var asked *http.Request
	r := logs(t, func(w http.ResponseWriter, req *http.Request) {
		asked = req
		_, _ = fmt.Fprint(w, "the report\n")
	})
	got, err := r.readLog(t.Context(), builders.MakePod("a", "team").Obj())
	require.NoError(t, err)
	assert.Equal(t, "the report\n", string(got))
	assert.Equal(t, "/api/v1/namespaces/team/pods/a/log", asked.URL.Path)
	assert.Equal(t, run.ContainerReport, asked.URL.Query().Get("container"))
	assert.Equal(t, fmt.Sprint(report.MaxAnswerBytes+2), asked.URL.Query().Get("limitBytes"))
}

func TestAPodThatIsGoneHasNoLogWhichIsNoError(t *testing.T) {
	got, err := logs(t, notFound).readLog(t.Context(), builders.MakePod("a", "team").Obj())
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestALogThatCannotBeReadIsAnError(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"the node does not answer": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no node", http.StatusBadGateway) },
		"the connection breaks": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = fmt.Fprint(w, "half")
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := logs(t, answer).readLog(t.Context(), builders.MakePod("a", "team").Obj())
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), "read the log of pod a: "), err)
		})
	}
}

func TestALogFloodIsNotBelieved(t *testing.T) {
	job := image().Obj()
	message, _ := builders.MakeRun(report.CellOK).Answer()
	flood := []byte(strings.Repeat("x", report.MaxAnswerBytes+2))
	c := validated(t, planAt(0, job, answered(job, message, flood)))
	assert.Contains(t, c.Message, "is larger than")
	assert.Less(t, len(c.Message), 1000)
}
