package run

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// Names of the containers, in the order in which they run.
const (
	ContainerFetch   = "fetch"
	ContainerExecute = "execute"
	ContainerReport  = "report"
)

const (
	workspace      = "/workspace"
	sourceDir      = workspace + "/source" // the commit: written by fetch, read and written by the notebook
	toolsDir       = workspace + "/tools"  // the runner: written by fetch, read by execute
	metaDir        = workspace + "/meta"   // what was fetched: written by fetch, read by report, never seen by execute
	outDir         = workspace + "/out"    // what came of it: written by execute, read by report
	homeDir        = workspace + "/home"
	tmpDir         = "/tmp"
	credentialsDir = "/var/run/notebook-validator/git"
	tokenDir       = "/var/run/secrets/kubernetes.io/serviceaccount"
	terminationLog = corev1.TerminationMessagePathDefault

	volumeSource      = "nbv-source"
	volumeTools       = "nbv-tools"
	volumeMeta        = "nbv-meta"
	volumeOut         = "nbv-out"
	volumeHome        = "nbv-home"
	volumeTmp         = "nbv-tmp"
	volumeCredentials = "nbv-git-credentials"
	volumeToken       = "nbv-token"
)

func podSpec(in Inputs) corev1.PodSpec {
	config := in.Job.Spec.PodConfig
	return corev1.PodSpec{
		RestartPolicy:                corev1.RestartPolicyNever,
		ServiceAccountName:           config.ServiceAccountName,
		AutomountServiceAccountToken: ptr.To(false),
		EnableServiceLinks:           ptr.To(false),
		SecurityContext:              podSecurity(config.SecurityContext, in.RunAsUser),
		ImagePullSecrets:             pullSecrets(config.ImagePullSecrets, in.PullSecrets),
		NodeSelector:                 config.NodeSelector,
		Tolerations:                  config.Tolerations,
		Affinity:                     config.Affinity,
		InitContainers:               []corev1.Container{fetch(in), execute(in)},
		Containers:                   []corev1.Container{report(in)},
		Volumes:                      volumes(in.Job),
	}
}

// podSecurity is what the restricted Pod Security Standard asks for, with what the user set on top.
func podSecurity(user *corev1.PodSecurityContext, runAsUser *int64) *corev1.PodSecurityContext {
	context := &corev1.PodSecurityContext{}
	if user != nil {
		context = user.DeepCopy()
	}
	if context.RunAsNonRoot == nil {
		context.RunAsNonRoot = ptr.To(true)
	}
	if context.RunAsUser == nil {
		context.RunAsUser = runAsUser
	}
	if context.SeccompProfile == nil {
		context.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
	}
	return context
}

func pullSecrets(own []corev1.LocalObjectReference, added []string) []corev1.LocalObjectReference {
	all := append([]corev1.LocalObjectReference(nil), own...)
	seen := map[string]bool{"": true}
	for _, s := range own {
		seen[s.Name] = true
	}
	for _, name := range added {
		if !seen[name] {
			all = append(all, corev1.LocalObjectReference{Name: name})
		}
		seen[name] = true
	}
	return all
}

func volumes(job *v1alpha1.NotebookValidationJob) []corev1.Volume {
	var all []corev1.Volume
	for _, name := range []string{volumeSource, volumeTools, volumeMeta, volumeOut, volumeHome, volumeTmp} {
		all = append(all, podspec.EmptyDir(name))
	}
	if name := job.Spec.Notebook.Git.CredentialsSecret; name != "" {
		// Optional, so that a missing Secret is told by fetch in a sentence instead of by a pod that never starts.
		all = append(all, corev1.Volume{Name: volumeCredentials, VolumeSource: corev1.VolumeSource{
			Secret: &corev1.SecretVolumeSource{SecretName: name, Optional: ptr.To(true)},
		}})
	}
	if job.Spec.PodConfig.ServiceAccountName != "" {
		all = append(all, tokenVolume())
	}
	return append(all, job.Spec.PodConfig.Volumes...)
}

// tokenVolume is what the kubelet would mount into every container; here only execute mounts it.
func tokenVolume() corev1.Volume {
	return corev1.Volume{Name: volumeToken, VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
		Sources: []corev1.VolumeProjection{
			{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token", ExpirationSeconds: ptr.To[int64](3607)}},
			{ConfigMap: &corev1.ConfigMapProjection{
				LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"},
				Items:                []corev1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}},
			}},
			{DownwardAPI: &corev1.DownwardAPIProjection{Items: []corev1.DownwardAPIVolumeFile{{
				Path: "namespace", FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"},
			}}}},
		},
	}}}
}
