package openshift

import (
	"fmt"
	"slices"
	"strings"

	buildv1 "github.com/openshift/api/build/v1"
	corev1 "k8s.io/api/core/v1"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// progress says what a Build that is not over does or waits for. OpenShift waits for ever for what is missing; the whole
// build's timeout ends that, and by then reason and sentence have to say what it was.
func progress(build *buildv1.Build) buildstrategy.Outcome {
	status := build.Status
	switch {
	case status.Cancelled:
		return running("The build is being cancelled in OpenShift.")
	case status.Phase == buildv1.BuildPhaseRunning && status.Output.To != nil:
		return running("The image has been pushed.")
	case status.Phase == buildv1.BuildPhaseRunning:
		return running("Fetching the source and building the image.")
	case status.Phase == "" || status.Phase == buildv1.BuildPhaseNew:
		return waiting(build, waitingNew(build))
	case status.Phase == buildv1.BuildPhasePending:
		return waiting(build, waitingPending(build))
	}
	return running(fmt.Sprintf("The build is in the phase %s.%s", shortened(string(status.Phase), maxMessageBytes), said(build)))
}

// waiting is a Build whose builder does not run. OpenShift gives a reason where it has met an obstacle, and none where it
// has only not come to the Build.
func waiting(build *buildv1.Build, message string) buildstrategy.Outcome {
	outcome := running(message)
	if build.Status.Reason != "" {
		outcome.Reason = buildstrategy.BuilderWaiting
	}
	return outcome
}

// waitingNew is a Build without a pod.
func waitingNew(build *buildv1.Build) string {
	switch build.Status.Reason {
	case "":
		return "Waiting for OpenShift to start the build."
	case buildv1.StatusReasonInvalidOutputReference:
		return "The build waits for the place that its image goes to" + outputName(build) + ". Where the cluster has no integrated registry, name " +
			"another one in registry.repository." + said(build)
	case buildv1.StatusReasonInvalidImageReference:
		return "The build waits for an image that it refers to. Correct the name of the image." + said(build)
	case buildv1.StatusReasonCannotRetrieveServiceAccount:
		return fmt.Sprintf("The build waits for the service account %s and its pull secrets. Create it, or correct "+
			"buildConfig.serviceAccountName.", serviceAccount(build)) + said(build)
	case buildv1.StatusReasonCannotCreateBuildPod:
		return podNotCreated(build)
	}
	return "OpenShift cannot start the build. Create what it names." + said(build)
}

// podNotCreated sends the user to the Build's events, the one place where OpenShift says why. The full name of the kind is
// for clusters in which Shipwright has Builds too.
func podNotCreated(build *buildv1.Build) string {
	return fmt.Sprintf("OpenShift cannot create the build's pod, and only an event says why: kubectl describe build.build.openshift.io %s -n %s "+
		"(or oc describe). Where a quota is used up, raise it or lower the build's resources; where no security context constraint lets the "+
		"pod in, have an administrator allow builds in the namespace.%s", build.Name, build.Namespace, said(build))
}

// waitingPending is a Build whose pod does not run. OpenShift tells of a missing push secret and of no other.
func waitingPending(build *buildv1.Build) string {
	if build.Status.Reason == buildv1.StatusReasonMissingPushSecret && build.Spec.Output.PushSecret != nil {
		return fmt.Sprintf("The build waits for the Secret %s. Create it, or correct registry.pushSecret.", build.Spec.Output.PushSecret.Name) + said(build)
	}
	sentence := "Waiting for the build's pod to start."
	if names := secrets(build); len(names) > 0 {
		sentence += " It does not start before these Secrets are there: " + strings.Join(names, ", ") + "."
	}
	return sentence + said(build)
}

func outputName(build *buildv1.Build) string {
	if to := build.Spec.Output.To; to != nil && to.Kind == imageStreamTag {
		return ", the image stream tag " + to.Name
	}
	return ""
}

func serviceAccount(build *buildv1.Build) string {
	if build.Spec.ServiceAccount == "" {
		return defaultServiceAccount
	}
	return build.Spec.ServiceAccount
}

// secrets are those that the Build's pod mounts, as far as the Build names them.
func secrets(build *buildv1.Build) []string {
	named := []*corev1.LocalObjectReference{build.Spec.Source.SourceSecret, build.Spec.Output.PushSecret}
	if docker := build.Spec.Strategy.DockerStrategy; docker != nil {
		named = append(named, docker.PullSecret)
	}
	var names []string
	for _, reference := range named {
		if reference != nil && !slices.Contains(names, reference.Name) {
			names = append(names, reference.Name)
		}
	}
	return names
}
