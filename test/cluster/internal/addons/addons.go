// Package addons is what runs inside the cluster before any test does: the name server, and the rule that lets the API
// server read logs and run commands on the node.
package addons

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/controlplane"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
)

//go:embed addons.yaml.tmpl
var manifest string

// patience is how long the node and the name server may take to be ready.
const patience = 2 * time.Minute

// Ensure applies the objects and waits until the node is ready and names are resolved.
func Ensure(plane *controlplane.Plane, dnsImage string) error {
	parsed, err := template.New("addons").Option("missingkey=error").Parse(manifest)
	if err != nil {
		return err
	}
	var objects strings.Builder
	if err := parsed.Execute(&objects, map[string]string{"Image": dnsImage, "DNSService": config.DNSService, "Domain": config.ClusterDomain}); err != nil {
		return err
	}
	if _, err := plane.Kubectl(objects.String(), "apply", "--server-side", "--force-conflicts", "--field-manager=test-cluster", "-f", "-"); err != nil {
		return err
	}
	return progress.Step("wait for the node and its name server", func() error { return await(plane) })
}

func await(plane *controlplane.Plane) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(250 * time.Millisecond) {
		err := ready(plane)
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			pods, _ := plane.Kubectl("", "get", "pods,events", "-n", "kube-system")
			return errors.Join(err, errors.New(pods))
		}
	}
}

// ready asks for the node's condition and the number of available name servers.
func ready(plane *controlplane.Plane) error {
	node, err := plane.Kubectl("", "get", "node", config.NodeName, "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].status}`)
	if err != nil {
		return err
	}
	dns, err := plane.Kubectl("", "get", "deployment", "coredns", "-n", "kube-system", "-o", "jsonpath={.status.availableReplicas}/{.status.observedGeneration}/{.metadata.generation}")
	if err != nil {
		return err
	}
	parts := strings.Split(dns, "/")
	if node != "True" || parts[0] != "1" || parts[1] != parts[2] {
		return fmt.Errorf("node ready: %q, name servers available: %q", node, parts[0])
	}
	return nil
}
