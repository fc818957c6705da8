package optional

import "mlops.dev/notebook-validator-operator/test/cluster/internal/component"

// Systems returns everything that can be installed.
func Systems() []System { return []System{tekton(), shipwright()} }

// tekton leaves out the folder config/resolvers, because what its programs fetch pipelines from is outside of the cluster,
// and the autoscaler of the webhook, because the cluster has no metrics and a single node.
func tekton() System {
	return System{
		Name: "tekton", Namespace: "tekton-pipelines",
		Component: component.Tekton, Module: "github.com/tektoncd/pipeline",
		Folders: []string{"config/100-namespace", "config/300-crds", "config"},
		Without: []string{"webhook-hpa.yaml"},
		// The shell writes a step's script to a file. No node runs Windows, but the controller insists on an image for it.
		ShellFlags: []string{"-shell-image", "-shell-image-win"},
		Admits:     tektonAdmits,
	}
}

// shipwright leaves out the webhook, which only converts kinds between a version that nobody here uses and the one that is
// stored, and its service and account.
func shipwright() System {
	return System{
		Name: "shipwright", Namespace: "shipwright-build",
		Component: component.Shipwright, Module: "github.com/shipwright-io/build",
		Folders: []string{"deploy/crds", "deploy"},
		Without: []string{"401-serviceaccount-webhook.yaml", "402-service-webhook.yaml", "700-deployment-webhook.yaml"},
		// The programs call git and ssh, and look for the home of the user that Shipwright runs them as.
		Packages:      map[string][]string{"git": {"ca-certificates", "git", "git-lfs", "openssh-client"}},
		Files:         map[string]string{"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nshp:x:1000:1000:shp:/shared-home:/bin/false\n"},
		Writable:      []string{"shared-home", "tmp"},
		SingleVersion: true,
		On:            "tekton",
	}
}
