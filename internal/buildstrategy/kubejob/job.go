package kubejob

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/go-containerregistry/pkg/name"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// backoffLimit is how many temporary failures a build survives.
const backoffLimit = 2

// Child returns the Job that builds the inputs.
func (Strategy) Child(in buildstrategy.Inputs) (client.Object, error) {
	if err := check(in); err != nil {
		return nil, err
	}
	return &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: batchv1.SchemeGroupVersion.String(), Kind: "Job"},
		ObjectMeta: metav1.ObjectMeta{Name: in.Name, Namespace: in.Namespace, Labels: in.Labels},
		Spec: batchv1.JobSpec{
			BackoffLimit:          ptr.To[int32](backoffLimit),
			ActiveDeadlineSeconds: ptr.To(int64(in.Timeout / time.Second)),
			PodFailurePolicy:      podspec.FailurePolicy(),
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: in.Labels},
				Spec:       podSpec(in),
			},
		},
	}, nil
}

// check refuses inputs that no Job can be made of, before the API server or the node does it less clearly.
func check(in buildstrategy.Inputs) error {
	if _, err := name.NewTag(in.Image); err != nil {
		return fmt.Errorf("the built image cannot be named %q: %w", in.Image, err)
	}
	if in.BuilderImage == "" || in.OperatorImage == "" {
		return errors.New("the operator does not know its own image or the builder's; set both on the operator")
	}
	if in.Timeout < time.Second {
		return errors.New("the build's timeout is shorter than a second; give it the time to pull an image and install packages")
	}
	if (in.DockerfileConfigMap == "") == (in.DockerfilePath == "") {
		return errors.New("a build needs either a generated Dockerfile or one of the repository")
	}
	for what, value := range map[string]string{
		"repository's address": in.Source.URL, "ref": in.Source.Ref, "commit": in.Source.Commit, "notebook's path": in.NotebookPath,
		"Dockerfile's path": in.DockerfilePath, "base image": in.BaseImage,
	} {
		if strings.ContainsRune(value, 0) || !utf8.ValidString(value) {
			return fmt.Errorf("the %s %q cannot be passed to a program, since it is not valid text", what, value)
		}
	}
	return nil
}
