package optional

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/component"
)

// real returns a system's own manifests for a cluster that has the programs.
func real(t *testing.T, system System, programs ...string) objects {
	t.Helper()
	builder := component.Builder{Source: filepath.Join("..", "..", "components")}
	module, err := builder.Module(system.Component, system.Module)
	require.NoError(t, err)
	images := map[string]string{}
	for _, program := range programs {
		images[program] = registry + program
	}
	env := &clusterenv.Env{
		Registry: clusterenv.Registry{Host: "198.51.100.2:5000", PublicPrefix: "library/"},
		Images:   clusterenv.Images{Builder: registry + "shell", Opm: registry + "opm"},
		Optional: []clusterenv.Optional{{Name: system.Name, Version: module.Version, Images: images}},
	}
	all, err := Cluster{Env: env, Builder: builder}.manifests(system)
	require.NoError(t, err)
	return all
}

func TestTheRealManifestsFitTheCluster(t *testing.T) {
	for name, test := range map[string]struct{ programs, deployments, namespaces []string }{
		"tekton": {
			programs:    []string{"controller", "entrypoint", "events", "nop", "sidecarlogresults", "webhook", "workingdirinit"},
			deployments: []string{"deployment/tekton-pipelines-controller", "deployment/tekton-events-controller", "deployment/tekton-pipelines-webhook"},
			namespaces:  []string{"namespace/tekton-pipelines"},
		},
		"shipwright": {
			programs:    []string{"bundle", "git", "image-processing", "shipwright-build-controller", "waiter"},
			deployments: []string{"deployment/shipwright-build-controller"},
			namespaces:  []string{"namespace/shipwright-build"},
		},
		"olm": {
			programs:    []string{"olm"},
			deployments: []string{"deployment/olm-operator", "deployment/catalog-operator"},
			namespaces:  []string{"namespace/operator-lifecycle-manager", "namespace/operators"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			system, err := Find(name)
			require.NoError(t, err)

			all := real(t, system, test.programs...)

			assert.ElementsMatch(t, test.deployments, all.of("Deployment").names())
			assert.Equal(t, test.namespaces, all.of("Namespace").names())
			assert.NotEmpty(t, all.of("CustomResourceDefinition"))
			assert.Empty(t, all.of("HorizontalPodAutoscaler"))
			for _, object := range all {
				if object.GetNamespace() != "" {
					assert.Contains(t, test.namespaces, "namespace/"+object.GetNamespace(), "%s would stay when the namespaces go", object.GetName())
				}
			}
		})
	}
}

func TestOLMTakesEveryImageFromTheCluster(t *testing.T) {
	all := real(t, olm(), "olm")

	arguments := map[string][]any{}
	for _, deployment := range all.of("Deployment") {
		containers, _, err := unstructured.NestedSlice(deployment.Object, "spec", "template", "spec", "containers")
		require.NoError(t, err)
		require.Len(t, containers, 1)
		container := containers[0].(map[string]any)
		assert.Equal(t, registry+"olm", container["image"])
		arguments[deployment.GetName()], _ = container["args"].([]any)
	}
	assert.Equal(t, []any{"--namespace", "$(OPERATOR_NAMESPACE)", "--writeStatusName", ""}, arguments["olm-operator"])
	assert.Equal(t, []any{
		"--namespace", "operator-lifecycle-manager", "--configmapServerImage=" + registry + "opm", "--opmImage=" + registry + "opm",
		"--util-image", registry + "olm", "--set-workload-user-id=true",
	}, arguments["catalog-operator"])
}

func TestOLMHasItsGroupForOperatorsOfEveryNamespace(t *testing.T) {
	groups := real(t, olm(), "olm").of("OperatorGroup")

	assert.Equal(t, []string{"operatorgroup/global-operators", "operatorgroup/olm-operators"}, groups.names())
	assert.Equal(t, "operators", groups[0].GetNamespace())
	_, restricted, err := unstructured.NestedFieldNoCopy(groups[0].Object, "spec", "targetNamespaces")
	require.NoError(t, err)
	assert.False(t, restricted)
}
