package build

import (
	"cmp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/source"
)

// dockerfileKey is the key of the generated Dockerfile in its ConfigMap.
const dockerfileKey = "Dockerfile"

// inputs are what the child is made from: the commit and the environment that were recorded, never the ref again.
func (p planner) inputs(build *v1alpha1.NotebookBuild, dockerfile string) buildstrategy.Inputs {
	spec, found := build.Spec, build.Status.Environment
	registry := p.settings.RegistryFor(build.Namespace, spec.BuildOptions)
	in := buildstrategy.Inputs{
		Name: naming.BuildChild(build), Namespace: build.Namespace,
		Labels: childLabels(build), Annotations: map[string]string{v1alpha1.AnnotationBuild: build.Name},
		Source: buildstrategy.Source{
			URL: spec.Git.URL, Ref: spec.Git.Ref, Commit: build.Status.Commit,
			CredentialsSecret: spec.Git.CredentialsSecret, InsecureIgnoreHostKey: spec.Git.InsecureIgnoreHostKey,
		},
		NotebookPath:        spec.NotebookPath,
		DockerfileConfigMap: found.DockerfileConfigMap, DockerfileKey: dockerfileKey, DockerfileText: dockerfile,
		BaseImage: found.BaseImage, ContextDir: cmp.Or(found.ContextDir, "."),
		ImageLabels:        imageLabels(build),
		Registry:           buildstrategy.Registry{PushSecret: registry.PushSecret, Insecure: registry.Insecure},
		BuilderImage:       p.settings.BuilderImageFor(spec.BuildOptions),
		OperatorImage:      p.settings.OperatorImage,
		Privileged:         p.settings.BuilderPrivileged,
		Resources:          p.settings.BuilderResourcesFor(spec.BuildOptions),
		ServiceAccountName: spec.ServiceAccountName, NodeSelector: spec.NodeSelector, Tolerations: spec.Tolerations,
	}
	if registry.Repository != "" {
		in.Image = registry.Repository + ":" + naming.ImageTag(build)
	}
	if found.Source == string(environment.Dockerfile) {
		in.DockerfilePath = found.Path
	}
	return in
}

// imageLabels say what the image was made from, in the terms of the Open Container Initiative.
func imageLabels(build *v1alpha1.NotebookBuild) []buildstrategy.ImageLabel {
	found := build.Status.Environment
	labels := []buildstrategy.ImageLabel{{Name: "dev.mlops.notebook-validator.environment-hash", Value: found.Hash}}
	if repository, digest, pinned := strings.Cut(found.BaseImage, "@"); pinned {
		labels = append(labels,
			buildstrategy.ImageLabel{Name: "org.opencontainers.image.base.digest", Value: digest},
			buildstrategy.ImageLabel{Name: "org.opencontainers.image.base.name", Value: repository})
	}
	labels = append(labels, buildstrategy.ImageLabel{Name: "org.opencontainers.image.revision", Value: build.Status.Commit})
	if url := withoutCredentials(build.Spec.Git.URL); url != "" {
		labels = append(labels, buildstrategy.ImageLabel{Name: "org.opencontainers.image.source", Value: url})
	}
	return labels
}

// withoutCredentials drops the user and password of an address: labels are for everyone who can pull the image. What is
// no address yields nothing, since nobody can tell what it holds.
func withoutCredentials(address string) string {
	if parsed, err := source.ParseURL(address); err == nil {
		return parsed.String()
	}
	return ""
}

// timeout of the work, and of what has to be there before it can begin.
func timeout(build *v1alpha1.NotebookBuild) time.Duration {
	if build.Spec.Timeout != nil {
		return build.Spec.Timeout.Duration
	}
	return 15 * time.Minute
}

// maxUnpinned bounds the lines that a status names.
const maxUnpinned = 50

func environmentStatus(build *v1alpha1.NotebookBuild, found *resolution) *v1alpha1.Environment {
	e := found.environment
	return &v1alpha1.Environment{
		Source: string(e.Source), Path: e.Path, Message: e.Why, BaseImage: e.BaseImage,
		DockerfileConfigMap: naming.Dockerfile(build), ContextDir: e.ContextDir, Hash: found.hash,
		Unpinned:      slices.Clone(e.Unpinned[:min(maxUnpinned, len(e.Unpinned))]),
		UnpinnedCount: int32(len(e.Unpinned)), //nolint:gosec // bounded by the size of the files
	}
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
