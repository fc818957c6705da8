package kit

import "context"

// Undeploy makes the operator that Deploy made be gone, with its CRDs and all their objects.
func (c *Cluster) Undeploy(ctx context.Context) error {
	c.Log("removing the operator that runs without OLM")
	_, err := c.Kubectl(ctx, "delete", "--ignore-not-found", "--kustomize=config/default", "--wait", "--timeout=10m")
	return err
}
