package run

import (
	"path"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/demands"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/podspec"
	"mlops.dev/notebook-validator-operator/internal/runner"
	"mlops.dev/notebook-validator-operator/internal/sourceinfo"
)

func fetch(in Inputs) corev1.Container {
	git := in.Job.Spec.Notebook.Git
	args := []string{
		"fetch",
		"--url=" + git.URL,
		"--ref=" + git.Ref,
		"--notebook=" + in.Job.Spec.Notebook.Path,
		"--dest=" + sourceDir,
		"--meta-dir=" + metaDir,
		"--tools-dir=" + toolsDir,
		"--termination-log=" + terminationLog,
	}
	mounts := []corev1.VolumeMount{
		{Name: volumeSource, MountPath: sourceDir},
		{Name: volumeMeta, MountPath: metaDir},
		{Name: volumeTools, MountPath: toolsDir},
		{Name: volumeTmp, MountPath: tmpDir, SubPath: ContainerFetch},
	}
	if in.Commit != "" {
		args = append(args, "--commit="+in.Commit)
	}
	if golden := in.Job.Spec.GoldenNotebook; golden != nil && golden.Git == nil {
		args = append(args, "--golden="+golden.Path)
	}
	args, mounts = withCredentials(args, mounts, git, volumeCredentials)
	return operatorContainer(in, ContainerFetch, args, mounts)
}

// fetchGolden brings the golden notebook of another repository, with the credentials of that one alone.
func fetchGolden(in Inputs) corev1.Container {
	golden := in.Job.Spec.GoldenNotebook
	args := []string{
		"fetch",
		"--url=" + golden.Git.URL,
		"--ref=" + golden.Git.Ref,
		"--notebook=" + golden.Path,
		"--dest=" + path.Join(tmpDir, "source"),
		"--meta-dir=" + sourceinfo.GoldenDir(metaDir),
		"--termination-log=" + terminationLog,
	}
	mounts := []corev1.VolumeMount{
		{Name: volumeMeta, MountPath: metaDir},
		{Name: volumeTmp, MountPath: tmpDir, SubPath: ContainerFetchGolden},
	}
	args, mounts = withCredentials(args, mounts, *golden.Git, volumeGoldenCredentials)
	return operatorContainer(in, ContainerFetchGolden, args, mounts)
}

// withCredentials adds what a fetch needs to be let in.
func withCredentials(args []string, mounts []corev1.VolumeMount, git v1alpha1.GitSource, volume string) ([]string, []corev1.VolumeMount) {
	if git.CredentialsSecret != "" {
		args = append(args, "--credentials-dir="+credentialsDir)
		mounts = append(mounts, corev1.VolumeMount{Name: volume, MountPath: credentialsDir, ReadOnly: true})
	}
	if git.InsecureIgnoreHostKey {
		args = append(args, "--insecure-ignore-host-key")
	}
	return args, mounts
}

func execute(in Inputs) corev1.Container {
	config := in.Job.Spec.PodConfig
	mounts := []corev1.VolumeMount{
		{Name: volumeSource, MountPath: sourceDir},
		{Name: volumeTools, MountPath: toolsDir, ReadOnly: true},
		{Name: volumeOut, MountPath: outDir},
		{Name: volumeHome, MountPath: homeDir},
	}
	if config.ServiceAccountName != "" {
		mounts = append(mounts, corev1.VolumeMount{Name: volumeToken, MountPath: tokenDir, ReadOnly: true})
	}
	options := runnerOptions(in.Job)
	return corev1.Container{
		Name:                     ContainerExecute,
		Image:                    in.Image,
		Command:                  podspec.Literal(append([]string{"python3"}, options.Arguments()...)),
		WorkingDir:               sourceDir,
		Env:                      environment(config.Env),
		EnvFrom:                  environmentFrom(config.EnvFrom, config.Credentials),
		Resources:                config.Resources,
		VolumeMounts:             append(mounts, config.VolumeMounts...),
		TerminationMessagePath:   terminationLog,
		TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
		SecurityContext:          userSecurity(),
	}
}

// runnerOptions are what the runner is told of the job.
func runnerOptions(job *v1alpha1.NotebookValidationJob) runner.Options {
	options := runner.Options{
		ToolsDir: toolsDir, Notebook: path.Join(sourceDir, job.Spec.Notebook.Path), OutputDir: outDir,
		Timeout: Timeout(job), ProgressFile: terminationLog,
		Parameters: job.Spec.Parameters, WarnOfUnknownParameters: job.Spec.UnknownParameters == v1alpha1.UnknownParametersWarn,
	}
	if job.Spec.CellTimeout != nil {
		options.CellTimeout = job.Spec.CellTimeout.Duration
	}
	wanted := demands.Of(job.Spec, nil)
	options.Watch, options.NoObserver = wanted.Watched(), !wanted.NeedValues()
	return options
}

// report is told what the job demands. Where that could not be written down, it refuses to judge.
func report(in Inputs) corev1.Container {
	wanted, _ := demands.Of(in.Job.Spec, in.Unpinned).Encode()
	args := []string{
		"report",
		"--run-dir=" + outDir,
		"--meta-dir=" + metaDir,
		"--notebook=" + in.Job.Spec.Notebook.Path,
		"--url=" + in.Job.Spec.Notebook.Git.URL,
		"--image=" + in.Image,
		"--demands=" + wanted,
		"--termination-log=" + terminationLog,
	}
	mounts := []corev1.VolumeMount{
		{Name: volumeOut, MountPath: outDir, ReadOnly: true},
		{Name: volumeMeta, MountPath: metaDir, ReadOnly: true},
		{Name: volumeTmp, MountPath: tmpDir, SubPath: ContainerReport},
	}
	if in.Job.Spec.Artifacts != nil {
		args = append(args, "--artifacts-dir="+artifactsDir, "--artifacts-path="+ArtifactsPath(in.Job))
		mounts = append(mounts, corev1.VolumeMount{Name: volumeArtifacts, MountPath: artifactsDir})
	}
	return operatorContainer(in, ContainerReport, args, mounts)
}

// ArtifactsPath is the folder of a run's files inside the claim of spec.artifacts.
func ArtifactsPath(job *v1alpha1.NotebookValidationJob) string {
	return path.Join(job.Spec.Artifacts.PersistentVolumeClaim.Path, job.Name, naming.Run(job))
}

func operatorContainer(in Inputs, name string, args []string, mounts []corev1.VolumeMount) corev1.Container {
	return corev1.Container{
		Name:                   name,
		Image:                  in.OperatorImage,
		Args:                   podspec.Literal(args),
		VolumeMounts:           mounts,
		Resources:              operatorResources(),
		TerminationMessagePath: terminationLog,
		SecurityContext:        podspec.Restricted(),
	}
}

// operatorResources are enough for the largest repository and report that the bounds let through.
func operatorResources() corev1.ResourceRequirements {
	return corev1.ResourceRequirements{
		Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("20m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
		Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("512Mi")},
	}
}

// userSecurity leaves the user and the root file system to the pod and the image; the rest is the restricted standard.
func userSecurity() *corev1.SecurityContext {
	context := podspec.Restricted()
	context.RunAsNonRoot, context.ReadOnlyRootFilesystem, context.SeccompProfile = nil, nil, nil
	return context
}

// environment gives the notebook a home that any user can write to; the user's own HOME comes first.
func environment(user []corev1.EnvVar) []corev1.EnvVar {
	for _, e := range user {
		if e.Name == "HOME" {
			return user
		}
	}
	return append([]corev1.EnvVar{{Name: "HOME", Value: homeDir}}, user...)
}

func environmentFrom(user []corev1.EnvFromSource, credentials []string) []corev1.EnvFromSource {
	all := append([]corev1.EnvFromSource(nil), user...)
	for _, name := range credentials {
		all = append(all, corev1.EnvFromSource{SecretRef: &corev1.SecretEnvSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: name},
		}})
	}
	return all
}
