package build

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/registry"
)

// Images asks image registries.
type Images interface {
	// Pin says which digest a reference has now.
	Pin(ctx context.Context, reference string, access registry.Access) (string, error)
	// Exists says whether an image, given by its digest, is still there.
	Exists(ctx context.Context, pinned string, access registry.Access) (bool, error)
}

// ImageStreams asks OpenShift about images, where a reference or an image is one of its image streams.
type ImageStreams interface {
	// Pin says which digest a reference has now; handled is false for one that is not of an image stream.
	Pin(ctx context.Context, namespace, reference string) (pinned string, handled bool, err error)
	// Exists says whether an image is still there; handled is false for one that is not of an image stream.
	Exists(ctx context.Context, namespace, image string) (exists, handled bool, err error)
}

func (r *Reconciler) fromImageStream(ctx context.Context, build *v1alpha1.NotebookBuild, reference string) (string, bool, error) {
	pinned, handled, err := r.ImageStreams.Pin(ctx, build.Namespace, reference)
	if err != nil || !handled {
		return reference, false, err
	}
	return pinned, true, nil
}

// pinnedNow says which digest a reference has, be it of an image stream or of a registry.
func (r *Reconciler) pinnedNow(ctx context.Context, build *v1alpha1.NotebookBuild, reference string) (string, error) {
	if !r.outward.enter(client.ObjectKeyFromObject(build)) {
		return "", errNoPlace
	}
	if pinned, fromStream, err := r.fromImageStream(ctx, build, reference); err != nil || fromStream {
		return pinned, err
	}
	return r.pin(ctx, build, reference)
}

func (r *Reconciler) pin(ctx context.Context, build *v1alpha1.NotebookBuild, reference string) (string, error) {
	if v1alpha1.PinnedImage(reference) {
		return reference, nil // no registry and no Secret is asked for what is known
	}
	access, err := r.access(ctx, build)
	if err != nil {
		return "", err
	}
	return r.Images.Pin(ctx, reference, access)
}

func (r *Reconciler) exists(ctx context.Context, build *v1alpha1.NotebookBuild, image string) (bool, error) {
	if exists, handled, err := r.ImageStreams.Exists(ctx, build.Namespace, image); handled || err != nil {
		return exists, err
	}
	access, err := r.access(ctx, build)
	if err != nil {
		return false, err
	}
	return r.Images.Exists(ctx, image, access)
}

// access is what the build itself would reach its registry with.
func (r *Reconciler) access(ctx context.Context, build *v1alpha1.NotebookBuild) (registry.Access, error) {
	target := r.Settings.RegistryFor(build.Namespace, build.Spec.BuildOptions)
	var access registry.Access
	if host, _, ok := strings.Cut(target.Repository, "/"); ok && target.Insecure {
		access.Insecure = []string{host}
	}
	if target.PushSecret == "" {
		return access, nil
	}
	data, err := r.secret(ctx, build.Namespace, target.PushSecret, "registry.pushSecret")
	if err != nil {
		return access, err
	}
	access.DockerConfig = data[corev1.DockerConfigJsonKey]
	return access, nil
}
