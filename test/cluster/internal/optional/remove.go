package optional

import (
	"errors"
	"strings"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
)

// Remove makes a system be gone, with its kinds and everything of them, after the systems that run on it.
func (c Cluster) Remove(s System) error {
	for _, above := range s.dependents() {
		if err := c.Remove(above); err != nil {
			return err
		}
	}
	all, err := c.manifests(s)
	if err != nil {
		return err
	}
	return progress.Step("remove "+s.Name, func() error { return c.remove(s, all) })
}

// remove takes the webhooks first: from then on nothing waits for an answer of programs that stop. The system's own
// programs are still there while its objects go, and see to it that their pods go with them.
func (c Cluster) remove(s System, all objects) error {
	webhooks := all.of("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
	if err := c.erase(webhooks); err != nil {
		return err
	}
	if err := c.empty(all.of("CustomResourceDefinition")); err != nil {
		return err
	}
	if err := c.erase(all.outside()); err != nil {
		return err
	}
	return c.sweep(s)
}

// sweep deletes what the programs made and left, now that none of them makes it again. Definitions of kinds are not among it:
// they are of what was installed with the system, and so is what is of those kinds.
func (c Cluster) sweep(s System) error {
	if s.Mark == "" {
		return nil
	}
	const kinds = "clusterrolebindings,clusterroles,validatingwebhookconfigurations,mutatingwebhookconfigurations,apiservices"
	_, err := c.Kubectl("", "delete", kinds, "--selector="+s.Mark, "--timeout="+patience.String())
	return err
}

// empty deletes every object of the kinds that the cluster knows.
func (c Cluster) empty(definitions objects) error {
	arguments := append([]string{"get", "--ignore-not-found", "--output=name"}, definitions.names()...)
	known, err := c.Kubectl("", arguments...)
	if err != nil {
		return err
	}
	var kinds []string
	for _, name := range strings.Fields(known) {
		kinds = append(kinds, name[strings.Index(name, "/")+1:])
	}
	if len(kinds) == 0 {
		return nil
	}
	// What belongs to an object goes before it does. One of OLM's was seen to wait for that without end, though the others went;
	// deleted in the background, an object waits no longer.
	cascade := "foreground"
	return eventually(func() error {
		err := c.clear(strings.Join(kinds, ","), cascade)
		cascade = "background"
		return err
	})
}

// clear deletes everything of the kinds. A program may have made some of it again meanwhile, as OLM does with its copies; that
// is only harmful where it waits for the program to let it go.
func (c Cluster) clear(kinds, cascade string) error {
	if _, err := c.Kubectl("", "delete", kinds, "--all", "--all-namespaces", "--cascade="+cascade, "--timeout="+turn.String()); err != nil {
		return err
	}
	held, err := c.Kubectl("", "get", kinds, "--all-namespaces", "--output=jsonpath={.items[*].metadata.finalizers}")
	if err == nil && held != "" {
		err = errors.New("something waits to be let go: " + held)
	}
	return err
}

// erase deletes the objects, however many of them are still there, and waits until they are gone.
func (c Cluster) erase(some objects) error {
	if len(some) == 0 {
		return nil
	}
	text, err := some.text()
	if err != nil {
		return err
	}
	_, err = c.Kubectl(text, "delete", "--ignore-not-found", "--wait", "--timeout="+patience.String(), "-f", "-")
	return err
}
