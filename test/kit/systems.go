package kit

import "context"

// Systems that Install and Remove know: two that build images, and the Operator Lifecycle Manager.
const (
	Tekton     = "tekton"
	Shipwright = "shipwright"
	OLM        = "olm"
)

// Install makes a system run in the cluster, which has to be the harness' own.
func (c *Cluster) Install(ctx context.Context, system string) error {
	c.Log("installing %s", system)
	_, err := c.command(ctx, "go", "run", "./test/cluster", "install", system)
	return err
}

// Remove takes a system away with its kinds and all their objects; one that is not there is gone already.
func (c *Cluster) Remove(ctx context.Context, system string) error {
	c.Log("removing %s", system)
	_, err := c.command(ctx, "go", "run", "./test/cluster", "remove", system)
	return err
}

// InstallShipwrightStrategy installs the ClusterBuildStrategy that the operator's BuildRuns name.
func (c *Cluster) InstallShipwrightStrategy(ctx context.Context) error {
	_, err := c.Kubectl(ctx, "apply", "--kustomize=config/shipwright")
	return err
}
