package build

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/observe"
	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/status"
)

// observe reads everything that the plan needs, and nothing else.
func (r *Reconciler) observe(ctx context.Context, build *v1alpha1.NotebookBuild) (seen, error) {
	var s seen
	if decided := status.Decided(build.Status.Conditions, v1alpha1.ConditionSucceeded, build.Generation); decided != nil {
		if decided.Status == metav1.ConditionTrue {
			return s, nil
		}
		child, strategy, err := r.child(ctx, build)
		if child != nil && !strategy.Ended(child) && child.GetDeletionTimestamp() == nil {
			s.leftover = child
		}
		return s, err
	}
	if build.Status.Commit == "" {
		s.commit, s.environment, s.resolveErr = r.resolve(ctx, build)
		return s, nil
	}
	return s, r.observeChild(ctx, build, &s)
}

// resolve asks the Git server what the ref is now, and finds out what to install.
func (r *Reconciler) resolve(ctx context.Context, build *v1alpha1.NotebookBuild) (string, environment.Environment, error) {
	none := environment.Environment{}
	credentials, err := r.credentials(ctx, build)
	if err != nil {
		return "", none, err
	}
	snapshot, err := r.Resolver.Resolve(ctx, source.Repository{
		URL: build.Spec.Git.URL, Ref: build.Spec.Git.Ref, Credentials: credentials,
		InsecureIgnoreHostKey: build.Spec.Git.InsecureIgnoreHostKey,
	})
	if err != nil {
		return "", none, err
	}
	if err := snapshot.CheckNotebook(build.Spec.NotebookPath); err != nil {
		return "", none, err
	}
	found, err := environment.Detect(snapshot, r.environmentOptions(build, snapshot.Commit))
	return snapshot.Commit, found, err
}

func (r *Reconciler) environmentOptions(build *v1alpha1.NotebookBuild, commit string) environment.Options {
	generate := build.Spec.AutoGenerateRequirements
	return environment.Options{
		NotebookPath:             build.Spec.NotebookPath,
		BaseImage:                r.Settings.BaseImageFor(build.Spec.BuildOptions),
		Dockerfile:               build.Spec.Dockerfile,
		AutoGenerateRequirements: generate == nil || *generate,
		RequirementsFile:         build.Spec.RequirementsFile,
		RequirementsSources:      build.Spec.RequirementsSources,
		SourceURL:                build.Spec.Git.URL,
		Revision:                 commit,
	}
}

// credentials reads the one Secret that the build names, from the API server: Secrets are in no cache.
func (r *Reconciler) credentials(ctx context.Context, build *v1alpha1.NotebookBuild) (source.Credentials, error) {
	name := build.Spec.Git.CredentialsSecret
	if name == "" {
		return source.Credentials{}, nil
	}
	secret := &corev1.Secret{}
	err := r.APIReader.Get(ctx, client.ObjectKey{Namespace: build.Namespace, Name: name}, secret)
	if apierrors.IsNotFound(err) {
		return source.Credentials{}, &source.Error{
			Reason: source.CredentialsInvalid, Temporary: true,
			Message: fmt.Sprintf("The Secret %q is not in namespace %q. Create it, or correct credentialsSecret.", name, build.Namespace),
		}
	}
	if err != nil {
		return source.Credentials{}, &source.Error{
			Reason: source.CredentialsInvalid, Temporary: true, Err: err,
			Message: fmt.Sprintf("The Secret %q cannot be read: %v.", name, err),
		}
	}
	return source.CredentialsFromData(secret.Data)
}

// observeChild reads the child and what its pods say.
func (r *Reconciler) observeChild(ctx context.Context, build *v1alpha1.NotebookBuild, s *seen) error {
	child, strategy, err := r.child(ctx, build)
	if err != nil || child == nil {
		return err
	}
	s.child = child
	if s.pods, err = observe.Pods(ctx, r.Client, r.APIReader, child, strategy.Ended(child)); err != nil {
		return err
	}
	s.refused, err = observe.Refusal(ctx, r.Client, child)
	return err
}

// child reads the child under its own name, whichever strategy it is of; nil for none.
func (r *Reconciler) child(ctx context.Context, build *v1alpha1.NotebookBuild) (client.Object, buildstrategy.Strategy, error) {
	strategy, err := buildstrategy.Select(cmp.Or(build.Status.Strategy, build.Spec.Strategy), r.Strategies)
	var unavailable *buildstrategy.Unavailable
	if errors.As(err, &unavailable) {
		return nil, nil, nil // the plan says so
	}
	if err != nil {
		return nil, nil, err
	}
	child := strategy.NewChild()
	err = r.Client.Get(ctx, client.ObjectKey{Namespace: build.Namespace, Name: naming.BuildChild(build)}, child)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil, nil
	case err != nil:
		return nil, nil, fmt.Errorf("get %s: %w", naming.BuildChild(build), err)
	case !metav1.IsControlledBy(child, build):
		return nil, nil, fmt.Errorf("%s belongs to somebody else; delete it", child.GetName())
	}
	return child, strategy, nil
}
