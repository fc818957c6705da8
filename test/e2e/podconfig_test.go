package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
)

func key(namespace, name string) types.NamespacedName {
	return types.NamespacedName{Namespace: namespace, Name: name}
}

const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount"

func TestPodConfigTakesEffectInTheNotebook(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Restricted, "podconfig")
	object := metav1.ObjectMeta{Namespace: s.namespace}
	named := func(name string) metav1.ObjectMeta {
		object := object
		object.Name = name
		return object
	}
	for _, needed := range []client.Object{
		&corev1.ConfigMap{ObjectMeta: named("settings"), Data: map[string]string{"FROM_CONFIG_MAP": "settings"}},
		&corev1.ConfigMap{ObjectMeta: named("table"), Data: map[string]string{"table.csv": "a,b\n1,2\n"}},
		&corev1.Secret{ObjectMeta: named("hush"), StringData: map[string]string{"FROM_SECRET": "hush"}},
		&corev1.Secret{ObjectMeta: named("database"), StringData: map[string]string{"DB_PASSWORD": "correct horse"}},
		&corev1.ServiceAccount{ObjectMeta: named("notebook-reader")},
	} {
		s.create(t, needed)
	}
	job := s.validate(t, s.job("everything", "everything.ipynb", everything(s.namespace)))

	requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	pods := s.Pods(job.Name, kit.ComponentRun)
	require.Len(t, pods, 1)
	for _, container := range append(pods[0].Spec.InitContainers, pods[0].Spec.Containers...) {
		token := false
		for _, mount := range container.VolumeMounts {
			token = token || mount.MountPath == tokenPath
		}
		assert.Equal(t, container.Name == executeContainer, token, "the token in container %s", container.Name)
	}

	bare := s.validate(t, s.job("bare", "no-token.ipynb"))
	requireEnd(t, bare, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
}

// everything is each field of podConfig that the notebook can see.
func everything(namespace string) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) {
		pod := &spec.PodConfig
		pod.Env = []corev1.EnvVar{
			{Name: "GREETING", Value: "hello $(WORLD) $HOME `id`"},
			{Name: "NAMESPACE", Value: namespace},
			{Name: "WANTED_NODE", Value: cluster.Env.Node.Name},
			{Name: "NODE_NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "spec.nodeName"}}},
		}
		pod.EnvFrom = []corev1.EnvFromSource{
			{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}},
			{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "hush"}}},
		}
		pod.Credentials = []string{"database"}
		pod.Volumes = []corev1.Volume{
			{Name: "table", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "table"}}}},
			{Name: "scratch", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
		}
		pod.VolumeMounts = []corev1.VolumeMount{{Name: "table", MountPath: "/data", ReadOnly: true}, {Name: "scratch", MountPath: "/scratch"}}
		pod.ServiceAccountName = "notebook-reader"
		pod.NodeSelector = map[string]string{corev1.LabelHostname: cluster.Env.Node.Name}
		pod.Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("384Mi")}
	}
}

// A job that no node takes says so; corrected, it is run anew, and the run of the old spec is gone.
func TestCorrectedSpecIsANewRun(t *testing.T) {
	t.Parallel()
	s := newScene(t, kit.Restricted, "endings")
	job := s.job("placed", "passes.ipynb", func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.PodConfig.NodeSelector = map[string]string{"example.com/no-such-label": "x"}
	})
	s.create(t, job)
	s.await(t, "the message that no node takes the pod", func() bool {
		seen := s.Job(job.Name)
		return seen != nil && strings.Contains(seen.Status.Message, "No node takes the pod")
	})
	corrected := client.MergeFrom(job.DeepCopy())
	job.Spec.PodConfig.NodeSelector = nil
	require.NoError(t, cluster.Client.Patch(s.ctx, job, corrected))
	require.Equal(t, int64(2), job.Generation)
	job = s.end(t, job)

	requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	runs := s.Runs(job.Name)
	require.Len(t, runs, 2)
	assert.True(t, s.Deleted(runs[0]), "the run of the old spec was not cancelled")
	assert.Equal(t, runs[1].Name, job.Status.Validation.RunName)
}
