package integration

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apiextensions-apiserver/pkg/apihelpers"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/controllers"
	"mlops.dev/notebook-validator-operator/internal/naming"
)

// The tests of build systems that a cluster may lack are not parallel, since they change what the cluster offers: they run
// before all others. The others name the strategy that they are about.

// systemAPI is where the kinds of a build system are defined.
type systemAPI struct {
	// module is the Go module that the CRDs lie in; empty for a folder of this package.
	module string
	files  []string
}

var (
	tektonAPI     = systemAPI{"github.com/tektoncd/pipeline", []string{"config/300-crds/300-pipelinerun.yaml", "config/300-crds/300-taskrun.yaml"}}
	shipwrightAPI = systemAPI{"github.com/shipwright-io/build", []string{"deploy/crds/shipwright.io_buildruns.yaml"}}
	openshiftAPI  = systemAPI{"", []string{"testdata/openshift/builds.yaml", "testdata/openshift/imagestreams.yaml", "testdata/openshift/imagestreamtags.yaml", "testdata/openshift/imagestreamimages.yaml"}}
)

// install makes the API server serve the kinds, from now on: the definition of a kind is not deleted again, since that
// takes the API server up to minutes. Doing it twice is fine.
func (a systemAPI) install(t *testing.T) {
	t.Helper()
	for _, crd := range a.definitions(t) {
		err := extensionsClient(t).Create(t.Context(), crd)
		if !apierrors.IsAlreadyExists(err) {
			require.NoError(t, err)
		}
	}
	a.serve(t, true)
}

// serve has the API server serve the kinds, or not, as when somebody removes a build system; objects are kept.
func (a systemAPI) serve(t *testing.T, served bool) {
	t.Helper()
	extensions := extensionsClient(t)
	for _, wanted := range a.definitions(t) {
		eventually(t, func(c *assert.CollectT) {
			crd := &apiextensionsv1.CustomResourceDefinition{}
			require.NoError(c, extensions.Get(t.Context(), client.ObjectKeyFromObject(wanted), crd))
			require.True(c, apihelpers.IsCRDConditionTrue(crd, apiextensionsv1.Established), "%v", crd.Status.Conditions)
			for i, version := range wanted.Spec.Versions {
				crd.Spec.Versions[i].Served = served && version.Served
			}
			require.NoError(c, extensions.Update(t.Context(), crd))
		})
	}
}

// definitions are the CRDs.
func (a systemAPI) definitions(t *testing.T) []*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	dir := a.dir(t)
	var all []*apiextensionsv1.CustomResourceDefinition
	for _, name := range a.files {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		crd := &apiextensionsv1.CustomResourceDefinition{}
		require.NoError(t, yaml.Unmarshal(content, crd))
		crd.Spec.Conversion = nil // a webhook that does not run here
		all = append(all, crd)
	}
	return all
}

func (a systemAPI) dir(t *testing.T) string {
	t.Helper()
	if a.module == "" {
		return "."
	}
	dir, err := exec.CommandContext(context.WithoutCancel(t.Context()), "go", "list", "-m", "-f", "{{.Dir}}", a.module).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(dir))
}

func extensionsClient(t *testing.T) client.Client {
	t.Helper()
	scheme := controllers.Scheme()
	require.NoError(t, apiextensionsv1.AddToScheme(scheme))
	c, err := client.New(admin, client.Options{Scheme: scheme})
	require.NoError(t, err)
	return c
}

// withStrategy has the job's image built by that build system, for this job alone.
func withStrategy(name string) change {
	return func(job *v1alpha1.NotebookValidationJob) {
		withOwnBuild(job)
		job.Spec.PodConfig.BuildConfig.Strategy = name
	}
}

// workOf waits for the object of a build system that builds for the job; the object tells of which kind.
func workOf[T client.Object](w *world, job *v1alpha1.NotebookValidationJob, object T) T {
	w.Helper()
	eventually(w, func(c *assert.CollectT) {
		build := w.buildOf(job)
		require.NoError(c, kube.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: naming.BuildChild(build)}, object))
		assert.True(c, metav1.IsControlledBy(object, build))
	})
	return object
}

// becomes has a build system write the status of an object, on top of whatever else was written.
func becomes[T client.Object](w *world, object T, change func(T)) {
	w.Helper()
	eventually(w, func(c *assert.CollectT) {
		require.NoError(c, kube.Get(w.Context(), client.ObjectKeyFromObject(object), object))
		change(object)
		require.NoError(c, writeStatus(w.Context(), object))
	})
}

// writeStatus writes to the status where the kind has one of its own, as Tekton's and Shipwright's have, and to the object
// where it has not, as OpenShift's Builds.
func writeStatus(ctx context.Context, object client.Object) error {
	kind, err := apiutil.GVKForObject(object, kube.Scheme())
	if err != nil {
		return err
	}
	if kind.Group == "build.openshift.io" {
		return kube.Update(ctx, object)
	}
	return kube.Status().Update(ctx, object)
}

// awaitMessage waits until the job tells what its build is at.
func (w *world) awaitMessage(job *v1alpha1.NotebookValidationJob, says string) {
	w.Helper()
	w.await(job, func(c *assert.CollectT, current *v1alpha1.NotebookValidationJob) {
		assert.Contains(c, current.Status.Message, says)
	})
}

// digest of one character, repeated.
func digest(digit string) string { return "sha256:" + strings.Repeat(digit, 64) }

// assertNoRun checks that no notebook was ever run.
func assertNoRun(t *testing.T, states []client.Object) {
	t.Helper()
	for _, state := range states {
		if job, ok := state.(*batchv1.Job); ok {
			assert.Empty(t, executeImage(job), "run %s", job.Name)
		}
	}
}
