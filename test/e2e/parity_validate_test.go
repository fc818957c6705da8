package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
	"mlops.dev/notebook-validator-operator/test/notebooks"
)

// told is the part of report.json that does not depend on the place and the hour.
type told struct {
	Verdict, Reason string
	FailedCell      *int
	Counts          map[string]int
	Findings        []struct {
		Rule, Severity, Message string
		Cell                    *int
		Line                    int
	}
	Comparison *struct {
		Result                               string
		TotalCells, MatchedCells, Mismatched int
	}
}

// program is the command line, built once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "nbv-e2e-program-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "notebook-validator")
	build := exec.Command("go", "build", "-o", path, "../..")
	build.Stderr = os.Stderr
	return path, build.Run()
})

// oneAtATime: kernels on this machine compete with those of the cluster.
var oneAtATime sync.Mutex

// requireSameOnOneMachine holds that "validate" says of the notebook what the cluster said. The images of the tests are
// made from the very packages of this machine's Python, so that the environment is the same.
func requireSameOnOneMachine(t *testing.T, s *scene, job *v1alpha1.NotebookValidationJob) {
	t.Helper()
	if kit.Foreign() {
		return
	}
	folder := t.TempDir()
	files, err := notebooks.Repository("validation")
	require.NoError(t, err)
	for name, content := range files {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, ".notebook-validator.yaml"), settings(t, job), 0o600))

	path, err := program()
	require.NoError(t, err)
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	command := exec.CommandContext(t.Context(), path, "validate", "--python=/usr/bin/python3", "-o", "json", filepath.Join(folder, job.Spec.Notebook.Path))
	output, err := command.Output()
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &exit)
		require.NotEmpty(t, output, "validate: %s", exit.Stderr)
	}
	here := parseTold(t, output)
	assert.Equal(t, here.Verdict == "Passed", err == nil || !errors.As(err, &exit), "the exit code says so")
	assert.Equal(t, parseTold(t, []byte(reportFile(t, s, job, "report.json"))), here)
}

// settings are what a job demands, in the form of a settings file.
func settings(t *testing.T, job *v1alpha1.NotebookValidationJob) []byte {
	t.Helper()
	data, err := json.Marshal(job.Spec)
	require.NoError(t, err)
	var spec map[string]any
	require.NoError(t, json.Unmarshal(data, &spec))
	for _, ofTheCluster := range []string{"notebook", "podConfig", "artifacts", "rerun"} {
		delete(spec, ofTheCluster)
	}
	text, err := yaml.Marshal(spec)
	require.NoError(t, err)
	return text
}

func parseTold(t *testing.T, data []byte) told {
	t.Helper()
	var parsed told
	require.NoError(t, json.Unmarshal(data, &parsed))
	return parsed
}

// reportFile is one file of a job's report.
func reportFile(t *testing.T, s *scene, job *v1alpha1.NotebookValidationJob, name string) string {
	t.Helper()
	report := &corev1.ConfigMap{}
	require.NoError(t, cluster.Client.Get(s.ctx, client.ObjectKey{Namespace: s.namespace, Name: job.Status.Validation.ReportConfigMap}, report))
	require.Contains(t, report.Data, name)
	return report.Data[name]
}
