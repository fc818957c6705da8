package integration

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"mlops.dev/notebook-validator-operator/controllers"
)

const (
	crdDir  = "../../config/crd/bases"
	rbacDir = "../../config/rbac"

	// soon bounds every wait for something that is due at once; a test that reaches it has failed.
	soon  = time.Minute
	blink = 20 * time.Millisecond
)

// The cluster that all tests share, each in namespaces of its own.
var (
	// admin may do everything.
	admin *rest.Config
	// kube is admin's client, without a cache.
	kube client.WithWatch
	// operatorUser is the operator's service account.
	operatorUser *rest.Config
	// theNode is where all pods run.
	theNode *node
)

func TestMain(m *testing.M) {
	flag.Parse()
	// Most of a test is waiting for the API server, so many of them share a processor.
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		if err := parallel.Value.Set("10"); err != nil {
			panic(err)
		}
	}
	ctrl.SetLogger(logr.Discard())
	// The processes below die with the thread that started them, which is this one.
	runtime.LockOSThread()
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "integration:", err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (code int, err error) {
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		return 1, errors.New("KUBEBUILDER_ASSETS does not name the folder with kube-apiserver, etcd and " +
			"kube-controller-manager; run make integration")
	}
	environment := &envtest.Environment{
		CRDInstallOptions:        envtest.CRDInstallOptions{Paths: []string{crdDir}, ErrorIfPathMissing: true, MaxTime: time.Minute},
		ControlPlaneStartTimeout: 2 * time.Minute,
		ControlPlaneStopTimeout:  time.Minute,
	}
	// As OpenShift has it: whoever sets blockOwnerDeletion needs a right to the owner's finalizers.
	environment.ControlPlane.GetAPIServer().Configure().
		Append("enable-admission-plugins", "OwnerReferencesPermissionEnforcement")
	defer func() { err = errors.Join(err, environment.Stop()) }() // also what started before Start failed
	if admin, err = environment.Start(); err != nil {
		return 1, fmt.Errorf("start the API server: %w", err)
	}
	admin.QPS = -1
	if err := connect(environment); err != nil {
		return 1, err
	}
	stop, err := startControllerManager(environment, filepath.Join(assets, "kube-controller-manager"))
	if err != nil {
		return 1, err
	}
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if theNode, err = startNode(ctx, admin); err != nil {
		return 1, fmt.Errorf("start the node: %w", err)
	}
	return m.Run(), nil
}

// connect makes the clients and gives the operator's user its rights.
func connect(environment *envtest.Environment) error {
	scheme := controllers.Scheme()
	var err error
	if kube, err = client.NewWithWatch(admin, client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	user, err := environment.AddUser(envtest.User{Name: operatorName}, nil)
	if err != nil {
		return fmt.Errorf("add the operator's user: %w", err)
	}
	operatorUser = user.Config()
	return grantRights(context.Background(), kube)
}
