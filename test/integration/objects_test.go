package integration

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// newJob is a job without a build that admission lets through.
func newJob(namespace, name string, changes ...func(*v1alpha1.NotebookValidationJob)) *v1alpha1.NotebookValidationJob {
	job := &v1alpha1.NotebookValidationJob{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	job.Spec.Notebook = v1alpha1.NotebookSource{
		Git: v1alpha1.GitSource{URL: "https://git.example.com/team/notebooks.git", Ref: "main"}, Path: "notebooks/one.ipynb",
	}
	job.Spec.PodConfig.ContainerImage = "registry.example.com/team/image:1"
	for _, change := range changes {
		change(job)
	}
	return job
}

// assertDisjoint checks that no two managers own the same field, and that each of them owns one.
func assertDisjoint(t testing.TB, entries []metav1.ManagedFieldsEntry, managers ...string) {
	t.Helper()
	owned := map[string]*fieldpath.Set{}
	for _, entry := range entries {
		set := &fieldpath.Set{}
		require.NoError(t, set.FromJSON(bytes.NewReader(entry.FieldsV1.GetRawBytes())))
		owned[entry.Manager] = set
	}
	for i, a := range managers {
		require.Contains(t, owned, a, "%s owns nothing", a)
		for _, b := range managers[i+1:] {
			require.Contains(t, owned, b, "%s owns nothing", b)
			both := owned[a].Leaves().Intersection(owned[b].Leaves())
			assert.True(t, both.Empty(), "%s and %s both own %s", a, b, both)
		}
	}
}
