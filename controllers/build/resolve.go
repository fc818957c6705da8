package build

import (
	"context"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/source"
)

// resolve asks the Git server what the ref is now, finds out what to install, and which image a base image is now.
func (r *Reconciler) resolve(ctx context.Context, build *v1alpha1.NotebookBuild) *resolution {
	found := &resolution{}
	found.err = r.resolveSource(ctx, build, found)
	return found
}

func (r *Reconciler) resolveSource(ctx context.Context, build *v1alpha1.NotebookBuild, found *resolution) error {
	credentials, err := r.credentials(ctx, build)
	if err != nil {
		return err
	}
	snapshot, err := r.Resolver.Resolve(ctx, source.Repository{
		URL: build.Spec.Git.URL, Ref: build.Spec.Git.Ref, Credentials: credentials,
		InsecureIgnoreHostKey: build.Spec.Git.InsecureIgnoreHostKey,
	})
	if err != nil {
		return err
	}
	if err := snapshot.CheckNotebook(build.Spec.NotebookPath); err != nil {
		return err
	}
	found.commit = snapshot.Commit
	return r.resolveEnvironment(ctx, build, snapshot, found)
}

// resolveEnvironment pins the base image before anything is made of it: the same name is another image tomorrow.
func (r *Reconciler) resolveEnvironment(ctx context.Context, build *v1alpha1.NotebookBuild, files environment.Files, found *resolution) error {
	options := r.environmentOptions(build)
	base, fromStream, err := r.fromImageStream(ctx, build, options.BaseImage)
	if err != nil {
		return err
	}
	options.BaseImage = base
	detected, err := environment.Detect(files, options)
	if err != nil {
		return err
	}
	if detected.BaseImage != "" {
		pinned := detected.BaseImage
		if !fromStream {
			if pinned, err = r.pin(ctx, build, detected.BaseImage); err != nil {
				return err
			}
		}
		detected = detected.Pin(pinned)
	}
	found.environment, found.hash = detected, r.hash(build, detected)
	return nil
}

// platformLabels choose the kind of machine that an image is built on, and so for.
var platformLabels = []string{corev1.LabelArchStable, corev1.LabelOSStable}

// hash adds to what the image is made from how it is made and where it goes.
func (r *Reconciler) hash(build *v1alpha1.NotebookBuild, detected environment.Environment) string {
	registry := r.Settings.RegistryFor(build.Namespace, build.Spec.BuildOptions)
	how := []string{requestedStrategy(build), registry.Repository, strconv.FormatBool(registry.Insecure),
		r.Settings.BuilderImageFor(build.Spec.BuildOptions), strconv.FormatBool(r.Settings.BuilderPrivileged)}
	for _, label := range platformLabels {
		how = append(how, build.Spec.NodeSelector[label])
	}
	return detected.Hash(how...)
}

func (r *Reconciler) environmentOptions(build *v1alpha1.NotebookBuild) environment.Options {
	generate := build.Spec.AutoGenerateRequirements
	return environment.Options{
		NotebookPath:             build.Spec.NotebookPath,
		BaseImage:                r.Settings.BaseImageFor(build.Spec.BuildOptions),
		Dockerfile:               build.Spec.Dockerfile,
		AutoGenerateRequirements: generate == nil || *generate,
		RequirementsFile:         build.Spec.RequirementsFile,
		RequirementsSources:      build.Spec.RequirementsSources,
		PreferDockerfile:         build.Spec.PreferDockerfile,
		FallbackStrategy:         build.Spec.FallbackStrategy,
	}
}

// credentials reads the one Secret that the build names, from the API server: Secrets are in no cache.
func (r *Reconciler) credentials(ctx context.Context, build *v1alpha1.NotebookBuild) (source.Credentials, error) {
	name := build.Spec.Git.CredentialsSecret
	if name == "" {
		return source.Credentials{}, nil
	}
	data, err := r.secret(ctx, build.Namespace, name, "credentialsSecret")
	if err != nil {
		return source.Credentials{}, err
	}
	return source.CredentialsFromData(data)
}

// secret reads a Secret; one that is missing may come.
func (r *Reconciler) secret(ctx context.Context, namespace, name, field string) (map[string][]byte, error) {
	secret := &corev1.Secret{}
	err := r.APIReader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, secret)
	if apierrors.IsNotFound(err) {
		return nil, &source.Error{
			Reason: source.CredentialsInvalid, Temporary: true,
			Message: fmt.Sprintf("The Secret %q is not in namespace %q. Create it, or correct %s.", name, namespace, field),
		}
	}
	if err != nil {
		return nil, &source.Error{
			Reason: source.CredentialsInvalid, Temporary: true, Err: err,
			Message: fmt.Sprintf("The Secret %q cannot be read: %v.", name, err),
		}
	}
	return secret.Data, nil
}
