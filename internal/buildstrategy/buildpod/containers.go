package buildpod

import (
	"path"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// imageFlag carries the target reference, which Target reads back.
const imageFlag = "--image="

// Asked is what a strategy wants of a container besides what the inputs say.
type Asked struct {
	// Timeout after which the container ends itself.
	Timeout time.Duration
	// ResultFile is where the container leaves its buildstrategy.Result.
	ResultFile string
	// Args are further arguments.
	Args []string
}

// FetchContainer brings the commit and this program into the workspace. It asks for the build's resources, which costs
// nothing more, because the two never run at the same time, and satisfies a quota that wants every container to name its
// own.
func FetchContainer(in buildstrategy.Inputs, asked Asked) corev1.Container {
	args := []string{"fetch", "--url=" + in.Source.URL}
	if in.Source.Ref != "" {
		args = append(args, "--ref="+in.Source.Ref)
	}
	args = append(args, "--commit="+in.Source.Commit, "--notebook="+in.NotebookPath,
		"--dest="+sourceDir, "--meta-dir="+workspaceDir+"/meta", "--tools-dir="+workspaceDir+"/tools", "--self-dest="+program,
		"--timeout="+asked.Timeout.String(), "--termination-log="+asked.ResultFile)
	mounts := []corev1.VolumeMount{{Name: workspaceVolume, MountPath: workspaceDir}, {Name: scratchVolume, MountPath: scratchDir}}
	if in.Source.CredentialsSecret != "" {
		args = append(args, "--credentials-dir="+gitDir)
		mounts = append(mounts, corev1.VolumeMount{Name: gitVolume, MountPath: gitDir, ReadOnly: true})
	}
	if in.Source.InsecureIgnoreHostKey {
		args = append(args, "--insecure-ignore-host-key")
	}
	return corev1.Container{
		Name:            Fetch,
		Image:           in.OperatorImage,
		Args:            podspec.Literal(append(args, asked.Args...)),
		Resources:       in.Resources,
		SecurityContext: podspec.Restricted(),
		VolumeMounts:    mounts,
	}
}

// BuildContainer runs buildah.
func BuildContainer(in buildstrategy.Inputs, asked Asked) corev1.Container {
	args := []string{"build", "--context=" + inSource(in.ContextDir), imageFlag + in.Image,
		"--build-timeout=" + asked.Timeout.String(), "--termination-log=" + asked.ResultFile}
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
	for _, label := range in.ImageLabels {
		args = append(args, "--label="+label.Name+"="+label.Value)
	}
	args = append(args, "--insecure="+strconv.FormatBool(in.Registry.Insecure))
	return corev1.Container{
		Name:            Build,
		Image:           in.BuilderImage,
		Command:         []string{program},
		Args:            podspec.Literal(append(args, asked.Args...)),
		Resources:       in.Resources,
		SecurityContext: builder(in.Privileged),
		VolumeMounts:    mounts,
	}
}

// lastWords is how much earlier than its build system the build ends itself, so that its log reaches the user: a build
// system that is past its deadline deletes the pod.
const lastWords = 10 * time.Second

// OwnTimeout is the build's own, shorter than the build system's.
func OwnTimeout(timeout time.Duration) time.Duration {
	return timeout - min(lastWords, timeout/10)
}
