package kit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/go-logr/logr"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"mlops.dev/notebook-validator-operator/controllers"
	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
)

// Cluster is a running cluster and the ways to talk to it, as its administrator.
type Cluster struct {
	// Env says where everything is.
	Env *clusterenv.Env
	// Client knows the operator's kinds.
	Client client.WithWatch
	// Clientset is for logs and evictions.
	Clientset kubernetes.Interface
	// Log tells what is going on.
	Log func(format string, args ...any)
	// root of the repository.
	root string
}

// Open connects to the cluster and checks that it answers.
func Open(ctx context.Context, log func(format string, args ...any)) (*Cluster, error) {
	env, err := loadEnvironment()
	if err != nil {
		return nil, err
	}
	root, err := Root(ctx)
	if err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", env.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", env.Kubeconfig, err)
	}
	ctrllog.SetLogger(logr.Discard()) // the client's own log would only interrupt what the kit tells
	config.QPS = -1                   // tests ask as much as they like
	c := &Cluster{Env: env, Log: log, root: root}
	if c.Clientset, err = kubernetes.NewForConfig(config); err != nil {
		return nil, err
	}
	if c.Client, err = client.NewWithWatch(config, client.Options{Scheme: controllers.Scheme()}); err != nil {
		return nil, fmt.Errorf("the cluster of %s does not answer; bring it up with `go run ./test/cluster up`: %w", env.Kubeconfig, err)
	}
	if _, err := c.Clientset.Discovery().ServerVersion(); err != nil {
		return nil, fmt.Errorf("the cluster of %s does not answer; bring it up with `go run ./test/cluster up`: %w", env.Kubeconfig, err)
	}
	return c, nil
}

// Root is the directory of the project's repository.
func Root(ctx context.Context) (string, error) {
	output, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("ask go for the module: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(output)))
	if _, err := os.Stat(filepath.Join(root, "config", "default")); err != nil {
		return "", errors.New("run this inside the project's repository: " + err.Error())
	}
	return root, nil
}

// command runs a program in the root of the repository and returns what it printed on standard output.
func (c *Cluster) command(ctx context.Context, name string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = c.root
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return strings.TrimSpace(stdout.String()), nil
}

// Kubectl runs kubectl.
func (c *Cluster) Kubectl(ctx context.Context, args ...string) (string, error) {
	return c.command(ctx, c.Env.Kubectl, append([]string{"--kubeconfig=" + c.Env.Kubeconfig}, args...)...)
}
