package buildpod

import (
	"path"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// Names of the containers.
const (
	Fetch = "fetch"
	Build = "build"
)

// Places inside the containers.
const (
	workspaceDir  = "/workspace"
	sourceDir     = workspaceDir + "/source"
	program       = workspaceDir + "/tools/notebook-validator"
	gitDir        = "/var/run/notebook-validator/git"
	registryDir   = "/var/run/notebook-validator/registry"
	dockerfileDir = "/etc/notebook-validator/dockerfile"
	storageDir    = "/var/lib/containers"
	scratchDir    = "/tmp"
)

// Volumes of the pod.
const (
	workspaceVolume  = "workspace"
	gitVolume        = "git-credentials"
	registryVolume   = "registry-credentials"
	dockerfileVolume = "dockerfile"
	storageVolume    = "storage"
	scratchVolume    = "scratch"
)

// Volumes are those of the pod; what is written lives and dies with it, so that no two builds share any of it.
func Volumes(in buildstrategy.Inputs) []corev1.Volume {
	all := []corev1.Volume{podspec.EmptyDir(workspaceVolume), podspec.EmptyDir(storageVolume), podspec.EmptyDir(scratchVolume)}
	if in.Source.CredentialsSecret != "" {
		all = append(all, secret(gitVolume, in.Source.CredentialsSecret))
	}
	if in.Registry.PushSecret != "" {
		all = append(all, secret(registryVolume, in.Registry.PushSecret))
	}
	if in.DockerfilePath == "" {
		all = append(all, corev1.Volume{Name: dockerfileVolume, VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: in.DockerfileConfigMap}}}})
	}
	return all
}

// secret is optional, so that a missing one is told in a sentence by the program that needs it, instead of by a pod that
// never starts.
func secret(volume, name string) corev1.Volume {
	return corev1.Volume{Name: volume, VolumeSource: corev1.VolumeSource{
		Secret: &corev1.SecretVolumeSource{SecretName: name, Optional: ptr.To(true)}}}
}

// inSource is the place of a repository's path in the pod; no path leads out of the source.
func inSource(name string) string {
	return path.Join(sourceDir, path.Join("/", name))
}
