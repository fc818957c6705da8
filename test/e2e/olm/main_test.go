package olm

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	operatorsv1 "github.com/operator-framework/api/pkg/operators/v1"
	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/controllers"
	"mlops.dev/notebook-validator-operator/test/kit"
)

var (
	// cluster is where OLM runs; its client knows OLM's kinds too.
	cluster *kit.Cluster
	// published are the versions that the tests install.
	published releases
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if kit.Foreign() {
		fmt.Printf("olm: %s names a cluster that the harness did not make, and OLM is not installed in it\n", kit.KubeconfigVariable)
		return 0
	}
	if err := setUp(); err != nil {
		fmt.Fprintln(os.Stderr, "olm:", err)
		return 1
	}
	code := m.Run()
	if err := cluster.Remove(context.Background(), kit.OLM); err != nil {
		fmt.Fprintln(os.Stderr, "olm:", err)
		return 1
	}
	return code
}

func setUp() error {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	var err error
	cluster, err = kit.Open(ctx, func(format string, args ...any) { fmt.Printf("olm: "+format+"\n", args...) })
	if err != nil {
		return err
	}
	if err := knowOLM(cluster); err != nil {
		return err
	}
	if err := cluster.Undeploy(ctx); err != nil {
		return err
	}
	if err := cluster.Install(ctx, kit.OLM); err != nil {
		return err
	}
	published, err = publish(ctx)
	return err
}

// knowOLM gives the cluster a client that knows OLM's kinds.
func knowOLM(cluster *kit.Cluster) error {
	scheme := controllers.Scheme()
	if err := operatorsv1alpha1.AddToScheme(scheme); err != nil {
		return err
	}
	if err := operatorsv1.AddToScheme(scheme); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", cluster.Env.Kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1
	cluster.Client, err = client.NewWithWatch(config, client.Options{Scheme: scheme})
	return err
}
