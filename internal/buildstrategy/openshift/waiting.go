package openshift

import (
	"fmt"
	"slices"
	"strings"

	buildv1 "github.com/openshift/api/build/v1"
	corev1 "k8s.io/api/core/v1"
)

// progress says what a Build that is not over does or waits for. OpenShift waits for ever for what is missing; the whole
// build's deadline ends that, and by then this sentence has to say what it was.
func progress(build *buildv1.Build) string {
	status := build.Status
	switch {
	case status.Cancelled:
		return "The build is being cancelled in OpenShift."
	case status.Phase == buildv1.BuildPhaseRunning && status.Output.To != nil:
		return "The image has been pushed."
	case status.Phase == buildv1.BuildPhaseRunning:
		return "Fetching the source and building the image."
	case status.Phase == "" || status.Phase == buildv1.BuildPhaseNew:
		return waitingNew(build)
	case status.Phase == buildv1.BuildPhasePending:
		return waitingPending(build)
	}
	return fmt.Sprintf("The build is in the phase %s.%s", shortened(string(status.Phase), maxMessageBytes), said(build))
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
		return "The build's pod cannot be created, as when a quota is used up. Look at the Build's events, then raise the quota or lower " +
			"the build's resources." + said(build)
	}
	return "OpenShift cannot start the build. Create what it names." + said(build)
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
