package integration

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// node plays what no API server has: the scheduler and the kubelet of one node. Pods run on it when a test says so, and end
// as the test says; it serves their logs to the API server and lets go of pods that are deleted.
type node struct {
	pods kubernetes.Interface
	// logs by namespace/pod/container.
	logs sync.Map
}

const nodeName = "node"

// startNode registers the node, whose kubelet answers at the address of a local server.
func startNode(ctx context.Context, config *rest.Config) (*node, error) {
	pods, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	n := &node{pods: pods}
	server := httptest.NewTLSServer(http.HandlerFunc(n.serveLog))
	context.AfterFunc(ctx, server.Close)
	host, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		return nil, err
	}
	registered, err := pods.CoreV1().Nodes().Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: nodeName}}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	registered.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: host}}
	registered.Status.DaemonEndpoints.KubeletEndpoint.Port = int32(number)
	if _, err := pods.CoreV1().Nodes().UpdateStatus(ctx, registered, metav1.UpdateOptions{}); err != nil {
		return nil, err
	}
	deleted, err := pods.CoreV1().Pods("").Watch(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	go n.letGo(ctx, deleted)
	return n, nil
}

// serveLog answers GET /containerLogs/NAMESPACE/POD/CONTAINER as a kubelet does.
func (n *node) serveLog(w http.ResponseWriter, r *http.Request) {
	key, found := strings.CutPrefix(r.URL.Path, "/containerLogs/")
	log, known := n.logs.Load(key)
	if !found || !known {
		http.NotFound(w, r)
		return
	}
	text := log.([]byte)
	if limit, err := strconv.Atoi(r.URL.Query().Get("limitBytes")); err == nil && limit < len(text) {
		text = text[:limit]
	}
	_, _ = w.Write(text) // whoever asked has gone
}

// letGo ends what a kubelet ends, pods that are being deleted: it stops their containers, says so, and removes them.
func (n *node) letGo(ctx context.Context, pods watch.Interface) {
	defer pods.Stop()
	for event := range pods.ResultChan() {
		pod, ok := event.Object.(*corev1.Pod)
		if !ok || event.Type == watch.Deleted || pod.DeletionTimestamp == nil || *pod.DeletionGracePeriodSeconds == 0 {
			continue
		}
		// A pod that changed comes again, and one that is gone by now is what this is about.
		if stop(pod) {
			_, _ = n.pods.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{})
			continue
		}
		_ = n.pods.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
			GracePeriodSeconds: ptr.To[int64](0), Preconditions: &metav1.Preconditions{UID: &pod.UID},
		})
	}
}

// stop ends the containers that run by SIGTERM; it says whether there was anything to end.
func stop(pod *corev1.Pod) bool {
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return false
	}
	pod.Status.Phase = corev1.PodFailed
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for i := range statuses {
			if statuses[i].State.Running != nil {
				statuses[i].State = containerState(0, []ending{{code: 143}})
			}
		}
	}
	return true
}

// podOf waits for the pod that the Job controller makes for the Job, and takes it.
func (n *node) podOf(t testing.TB, job *batchv1.Job) *corev1.Pod {
	t.Helper()
	var pod *corev1.Pod
	eventually(t, func(c *assert.CollectT) {
		pods := &corev1.PodList{}
		require.NoError(c, kube.List(t.Context(), pods, client.InNamespace(job.Namespace),
			client.MatchingLabels{batchv1.ControllerUidLabel: string(job.UID)}))
		pod = nil
		for i := range pods.Items {
			ended := pods.Items[i].Status.Phase == corev1.PodSucceeded || pods.Items[i].Status.Phase == corev1.PodFailed
			if !ended && pods.Items[i].DeletionTimestamp == nil {
				pod = &pods.Items[i]
			}
		}
		require.NotNil(c, pod, "Job %s has no pod to run", job.Name)
	})
	err := kube.SubResource("binding").Create(t.Context(), pod, &corev1.Binding{Target: corev1.ObjectReference{Kind: "Node", Name: nodeName}})
	if !apierrors.IsConflict(err) { // bound before
		require.NoError(t, err)
	}
	return pod
}

// ending is how a container ended.
type ending struct {
	code    int32
	reason  string
	message string
	log     []byte
}

// run writes the status of a pod whose containers have come so far: those in ends have ended, the next one is running.
func (n *node) run(t testing.TB, pod *corev1.Pod, ends ...ending) {
	t.Helper()
	all := append(append([]corev1.Container(nil), pod.Spec.InitContainers...), pod.Spec.Containers...)
	status := corev1.PodStatus{Phase: corev1.PodRunning, StartTime: ptr.To(metav1.Now())}
	if len(ends) == len(all) {
		status.Phase = corev1.PodSucceeded
	}
	for i, container := range all {
		state := containerState(i, ends)
		if i < len(ends) {
			n.logs.Store(strings.Join([]string{pod.Namespace, pod.Name, container.Name}, "/"), ends[i].log)
			if ends[i].code != 0 {
				status.Phase = corev1.PodFailed
			}
		}
		one := corev1.ContainerStatus{Name: container.Name, Image: container.Image, State: state}
		if i < len(pod.Spec.InitContainers) {
			status.InitContainerStatuses = append(status.InitContainerStatuses, one)
		} else {
			status.ContainerStatuses = append(status.ContainerStatuses, one)
		}
	}
	n.report(t, pod, status)
}

func containerState(i int, ends []ending) corev1.ContainerState {
	now := metav1.Now()
	switch {
	case i > len(ends) || len(ends) > 0 && ends[len(ends)-1].code != 0 && i == len(ends):
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "PodInitializing"}}
	case i == len(ends):
		return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}}
	}
	end := ends[i]
	if end.reason == "" {
		end.reason = map[bool]string{true: "Completed", false: "Error"}[end.code == 0]
	}
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: end.code, Reason: end.reason, Message: end.message, StartedAt: now, FinishedAt: now,
		ContainerID: fmt.Sprintf("test://%d", i),
	}}
}

// report writes a pod's status; a pod that was deleted meanwhile has none.
func (n *node) report(t testing.TB, pod *corev1.Pod, status corev1.PodStatus) {
	t.Helper()
	eventually(t, func(c *assert.CollectT) {
		current, err := n.pods.CoreV1().Pods(pod.Namespace).Get(t.Context(), pod.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return
		}
		require.NoError(c, err)
		current.Status = status
		_, err = n.pods.CoreV1().Pods(pod.Namespace).UpdateStatus(t.Context(), current, metav1.UpdateOptions{})
		if !apierrors.IsNotFound(err) {
			require.NoError(c, err)
		}
	})
}
