package run

import (
	"path"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"mlops.dev/notebook-validator-operator/internal/podspec"
	"mlops.dev/notebook-validator-operator/internal/runner"
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
	if git.CredentialsSecret != "" {
		args = append(args, "--credentials-dir="+credentialsDir)
		mounts = append(mounts, corev1.VolumeMount{Name: volumeCredentials, MountPath: credentialsDir, ReadOnly: true})
	}
	if git.InsecureIgnoreHostKey {
		args = append(args, "--insecure-ignore-host-key")
	}
	return operatorContainer(in, ContainerFetch, args, mounts)
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
	options := runner.Options{
		ToolsDir: toolsDir, Notebook: path.Join(sourceDir, in.Job.Spec.Notebook.Path), OutputDir: outDir,
		Timeout: Timeout(in.Job), ProgressFile: terminationLog,
	}
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

func report(in Inputs) corev1.Container {
	return operatorContainer(in, ContainerReport, []string{
		"report",
		"--run-dir=" + outDir,
		"--meta-dir=" + metaDir,
		"--notebook=" + in.Job.Spec.Notebook.Path,
		"--url=" + in.Job.Spec.Notebook.Git.URL,
		"--image=" + in.Image,
		"--termination-log=" + terminationLog,
	}, []corev1.VolumeMount{
		{Name: volumeOut, MountPath: outDir, ReadOnly: true},
		{Name: volumeMeta, MountPath: metaDir, ReadOnly: true},
		{Name: volumeTmp, MountPath: tmpDir, SubPath: ContainerReport},
	})
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
