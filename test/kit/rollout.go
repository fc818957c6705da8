package kit

import (
	"context"
	"errors"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// patience is how long the operator may take to be there.
const patience = 2 * time.Minute

// awaitOperator waits until the one operator that runs is the one that was deployed last.
func (c *Cluster) awaitOperator(ctx context.Context) error {
	var last string
	err := wait.PollUntilContextTimeout(ctx, 250*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		deployment := &appsv1.Deployment{}
		if err := c.Client.Get(ctx, client.ObjectKey{Namespace: OperatorNamespace, Name: OperatorDeployment}, deployment); err != nil {
			return false, err
		}
		pods, err := c.operatorPods(ctx)
		if err != nil {
			return false, err
		}
		s := deployment.Status
		last = fmt.Sprintf("%d pods, %d of them new, %d available", len(pods), s.UpdatedReplicas, s.AvailableReplicas)
		return s.ObservedGeneration == deployment.Generation && len(pods) == 1 && s.UpdatedReplicas == 1 && s.AvailableReplicas == 1, nil
	})
	if err == nil {
		return nil
	}
	return errors.Join(fmt.Errorf("the operator does not come up (%s): %w", last, err),
		errors.New(c.DescribePods(context.WithoutCancel(ctx), OperatorNamespace)))
}

// operatorPods are the pods of the Deployment, those that are about to go among them.
func (c *Cluster) operatorPods(ctx context.Context) ([]corev1.Pod, error) {
	var pods corev1.PodList
	err := c.Client.List(ctx, &pods, client.InNamespace(OperatorNamespace), client.MatchingLabels{"control-plane": "controller-manager"})
	return pods.Items, err
}

// operatorPod is the operator's one pod.
func (c *Cluster) operatorPod(ctx context.Context) (*corev1.Pod, error) {
	pods, err := c.operatorPods(ctx)
	if err != nil {
		return nil, err
	}
	if len(pods) != 1 {
		return nil, fmt.Errorf("%d pods of the operator instead of one", len(pods))
	}
	return &pods[0], nil
}

// Incarnation names the operator's process: another pod or another restart of its container is another one.
type Incarnation struct {
	Pod      string
	Restarts int32
}

// Incarnation of the operator that runs now.
func (c *Cluster) Incarnation(ctx context.Context) (Incarnation, error) {
	pod, err := c.operatorPod(ctx)
	if err != nil {
		return Incarnation{}, err
	}
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name == operatorContainer {
			return Incarnation{pod.Name, status.RestartCount}, nil
		}
	}
	return Incarnation{}, fmt.Errorf("pod %s has no container %s", pod.Name, operatorContainer)
}
