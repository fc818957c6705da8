package kit

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
)

// The environment variables that describe a cluster which is not the harness' own.
const (
	KubeconfigVariable  = "KUBECONFIG"
	EnvironmentVariable = "NBV_E2E_ENV"
	ImageVariable       = "NBV_E2E_IMAGE"
)

// Foreign says whether KUBECONFIG names a cluster that is not the harness' own.
func Foreign() bool {
	kubeconfig := os.Getenv(KubeconfigVariable)
	return kubeconfig != "" && kubeconfig != filepath.Join(clusterenv.StateDir(), "kubeconfig")
}

// loadEnvironment tells what the cluster consists of.
func loadEnvironment() (*clusterenv.Env, error) {
	if !Foreign() {
		return clusterenv.Load()
	}
	path := os.Getenv(EnvironmentVariable)
	if path == "" || os.Getenv(ImageVariable) == "" {
		return nil, fmt.Errorf("%s names a cluster that the harness did not make, so that nothing is known about its registry, its git "+
			"server and the operator's image: set %s to a JSON file as `go run ./test/cluster env` prints it, and %s to the "+
			"operator's image; or unset %[1]s", KubeconfigVariable, EnvironmentVariable, ImageVariable)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read what %s names: %w", EnvironmentVariable, err)
	}
	env := &clusterenv.Env{}
	if err := json.Unmarshal(content, env); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	env.Kubeconfig = os.Getenv(KubeconfigVariable)
	return env, nil
}
