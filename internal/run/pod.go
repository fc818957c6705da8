package run

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// Names of the containers, in the order in which they run.
const (
	ContainerFetch = "fetch"
	// ContainerFetchGolden is there only where the golden notebook is in another repository.
	ContainerFetchGolden = "fetch-golden"
	ContainerExecute     = "execute"
	ContainerReport      = "report"
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
	artifactsDir   = "/artifacts" // the claim of spec.artifacts: written by report alone
	tokenDir       = "/var/run/secrets/kubernetes.io/serviceaccount"
	terminationLog = corev1.TerminationMessagePathDefault

	volumeSource            = "nbv-source"
	volumeTools             = "nbv-tools"
	volumeMeta              = "nbv-meta"
	volumeOut               = "nbv-out"
	volumeHome              = "nbv-home"
	volumeTmp               = "nbv-tmp"
	volumeCredentials       = "nbv-git-credentials"
	volumeGoldenCredentials = "nbv-golden-credentials"
	volumeToken             = "nbv-token"
	volumeArtifacts         = "nbv-artifacts"
)

func podSpec(in Inputs) corev1.PodSpec {
	config := in.Job.Spec.PodConfig
	return corev1.PodSpec{
		RestartPolicy:                corev1.RestartPolicyNever,
		ServiceAccountName:           config.ServiceAccountName,
		AutomountServiceAccountToken: ptr.To(false),
		EnableServiceLinks:           ptr.To(false),
		SecurityContext:              podSecurity(in),
		ImagePullSecrets:             pullSecrets(config.ImagePullSecrets, in.PullSecrets),
		NodeSelector:                 config.NodeSelector,
		Tolerations:                  config.Tolerations,
		Affinity:                     config.Affinity,
		InitContainers:               initContainers(in),
		Containers:                   []corev1.Container{report(in)},
		Volumes:                      volumes(in.Job),
	}
}

func initContainers(in Inputs) []corev1.Container {
	if golden := in.Job.Spec.GoldenNotebook; golden != nil && golden.Git != nil {
		return []corev1.Container{fetch(in), fetchGolden(in), execute(in)}
	}
	return []corev1.Container{fetch(in), execute(in)}
}

// podSecurity is what the restricted Pod Security Standard asks for, with what the user set on top.
func podSecurity(in Inputs) *corev1.PodSecurityContext {
	context := &corev1.PodSecurityContext{}
	if user := in.Job.Spec.PodConfig.SecurityContext; user != nil {
		context = user.DeepCopy()
	}
	if context.RunAsNonRoot == nil {
		context.RunAsNonRoot = ptr.To(true)
	}
	if context.RunAsUser == nil {
		context.RunAsUser = in.RunAsUser
	}
	if in.Job.Spec.Artifacts != nil && context.FSGroup == nil {
		// A new volume belongs to root; the group lets the report write to it.
		context.FSGroup, context.FSGroupChangePolicy = in.RunAsUser, ptr.To(corev1.FSGroupChangeOnRootMismatch)
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
		all = append(all, credentials(volumeCredentials, name))
	}
	if golden := job.Spec.GoldenNotebook; golden != nil && golden.Git != nil && golden.Git.CredentialsSecret != "" {
		all = append(all, credentials(volumeGoldenCredentials, golden.Git.CredentialsSecret))
	}
	if kept := job.Spec.Artifacts; kept != nil {
		all = append(all, corev1.Volume{Name: volumeArtifacts, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: kept.PersistentVolumeClaim.ClaimName},
		}})
	}
	if job.Spec.PodConfig.ServiceAccountName != "" {
		all = append(all, tokenVolume())
	}
	return append(all, job.Spec.PodConfig.Volumes...)
}

// credentials is a Git Secret. It is optional, so that a missing one is told by fetch in a sentence instead of by a pod
// that never starts.
func credentials(volume, secret string) corev1.Volume {
	return corev1.Volume{Name: volume, VolumeSource: corev1.VolumeSource{
		Secret: &corev1.SecretVolumeSource{SecretName: secret, Optional: ptr.To(true)},
	}}
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
