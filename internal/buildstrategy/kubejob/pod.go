package kubejob

import (
	"path"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// Containers of the build's pod.
const (
	fetchContainer = "fetch"
	buildContainer = "build"
)

// Places inside the pod.
const (
	workspaceDir  = "/workspace"
	sourceDir     = workspaceDir + "/source"
	program       = workspaceDir + "/tools/notebook-validator"
	gitDir        = "/var/run/notebook-validator/git"
	registryDir   = "/var/run/notebook-validator/registry"
	dockerfileDir = "/etc/notebook-validator/dockerfile"
	storageDir    = "/var/lib/containers"
	scratchDir    = "/tmp"
	resultFile    = "/dev/termination-log"
)

// Volumes of the build's pod.
const (
	workspaceVolume  = "workspace"
	gitVolume        = "git-credentials"
	registryVolume   = "registry-credentials"
	dockerfileVolume = "dockerfile"
	storageVolume    = "storage"
	scratchVolume    = "scratch"
)

// imageFlag carries the target reference; Outcome reads it back from the Job, whose pod template nobody can change.
const imageFlag = "--image="

// lastWords is how much earlier than the Job the build ends itself, so that its log reaches the user: a Job that is past
// its deadline deletes its pods.
const lastWords = 10 * time.Second

func podSpec(in buildstrategy.Inputs) corev1.PodSpec {
	return corev1.PodSpec{
		RestartPolicy:                corev1.RestartPolicyNever,
		AutomountServiceAccountToken: ptr.To(false),
		EnableServiceLinks:           ptr.To(false),
		InitContainers:               []corev1.Container{fetch(in)},
		Containers:                   []corev1.Container{build(in)},
		Volumes:                      volumes(in),
	}
}

// fetch brings the commit and this program into the workspace. It asks for the build's resources, which costs nothing
// more, because the two never run at the same time, and satisfies a quota that wants every container to name its own.
func fetch(in buildstrategy.Inputs) corev1.Container {
	args := []string{"fetch", "--url=" + in.Source.URL}
	if in.Source.Ref != "" {
		args = append(args, "--ref="+in.Source.Ref)
	}
	args = append(args, "--commit="+in.Source.Commit, "--notebook="+in.NotebookPath,
		"--dest="+sourceDir, "--meta-dir="+workspaceDir+"/meta", "--tools-dir="+workspaceDir+"/tools", "--self-dest="+program,
		"--timeout="+ownTimeout(in.Timeout).String(), "--termination-log="+resultFile)
	mounts := []corev1.VolumeMount{{Name: workspaceVolume, MountPath: workspaceDir}, {Name: scratchVolume, MountPath: scratchDir}}
	if in.Source.CredentialsSecret != "" {
		args = append(args, "--credentials-dir="+gitDir)
		mounts = append(mounts, corev1.VolumeMount{Name: gitVolume, MountPath: gitDir, ReadOnly: true})
	}
	if in.Source.InsecureIgnoreHostKey {
		args = append(args, "--insecure-ignore-host-key")
	}
	return corev1.Container{
		Name:            fetchContainer,
		Image:           in.OperatorImage,
		Args:            podspec.Literal(args),
		Resources:       in.Resources,
		SecurityContext: podspec.Restricted(),
		VolumeMounts:    mounts,
	}
}

// build runs buildah.
func build(in buildstrategy.Inputs) corev1.Container {
	args := []string{"build", "--context=" + sourceDir, imageFlag + in.Image,
		"--build-timeout=" + ownTimeout(in.Timeout).String(), "--termination-log=" + resultFile}
	mounts := []corev1.VolumeMount{
		{Name: workspaceVolume, MountPath: workspaceDir, ReadOnly: true},
		{Name: storageVolume, MountPath: storageDir},
		{Name: scratchVolume, MountPath: scratchDir},
	}
	if in.DockerfilePath != "" {
		args = append(args, "--dockerfile="+inSource(in.DockerfilePath))
	} else {
		args = append(args, "--dockerfile="+path.Join(dockerfileDir, in.DockerfileKey), "--base-image="+in.BaseImage)
		mounts = append(mounts, corev1.VolumeMount{Name: dockerfileVolume, MountPath: dockerfileDir, ReadOnly: true})
	}
	if in.Registry.PushSecret != "" {
		args = append(args, "--authfile="+path.Join(registryDir, corev1.DockerConfigJsonKey))
		mounts = append(mounts, corev1.VolumeMount{Name: registryVolume, MountPath: registryDir, ReadOnly: true})
	}
	return corev1.Container{
		Name:            buildContainer,
		Image:           in.BuilderImage,
		Command:         []string{program},
		Args:            podspec.Literal(append(args, "--insecure="+strconv.FormatBool(in.Registry.Insecure))),
		Resources:       in.Resources,
		SecurityContext: builder(in.Privileged),
		VolumeMounts:    mounts,
	}
}

// inSource is the place of a repository's path in the pod; no path leads out of the source.
func inSource(name string) string {
	return path.Join(sourceDir, path.Join("/", name))
}

// ownTimeout is the build's own, shorter than the Job's.
func ownTimeout(timeout time.Duration) time.Duration {
	return timeout - min(lastWords, timeout/10)
}

func volumes(in buildstrategy.Inputs) []corev1.Volume {
	all := []corev1.Volume{podspec.EmptyDir(workspaceVolume), podspec.EmptyDir(storageVolume), podspec.EmptyDir(scratchVolume)}
	if in.Source.CredentialsSecret != "" {
		all = append(all, secret(gitVolume, in.Source.CredentialsSecret))
	}
	if in.Registry.PushSecret != "" {
		all = append(all, secret(registryVolume, in.Registry.PushSecret))
	}
	if in.DockerfileConfigMap != "" {
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
