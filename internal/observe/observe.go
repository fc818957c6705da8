// Package observe holds the reads that more than one controller makes.
package observe

import (
	"context"
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// RefusalIndex is the field index of events by the uid of the object that they speak of.
const RefusalIndex = "involvedObject.uid"

// RefusalReason is the reason of the event with which the Job controller tells that a pod cannot be created. It says so
// nowhere else.
const RefusalReason = "FailedCreate"

// IndexRefusals is what RefusalIndex is computed from.
func IndexRefusals(obj client.Object) []string {
	event, ok := obj.(*corev1.Event)
	if !ok {
		return nil
	}
	return []string{string(event.InvolvedObject.UID)}
}

// Pods are the pods that one of the owners controls, found by labels.
func Pods(ctx context.Context, reader client.Reader, labels map[string]string, owners ...client.Object) ([]corev1.Pod, error) {
	var list corev1.PodList
	if err := reader.List(ctx, &list, client.InNamespace(owners[0].GetNamespace()), client.MatchingLabels(labels)); err != nil {
		return nil, fmt.Errorf("list pods of %s: %w", owners[0].GetName(), err)
	}
	return slices.DeleteFunc(list.Items, func(pod corev1.Pod) bool { return !Controlled(&pod, owners...) }), nil
}

// JobPods are the pods of a Kubernetes Job. Those of one that has ended are to be read from the API server itself: a cache
// may know of the end of the Job before it knows of the end of its pod.
func JobPods(ctx context.Context, cached, live client.Reader, job client.Object, ended bool) ([]corev1.Pod, error) {
	reader := cached
	if ended {
		reader = live
	}
	return Pods(ctx, reader, map[string]string{batchv1.ControllerUidLabel: string(job.GetUID())}, job)
}

// Controlled says whether one of the owners controls the object; a label alone is only a claim.
func Controlled(object client.Object, owners ...client.Object) bool {
	return slices.ContainsFunc(owners, func(owner client.Object) bool { return metav1.IsControlledBy(object, owner) })
}

// Refusal is the newest message with which the cluster refused to create a pod of the child, empty for none.
func Refusal(ctx context.Context, reader client.Reader, child client.Object) (string, error) {
	var events corev1.EventList
	err := reader.List(ctx, &events, client.InNamespace(child.GetNamespace()), client.MatchingFields{RefusalIndex: string(child.GetUID())})
	if err != nil {
		return "", fmt.Errorf("list events of %s: %w", child.GetName(), err)
	}
	newest := -1
	for i := range events.Items {
		if newest < 0 || events.Items[newest].LastTimestamp.Before(&events.Items[i].LastTimestamp) {
			newest = i
		}
	}
	if newest < 0 {
		return "", nil
	}
	return events.Items[newest].Message, nil
}
