package integration

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// operatorName is the user that the bindings of config/rbac speak of.
const operatorName = "system:serviceaccount:system:controller-manager"

// startControllerManager runs the controllers of Kubernetes that the operator builds on.
func startControllerManager(environment *envtest.Environment, program string) (stop func(), err error) {
	user, err := environment.AddUser(envtest.User{Name: "kube-controller-manager", Groups: []string{"system:masters"}}, nil)
	if err != nil {
		return nil, fmt.Errorf("add the controller manager's user: %w", err)
	}
	kubeconfig, err := user.KubeConfig()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "integration-")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "kubeconfig")
	if err := os.WriteFile(file, kubeconfig, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "--kubeconfig="+file, "--leader-elect=false", "--secure-port=0",
		"--controllers=job-controller,garbage-collector-controller,resourcequota-controller,namespace-controller",
		"--kube-api-qps=500", "--kube-api-burst=1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start kube-controller-manager, which the assets must have beside kube-apiserver: %w", err)
	}
	return func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed: the error is known
		_ = os.RemoveAll(dir)
	}, nil
}

// grantRights applies the operator's roles as they are deployed.
func grantRights(ctx context.Context, c client.Client) error {
	for _, name := range []string{"validation_role.yaml", "build_role.yaml", "build_tekton_role.yaml", "build_shipwright_role.yaml",
		"build_openshift_role.yaml", "aggregate_role.yaml", "discovery_role.yaml", "metrics.yaml", "role_bindings.yaml"} {
		file, err := os.Open(filepath.Join(rbacDir, name))
		if err != nil {
			return err
		}
		defer file.Close()
		decoder := yaml.NewYAMLOrJSONDecoder(file, 4096)
		for {
			object := &unstructured.Unstructured{}
			if decoder.Decode(object) != nil {
				break
			}
			if err := c.Create(ctx, object); err != nil {
				return fmt.Errorf("create %s of %s: %w", object.GetKind(), name, err)
			}
		}
	}
	return nil
}

// newNamespace makes a namespace for one test.
func newNamespace(t testing.TB, labels ...string) string {
	t.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-", Labels: map[string]string{}}}
	for i := 0; i+1 < len(labels); i += 2 {
		namespace.Labels[labels[i]] = labels[i+1]
	}
	require.NoError(t, kube.Create(t.Context(), namespace))
	return namespace.Name
}

// eventually waits until the check passes; where it never does, what it said last is in the test's log.
func eventually(t testing.TB, check func(c *assert.CollectT)) {
	t.Helper()
	require.EventuallyWithT(t, check, soon, blink)
}
