package kit

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Bounds of what a failed test prints.
const (
	tailLines  = 40
	tailBytes  = 16 << 10
	maxObjects = 32 << 10
)

// Describe says in text what a namespace looks like: jobs and builds with their status, Jobs, pods with their containers
// and logs, events, and the operator's own log. It is for people who look for the cause of a failed test.
func (c *Cluster) Describe(ctx context.Context, namespace string) string {
	var text strings.Builder
	for _, resources := range []string{"notebookvalidationjobs,notebookbuilds", "jobs"} {
		objects, err := c.Kubectl(ctx, "get", resources, "--namespace="+namespace, "--output=yaml")
		fmt.Fprintf(&text, "--- %s of %s\n%s\n", resources, namespace, orError(cut(objects, maxObjects), err))
	}
	text.WriteString(c.DescribePods(ctx, namespace))
	fmt.Fprintf(&text, "--- the operator\n%s\n", c.DescribePods(ctx, OperatorNamespace))
	return text.String()
}

// DescribePods lists pods with their containers and the ends of their logs, and the events.
func (c *Cluster) DescribePods(ctx context.Context, namespace string) string {
	var text strings.Builder
	var pods corev1.PodList
	if err := c.Client.List(ctx, &pods, client.InNamespace(namespace)); err != nil {
		return err.Error()
	}
	for i := range pods.Items {
		pod := &pods.Items[i]
		fmt.Fprintf(&text, "--- pod %s: %s %s %s\n", pod.Name, pod.Status.Phase, pod.Status.Reason, pod.Status.Message)
		for _, s := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
			fmt.Fprintf(&text, "container %s of %s, restarts %d: %s\n", s.Name, s.Image, s.RestartCount, state(s))
			if s.State.Waiting == nil {
				fmt.Fprintf(&text, "%s\n", c.logTail(ctx, pod, s.Name))
			}
		}
	}
	events, err := c.Kubectl(ctx, "get", "events", "--namespace="+namespace, "--sort-by=.metadata.creationTimestamp")
	fmt.Fprintf(&text, "--- events of %s\n%s\n", namespace, orError(end(events, tailBytes), err))
	return text.String()
}

func state(s corev1.ContainerStatus) string {
	switch {
	case s.State.Waiting != nil:
		return fmt.Sprintf("waits: %s %s", s.State.Waiting.Reason, s.State.Waiting.Message)
	case s.State.Terminated != nil:
		t := s.State.Terminated
		return fmt.Sprintf("ended with %d (%s) and said: %s", t.ExitCode, t.Reason, t.Message)
	}
	return "runs"
}

func (c *Cluster) logTail(ctx context.Context, pod *corev1.Pod, container string) string {
	options := &corev1.PodLogOptions{Container: container, TailLines: ptr.To[int64](tailLines), LimitBytes: ptr.To[int64](tailBytes)}
	stream, err := c.Clientset.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, options).Stream(ctx)
	if err != nil {
		return err.Error()
	}
	defer stream.Close()
	text, err := io.ReadAll(stream)
	return orError(string(text), err)
}

func orError(text string, err error) string {
	if err != nil {
		return err.Error()
	}
	return text
}

func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return text[:limit] + "\n[cut]"
}

func end(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return "[cut]\n" + text[len(text)-limit:]
}
