package optional

import (
	"fmt"
	"time"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/component"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
)

// patience is how long a system may take to be ready, or to be gone.
const patience = 3 * time.Minute

// turn is how long one try may take of what is tried again.
const turn = time.Minute

// Cluster is the cluster that systems are installed in.
type Cluster struct {
	Env     *clusterenv.Env
	Kubectl Kubectl
	// Builder knows where the systems' modules are.
	Builder component.Builder
}

// Install makes a system be there and ready, after the one that it needs. Where it is there already, it only makes sure.
func (c Cluster) Install(s System) error {
	if s.On != "" {
		below, err := Find(s.On)
		if err != nil {
			return err
		}
		if err := c.Install(below); err != nil {
			return err
		}
	}
	all, err := c.manifests(s)
	if err != nil {
		return err
	}
	return progress.Step("install "+s.Name, func() error { return c.install(s, all) })
}

// manifests returns the system's objects as this cluster is to have them.
func (c Cluster) manifests(s System) (objects, error) {
	built, err := s.built(c.Env)
	if err != nil {
		return nil, err
	}
	module, err := c.Builder.Module(s.Component, s.Module)
	if err != nil {
		return nil, err
	}
	if module.Version != built.Version {
		return nil, fmt.Errorf("the cluster has the programs of %s %s, and the manifests are of %s: run `go run ./test/cluster up` again", s.Name, built.Version, module.Version)
	}
	values, err := s.values(module.Dir, c.Env, built.Images)
	if err != nil {
		return nil, err
	}
	all, err := s.read(module.Dir, values)
	if err != nil {
		return nil, err
	}
	registry := c.Env.Registry
	return all, adapter{
		system: s, images: built.Images, shell: c.Env.Images.Builder, registry: registry.Host + "/" + registry.PublicPrefix,
	}.adapt(all)
}

// install applies what defines kinds first, because nothing else can be understood before. A webhook that is on its way up
// may refuse the rest for a while.
func (c Cluster) install(s System, all objects) error {
	const first, second = "CustomResourceDefinition", "Namespace"
	foundation := all.of(first, second)
	if err := c.apply(foundation); err != nil {
		return err
	}
	wait := append([]string{"wait", "--for=condition=Established", "--timeout=" + patience.String()}, all.of(first).names()...)
	// A kind that is quite new has no conditions, which kubectl takes for an error.
	if err := eventually(func() error { _, err := c.Kubectl("", wait...); return err }); err != nil {
		return err
	}
	if err := eventually(func() error { return c.apply(all.without(first, second)) }); err != nil {
		return err
	}
	for _, name := range all.of("Deployment").names() {
		if _, err := c.Kubectl("", "rollout", "status", name, "--namespace="+s.Namespace, "--timeout="+patience.String()); err != nil {
			return c.explain(s, err)
		}
	}
	if s.Admits == nil {
		return nil
	}
	return eventually(func() error { return s.Admits(c.Kubectl) })
}

func (c Cluster) apply(some objects) error {
	text, err := some.text()
	if err != nil {
		return err
	}
	_, err = c.Kubectl(text, "apply", "--server-side", "--force-conflicts", "--field-manager=test-cluster", "-f", "-")
	return err
}

// explain adds what the cluster says about the system's pods.
func (c Cluster) explain(s System, cause error) error {
	pods, err := c.Kubectl("", "get", "pods,events", "--namespace="+s.Namespace)
	if err != nil {
		return cause
	}
	return fmt.Errorf("%w\n%s", cause, pods)
}

// eventually repeats what may fail until something else is ready.
func eventually(try func() error) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(250 * time.Millisecond) {
		err := try()
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}
