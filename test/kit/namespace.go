package kit

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Pod Security Standards that a namespace may enforce. Builders need Baseline: they run as root of their container.
const (
	Baseline   = "baseline"
	Restricted = "restricted"
)

const enforceLabel = "pod-security.kubernetes.io/enforce"

// Namespace makes a namespace, or finds it, with the registry's credentials in it.
func (c *Cluster) Namespace(ctx context.Context, name, standard string) error {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{enforceLabel: standard}}}
	if err := c.Client.Create(ctx, namespace); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return c.Secret(ctx, name, PushSecret, corev1.SecretTypeDockerConfigJson, map[string][]byte{
		corev1.DockerConfigJsonKey: c.Env.Registry.DockerConfig(),
	})
}

// DeleteNamespace removes a namespace with all that is in it.
func (c *Cluster) DeleteNamespace(ctx context.Context, name string) error {
	return client.IgnoreNotFound(c.Client.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}))
}

// Secret makes a Secret, or gives it this content.
func (c *Cluster) Secret(ctx context.Context, namespace, name string, kind corev1.SecretType, data map[string][]byte) error {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Type: kind, Data: data}
	err := c.Client.Create(ctx, secret)
	if apierrors.IsAlreadyExists(err) {
		return c.Client.Update(ctx, secret)
	}
	return err
}

// DeleteAndWait deletes an object and waits until it is gone.
func (c *Cluster) DeleteAndWait(ctx context.Context, object client.Object) error {
	if err := c.Client.Delete(ctx, object, client.PropagationPolicy(metav1.DeletePropagationBackground)); err != nil {
		return client.IgnoreNotFound(err)
	}
	return wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 5*time.Minute, true, func(ctx context.Context) (bool, error) {
		err := c.Client.Get(ctx, client.ObjectKeyFromObject(object), object)
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
}
