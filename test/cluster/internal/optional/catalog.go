package optional

import (
	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/component"
)

// ko is where the tool that makes the images of Tekton and Shipwright puts a program; their programs call one another there.
const ko = "ko-app"

// Systems returns everything that can be installed.
func Systems() []System { return []System{tekton(), shipwright(), olm()} }

// tekton leaves out the folder config/resolvers, because what its programs fetch pipelines from is outside of the cluster,
// and the autoscaler of the webhook, because the cluster has no metrics and a single node.
func tekton() System {
	return System{
		Name: "tekton", Namespace: "tekton-pipelines",
		Component: component.Tekton, Module: "github.com/tektoncd/pipeline",
		Folders: []string{"config/100-namespace", "config/300-crds", "config"},
		Without: []string{"webhook-hpa.yaml"},
		Folder:  ko,
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
		Folder:  ko,
		// The programs call git and ssh, and look for the home of the user that Shipwright runs them as.
		Packages:      map[string][]string{"git": {"ca-certificates", "git", "git-lfs", "openssh-client"}},
		Files:         map[string]string{"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nshp:x:1000:1000:shp:/shared-home:/bin/false\n"},
		Writable:      []string{"shared-home", "tmp"},
		SingleVersion: true,
		On:            "tekton",
	}
}

// olm leaves out the package server, which only lists what catalogs offer for consoles, the catalog of the community, which is
// outside of the cluster, and what belongs to monitoring and to OpenShift.
func olm() System {
	return System{
		Name: "olm", Namespace: "operator-lifecycle-manager",
		Component: component.OLM, Module: "github.com/operator-framework/operator-lifecycle-manager",
		Chart: "deploy/chart", Folders: []string{"deploy/chart/crds", "deploy/chart/templates"},
		Without: []string{
			"0000_50_olm_02-services.yaml", "0000_50_olm_15-packageserver.clusterserviceversion.yaml",
			"0000_50_olm_17-upstream-operators.catalogsource.yaml", "0000_50_olm_99-operatorstatus.yaml",
			"0000_90_olm_00-service-monitor.yaml", "0000_90_olm_01-prometheus-rule.yaml",
			"_packageserver.clusterserviceversion.yaml", "_packageserver.deployment-spec.yaml", "_packageserver.package.yaml",
		},
		Values: olmValues,
		// Its jobs have cpb copied from the image that also has olm and catalog, and Debian's base has the cp that copies it.
		Together: "olm", Packages: map[string][]string{"olm": {"coreutils"}},
		// In Debian /bin is a link to this folder. A folder /bin in the programs' layer would hide the link, and cp with it.
		Folder: "usr/bin", Writable: []string{"tmp"}, User: "1001",
		Mark: "olm.managed=true",
	}
}

func olmValues(env *clusterenv.Env, images map[string]string) map[string]any {
	program := map[string]any{"ref": images["olm"]}
	return map[string]any{
		"olm": map[string]any{"image": program},
		"catalog": map[string]any{
			"image":        program,
			"commandArgs":  "--configmapServerImage=" + env.Images.Opm,
			"opmImageArgs": "--opmImage=" + env.Images.Opm,
		},
	}
}
