package olm

import (
	"context"
	"fmt"
	"time"

	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/test/kit"
)

// stillAfter is when something of OLM's that has not changed is taken for at rest. It is longer than the broken version's
// Deployment has to come up.
const stillAfter = 40 * time.Second

// stillness tells of an object how long it has not changed.
type stillness struct {
	version string
	since   time.Time
}

// lasts says whether nothing has changed for stillAfter, and then begins anew.
func (s *stillness) lasts(object client.Object) bool {
	now := time.Now()
	if version := object.GetResourceVersion(); version != s.version {
		s.version, s.since = version, now
	}
	if now.Sub(s.since) < stillAfter {
		return false
	}
	s.since = now
	return true
}

// resolveAgain changes a subscription that is at rest, as docs/olm.md tells people to. OLM looks for the next version when the
// catalog or the subscription changes, and what it finds in a moment in which no version may be left stands for 15 minutes.
func (i *installation) resolveAgain(ctx context.Context, s *stillness) error {
	subscription := &operatorsv1alpha1.Subscription{ObjectMeta: i.named(packageName)}
	if err := cluster.Client.Get(ctx, client.ObjectKeyFromObject(subscription), subscription); err != nil {
		return client.IgnoreNotFound(err)
	}
	if !s.lasts(subscription) {
		return nil
	}
	i.t.Logf("the subscription is at rest (%s): it is annotated", subscription.Status.State)
	_, err := cluster.Kubectl(ctx, "--namespace="+i.namespace, "annotate", "subscriptions.operators.coreos.com", packageName,
		fmt.Sprintf("resolve-again=%d", time.Now().Unix()), "--overwrite")
	return err
}

// awaitFailed waits until a version has failed for good, and its pods crash: as long as Kubernetes has not given its Deployment up,
// OLM begins again every five minutes, and a version that it installs cannot be left.
func (i *installation) awaitFailed(version string) {
	i.t.Helper()
	var s stillness
	i.await("the end of version "+version, func(ctx context.Context) (string, bool, error) {
		csv, err := i.csv(ctx, version)
		if apierrors.IsNotFound(err) {
			return "there is no ClusterServiceVersion", false, nil
		}
		if err != nil {
			return "", false, err
		}
		givenUp, err := i.givenUp(ctx)
		if err != nil {
			return "", false, err
		}
		crashing, err := i.crashing(ctx)
		if err != nil {
			return "", false, err
		}
		if s.lasts(csv) {
			err = i.restart(ctx, crashing)
		}
		seen := fmt.Sprintf("%s: %s; its Deployment is given up: %t; %d pods crash", csv.Status.Phase, csv.Status.Message, givenUp, len(crashing))
		return seen, csv.Status.Phase == operatorsv1alpha1.CSVPhaseFailed && givenUp && len(crashing) > 0, err
	})
}

// givenUp says whether Kubernetes has found that the operator's Deployment does not come up.
func (i *installation) givenUp(ctx context.Context) (bool, error) {
	deployment := &appsv1.Deployment{ObjectMeta: i.named(kit.OperatorDeployment)}
	if err := cluster.Client.Get(ctx, client.ObjectKeyFromObject(deployment), deployment); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	for _, condition := range deployment.Status.Conditions {
		if condition.Type == appsv1.DeploymentProgressing {
			return condition.Status == corev1.ConditionFalse, nil
		}
	}
	return false, nil
}

// crashing are the installation's pods with a container that was started again.
func (i *installation) crashing(ctx context.Context) (crashing []corev1.Pod, err error) {
	pods := &corev1.PodList{}
	err = cluster.Client.List(ctx, pods, client.InNamespace(i.namespace))
	for _, pod := range pods.Items {
		for _, state := range pod.Status.ContainerStatuses {
			if state.RestartCount > 0 && !state.Ready {
				crashing = append(crashing, pod)
				break
			}
		}
	}
	return crashing, err
}

// restart deletes pods that crash, as docs/olm.md tells people to. Kubernetes counts the time that a Deployment has from the last
// change of its pods; where another change of the Deployment comes into its way at the beginning, it counts from none.
func (i *installation) restart(ctx context.Context, crashing []corev1.Pod) error {
	for _, pod := range crashing {
		i.t.Logf("nothing happens to the version that does not come up: pod %s, which crashes, is deleted", pod.Name)
		if err := cluster.Client.Delete(ctx, &pod); client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}
