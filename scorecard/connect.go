package main

import (
	"os"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/scorecard/checks"
)

// namespaceVariable is how scorecard says where the pod runs.
const namespaceVariable = "SCORECARD_NAMESPACE"

// connect goes to the cluster that KUBECONFIG names or, in a pod, to the one it runs in, as the pod's service account and
// in its namespace.
func connect(timeout time.Duration) (checks.Cluster, error) {
	config := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), &clientcmd.ConfigOverrides{})
	namespace := os.Getenv(namespaceVariable)
	if namespace == "" {
		var err error
		if namespace, _, err = config.Namespace(); err != nil {
			return checks.Cluster{}, err
		}
	}
	access, err := config.ClientConfig()
	if err != nil {
		return checks.Cluster{}, err
	}
	// Warnings of the API server would be written to standard error, into the result.
	access.WarningHandlerWithContext = rest.NoWarnings{}
	c, err := client.New(access, client.Options{})
	if err != nil {
		return checks.Cluster{}, err
	}
	return checks.Cluster{Client: c, Namespace: namespace, Timeout: timeout}, nil
}
