package openshift

import (
	"path"
	"time"

	buildv1 "github.com/openshift/api/build/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/environment"
)

// imageUser is whom an image is left to where nobody can tell its user: an OpenShift build cannot look into the base
// image before it builds. OpenShift runs an image with a user of the namespace's choice and group 0, whatever the image
// says; a number other than 0 lets it also run where the platform insists on a user who is not root. 1001 is the one that
// images for OpenShift have by convention. The working directory stays at the Dockerfile's own default, since the run
// sets one itself.
const imageUser = "1001"

// afterTimeout is how much later than the build's timeout OpenShift ends the build itself. It says of that only that the
// build failed, while the operator, which ends the build before, knows what it waited for; only one that is away leaves
// that to OpenShift.
const afterTimeout = time.Minute

// Child returns the Build of the inputs. Registry.Insecure has no place in it: OpenShift keeps for the whole cluster
// which registries may go unchecked. Neither has Source.InsecureIgnoreHostKey: OpenShift checks a host key where the
// Secret has known_hosts, and only there.
func (Strategy) Child(in buildstrategy.Inputs) (client.Object, error) {
	if err := check(in); err != nil {
		return nil, err
	}
	labels, inline := splitLabels(in.ImageLabels)
	dockerfile, err := dockerfileOf(in, inline)
	if err != nil {
		return nil, err
	}
	return &buildv1.Build{
		TypeMeta:   metav1.TypeMeta{APIVersion: buildv1.GroupVersion.String(), Kind: "Build"},
		ObjectMeta: metav1.ObjectMeta{Name: in.Name, Namespace: in.Namespace, Labels: in.Labels, Annotations: in.Annotations},
		Spec: buildv1.BuildSpec{CommonSpec: buildv1.CommonSpec{
			ServiceAccount:            in.ServiceAccountName,
			Source:                    gitSource(in, dockerfile),
			Revision:                  &buildv1.SourceRevision{Type: buildv1.BuildSourceGit, Git: &buildv1.GitSourceRevision{Commit: in.Source.Commit}},
			Strategy:                  dockerStrategy(in),
			Output:                    output(in, labels),
			Resources:                 in.Resources,
			CompletionDeadlineSeconds: ptr.To(int64((in.Timeout + afterTimeout) / time.Second)),
			NodeSelector:              buildv1.OptionalNodeSelector(in.NodeSelector),
		}},
	}, nil
}

// gitSource names the commit twice: the revision is what is checked out, the ref what is shown.
func gitSource(in buildstrategy.Inputs, dockerfile string) buildv1.BuildSource {
	return buildv1.BuildSource{
		Type:         buildv1.BuildSourceGit,
		Git:          &buildv1.GitBuildSource{URI: in.Source.URL, Ref: in.Source.Commit},
		ContextDir:   contextDir(in.ContextDir),
		Dockerfile:   &dockerfile,
		SourceSecret: secret(in.Source.CredentialsSecret),
	}
}

// contextDir is empty for the root.
func contextDir(dir string) string {
	if dir = path.Clean(dir); dir == "." {
		return ""
	}
	return dir
}

// dockerStrategy names no dockerfilePath: OpenShift writes the inline text to the file Dockerfile of the context and then
// builds the one that dockerfilePath names, which has to be the same.
func dockerStrategy(in buildstrategy.Inputs) buildv1.BuildStrategy {
	docker := &buildv1.DockerBuildStrategy{}
	// A pull secret stands in for that of the service account, which alone opens the integrated registry.
	if !fromIntegratedRegistry(in.BaseImage) {
		docker.PullSecret = secret(in.Registry.PushSecret)
	}
	if in.DockerfilePath == "" {
		docker.BuildArgs = []corev1.EnvVar{{Name: environment.BaseUserArg, Value: imageUser}}
	}
	return buildv1.BuildStrategy{Type: buildv1.DockerBuildStrategyType, DockerStrategy: docker}
}

// output is the image, or a tag of the image stream that is the build's companion. That one is pushed to with the rights
// of the build's service account, which a push secret would stand in for.
func output(in buildstrategy.Inputs, labels []buildv1.ImageLabel) buildv1.BuildOutput {
	if in.Image == "" {
		return buildv1.BuildOutput{To: &corev1.ObjectReference{Kind: imageStreamTag, Name: in.Name + ":" + outputTag}, ImageLabels: labels}
	}
	return buildv1.BuildOutput{
		To:          &corev1.ObjectReference{Kind: dockerImage, Name: in.Image},
		PushSecret:  secret(in.Registry.PushSecret),
		ImageLabels: labels,
	}
}

func secret(name string) *corev1.LocalObjectReference {
	if name == "" {
		return nil
	}
	return &corev1.LocalObjectReference{Name: name}
}
