package build

import (
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/naming"
)

// dockerfileKey is the key of the generated Dockerfile in its ConfigMap.
const dockerfileKey = "Dockerfile"

var errNoRegistry = errors.New("neither the build nor the operator says where images go. Set buildConfig.registry.repository, " +
	"or start the operator with --registry")

// inputs are what the child is made from: the commit and the environment that were recorded, never the ref again.
func (p planner) inputs(build *v1alpha1.NotebookBuild) (buildstrategy.Inputs, error) {
	registry := p.settings.RegistryFor(build.Namespace, build.Spec.BuildOptions)
	if registry.Repository == "" {
		return buildstrategy.Inputs{}, errNoRegistry
	}
	in := buildstrategy.Inputs{
		Name:      naming.BuildChild(build),
		Namespace: build.Namespace,
		Labels:    childLabels(build),
		Source: buildstrategy.Source{
			URL: build.Spec.Git.URL, Ref: build.Spec.Git.Ref, Commit: build.Status.Commit,
			CredentialsSecret: build.Spec.Git.CredentialsSecret, InsecureIgnoreHostKey: build.Spec.Git.InsecureIgnoreHostKey,
		},
		NotebookPath:  build.Spec.NotebookPath,
		Image:         registry.Repository + ":" + naming.ImageTag(build),
		Registry:      buildstrategy.Registry{PushSecret: registry.PushSecret, Insecure: registry.Insecure},
		BuilderImage:  p.settings.BuilderImageFor(build.Spec.BuildOptions),
		OperatorImage: p.settings.OperatorImage,
		Privileged:    p.settings.BuilderPrivileged,
		Resources:     p.settings.BuilderResourcesFor(build.Spec.BuildOptions),
		Timeout:       deadline(build).Sub(p.now).Truncate(time.Second),
	}
	if found := build.Status.Environment; found.DockerfileConfigMap != "" {
		in.DockerfileConfigMap, in.DockerfileKey, in.BaseImage = found.DockerfileConfigMap, dockerfileKey, found.BaseImage
	} else {
		in.DockerfilePath = found.Path
	}
	return in, nil
}

// deadline is when the whole build is over at the latest, from the moment that it was asked for.
func deadline(build *v1alpha1.NotebookBuild) time.Time {
	timeout := 15 * time.Minute
	if build.Spec.Timeout != nil {
		timeout = build.Spec.Timeout.Duration
	}
	return build.CreationTimestamp.Add(timeout)
}

func environmentStatus(build *v1alpha1.NotebookBuild, found environment.Environment) *v1alpha1.Environment {
	s := &v1alpha1.Environment{Source: string(found.Source), Path: found.Path, Message: found.Why, BaseImage: found.BaseImage}
	if found.Source != environment.Dockerfile {
		s.DockerfileConfigMap = naming.Dockerfile(build)
	}
	return s
}

func dockerfileConfigMap(build *v1alpha1.NotebookBuild, text string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: naming.Dockerfile(build), Namespace: build.Namespace, Labels: childLabels(build)},
		Data:       map[string]string{dockerfileKey: text},
	}
}

func childLabels(build *v1alpha1.NotebookBuild) map[string]string {
	labels := map[string]string{
		v1alpha1.LabelManagedBy: v1alpha1.ManagedBy,
		v1alpha1.LabelComponent: "build",
		v1alpha1.LabelBuild:     naming.Label(build.Name),
		v1alpha1.LabelOwnerUID:  string(build.UID),
	}
	if job := build.Labels[v1alpha1.LabelJob]; job != "" {
		labels[v1alpha1.LabelJob] = job
	}
	return labels
}
