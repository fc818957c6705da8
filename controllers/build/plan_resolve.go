package build

import (
	"cmp"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/registry"
	"mlops.dev/notebook-validator-operator/internal/source"
)

// planResolve records the commit and the environment, in one step: whoever sees one sees both.
func (p planner) planResolve(out *plan, build *v1alpha1.NotebookBuild, found *resolution) {
	out.status.Phase = v1alpha1.BuildPhasePending
	if found.commit != "" {
		p.set(out, build, v1alpha1.ConditionSourceResolved, metav1.ConditionTrue, v1alpha1.ReasonResolved,
			fmt.Sprintf("The ref %q is commit %s.", build.Spec.Git.Ref, found.commit))
	}
	if found.err != nil {
		p.planUnresolved(out, build, found)
		return
	}
	out.status.Commit = found.commit
	out.status.Environment = environmentStatus(build, found)
	out.applyDockerfile = dockerfileConfigMap(build, found.environment.Dockerfile)
	p.environmentResolved(out, build, found.environment)
	p.wait(out, build, v1alpha1.ReasonBuildPending, "The source is resolved; the build is next.")
}

func (p planner) environmentResolved(out *plan, build *v1alpha1.NotebookBuild, found environment.Environment) {
	reason := v1alpha1.ReasonResolved
	if found.Source == environment.BaseImage {
		reason = v1alpha1.ReasonBaseImageUsed
	}
	p.set(out, build, v1alpha1.ConditionEnvironmentResolved, metav1.ConditionTrue, reason, found.Why)
	switch {
	case found.Conflict == "":
		p.set(out, build, v1alpha1.ConditionDependencyConflict, metav1.ConditionFalse, v1alpha1.ReasonNoConflict, "The environment is described in one place.")
	case found.Source == environment.Dockerfile:
		p.set(out, build, v1alpha1.ConditionDependencyConflict, metav1.ConditionTrue, v1alpha1.ReasonDockerfileUsed, found.Conflict)
	default:
		p.set(out, build, v1alpha1.ConditionDependencyConflict, metav1.ConditionTrue, v1alpha1.ReasonRequirementsUsed, found.Conflict)
	}
}

// planUnresolved tells what only the user can mend from what may pass by itself, which is tried until patience ends. What
// is not resolved is the source where no commit is known, else the environment.
func (p planner) planUnresolved(out *plan, build *v1alpha1.NotebookBuild, found *resolution) {
	trouble := explain(found.err)
	kind := v1alpha1.ConditionSourceResolved
	if found.commit != "" {
		kind = v1alpha1.ConditionEnvironmentResolved
	}
	if !trouble.temporary || !p.now.Before(p.patience(build, kind, v1alpha1.ReasonResolving)) {
		p.set(out, build, kind, metav1.ConditionFalse, trouble.reason, trouble.message)
		p.fail(out, build, trouble.reason, trouble.message)
		return
	}
	message := p.same(build, kind, trouble.reason, again(trouble.message))
	p.set(out, build, kind, metav1.ConditionUnknown, trouble.reason, message)
	p.wait(out, build, v1alpha1.ReasonResolving, message)
	out.retry = found.err
}

// trouble is an error in the terms of a condition.
type trouble struct {
	reason, message string
	temporary       bool
}

// explain says what an error of resolving means; one that is not known may pass.
func explain(err error) trouble {
	var inEnvironment *environment.Error
	var inSource *source.Error
	var inRegistry *registry.Error
	switch {
	case errors.As(err, &inEnvironment):
		return trouble{string(inEnvironment.Reason), inEnvironment.Message, false}
	case errors.As(err, &inSource):
		return trouble{string(inSource.Reason), inSource.Message, inSource.Temporary}
	case errors.As(err, &inRegistry):
		return trouble{registryReasons[inRegistry.Reason], inRegistry.Message, inRegistry.Temporary}
	}
	return trouble{v1alpha1.ReasonSourceUnreachable, err.Error() + ".", true}
}

// registryReasons are what a registry's answer about a base image is called.
var registryReasons = map[registry.Trouble]string{
	registry.ReferenceInvalid:     v1alpha1.ReasonBaseImageInvalid,
	registry.NotFound:             v1alpha1.ReasonBaseImagePullFailed,
	registry.Unauthorized:         v1alpha1.ReasonBaseImagePullFailed,
	registry.CertificateUntrusted: v1alpha1.ReasonBaseImagePullFailed,
	registry.CredentialsInvalid:   v1alpha1.ReasonCredentialsInvalid,
	registry.Unreachable:          v1alpha1.ReasonRegistryUnreachable,
}

// requestedStrategy is a part of what makes two builds the same.
func requestedStrategy(build *v1alpha1.NotebookBuild) string {
	return cmp.Or(build.Spec.Strategy, "auto")
}
