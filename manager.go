package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"mlops.dev/notebook-validator-operator/controllers"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/openshift"
	"mlops.dev/notebook-validator-operator/internal/registry"
	"mlops.dev/notebook-validator-operator/internal/settings"
	"mlops.dev/notebook-validator-operator/internal/source"
)

const (
	runAsAuto = "auto"
	// defaultUser runs notebooks where the platform assigns no user: no image's root, and nobody else's either.
	defaultUser = 65532
	// openShiftGroup is there on clusters that assign the user of a pod themselves.
	openShiftGroup = "security.openshift.io"
)

// managerFlags are the operator's settings.
type managerFlags struct {
	settings        settings.Settings
	builderRequests map[string]string
	builderLimits   map[string]string
	runAsUser       string
	leaderElect     bool
	probeAddress    string
	sourceLimits    source.Limits
}

func managerCommand() *cobra.Command {
	var f managerFlags
	cmd := &cobra.Command{
		Use:   "manager",
		Short: "Run the operator",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context()) },
	}
	f.bind(cmd.Flags())
	return cmd
}

// bind has the flags fill the settings.
func (f *managerFlags) bind(flags *pflag.FlagSet) {
	flags.StringVar(&f.settings.OperatorImage, "operator-image", os.Getenv("OPERATOR_IMAGE"), "image of this program, for the pods that it makes (environment: OPERATOR_IMAGE)")
	flags.StringVar(&f.settings.Registry.Repository, "registry", "", "where built images go, without tag; the namespace of the build is added")
	flags.StringVar(&f.settings.Registry.PushSecret, "push-secret", "", "Secret of type kubernetes.io/dockerconfigjson, in the namespace of each build, to push and pull with")
	flags.BoolVar(&f.settings.Registry.Insecure, "insecure-registry", false, "allow plain http and unverified certificates for --registry")
	flags.StringVar(&f.settings.BaseImage, "base-image", "docker.io/library/python:3.12-slim", "image that generated Dockerfiles start from")
	flags.StringVar(&f.settings.BuilderImage, "builder-image", "quay.io/buildah/stable:v1.41.4", "image with buildah")
	flags.BoolVar(&f.settings.BuilderPrivileged, "builder-privileged", false, "run builders as privileged containers, for nodes whose AppArmor or SELinux forbids them to mount in a user namespace")
	flags.StringToStringVar(&f.builderRequests, "builder-requests", map[string]string{"cpu": "250m", "memory": "512Mi"}, "resource requests of a build")
	flags.StringToStringVar(&f.builderLimits, "builder-limits", nil, "resource limits of a build")
	flags.IntVar(&f.settings.MaxBuilds, "max-builds", 10, "most builds at a time; 0 for no limit")
	flags.IntVar(&f.settings.MaxBuildsPerNamespace, "max-builds-per-namespace", 5, "most builds at a time in one namespace; 0 for no limit")
	flags.StringVar(&f.runAsUser, "run-as-user", runAsAuto, "numeric user of notebook pods; auto is 65532, and the platform's choice on OpenShift")
	limits := source.ResolveLimits()
	flags.Int64Var(&f.sourceLimits.Bytes, "max-source-bytes", limits.Bytes, "most bytes that resolving a ref may transfer")
	flags.DurationVar(&f.sourceLimits.Timeout, "source-timeout", limits.Timeout, "longest time that resolving a ref may take")
	flags.BoolVar(&f.leaderElect, "leader-elect", false, "reconcile only while holding a lease, so that there can be more than one replica")
	flags.StringVar(&f.probeAddress, "health-probe-bind-address", ":8081", "address of /healthz and /readyz")
}

func (f *managerFlags) run(ctx context.Context) error {
	ctrl.SetLogger(zap.New())
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("no cluster to work on: %w", err)
	}
	config.QPS = -1 // the API server's own fairness is the limit
	if err := f.complete(config); err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                        controllers.Scheme(),
		Cache:                         controllers.CacheOptions(),
		Metrics:                       metricsserver.Options{BindAddress: "0"},
		HealthProbeBindAddress:        f.probeAddress,
		LeaderElection:                f.leaderElect,
		LeaderElectionID:              "notebook-validator.mlops.dev",
		LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return fmt.Errorf("start the manager: %w", err)
	}
	if err := f.setup(ctx, mgr, config); err != nil {
		return err
	}
	return mgr.Start(ctx)
}

func (f *managerFlags) setup(ctx context.Context, mgr ctrl.Manager, config *rest.Config) error {
	clientset, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	streams, err := openshift.NewBaseImages(mgr.GetConfig(), mgr.GetHTTPClient())
	if err != nil {
		return err
	}
	err = controllers.Setup(ctx, mgr, controllers.Dependencies{
		Settings:     f.settings,
		Resolver:     &source.Resolver{Limits: f.sourceLimits},
		Images:       registry.Client{},
		ImageStreams: streams,
		Discovery:    clientset.Discovery(),
		Logs:         clientset.CoreV1(),
	})
	if err != nil {
		return err
	}
	return errors.Join(
		mgr.AddHealthzCheck("ping", healthz.Ping),
		mgr.AddReadyzCheck("caches", cachesSynced(mgr)),
	)
}

// complete checks the flags and finds out what they leave to the cluster.
func (f *managerFlags) complete(config *rest.Config) error {
	if f.settings.OperatorImage == "" {
		return errors.New("set --operator-image or OPERATOR_IMAGE: the pods that the operator makes run this program too")
	}
	var err error
	if f.settings.BuilderResources.Requests, err = quantities("builder-requests", f.builderRequests); err != nil {
		return err
	}
	if f.settings.BuilderResources.Limits, err = quantities("builder-limits", f.builderLimits); err != nil {
		return err
	}
	f.settings.RunAsUser, err = runAsUser(f.runAsUser, config)
	return err
}

func quantities(flag string, values map[string]string) (corev1.ResourceList, error) {
	list := corev1.ResourceList{}
	for name, value := range values {
		quantity, err := resource.ParseQuantity(strings.TrimSpace(value))
		if err != nil {
			return nil, fmt.Errorf("--%s: %s=%s: %w", flag, name, value, err)
		}
		list[corev1.ResourceName(name)] = quantity
	}
	return list, nil
}

// runAsUser is the user of notebook pods; nil leaves it to the platform.
func runAsUser(flag string, config *rest.Config) (*int64, error) {
	if flag != runAsAuto {
		user, err := strconv.ParseInt(flag, 10, 64)
		if err != nil || user < 0 {
			return nil, fmt.Errorf("--run-as-user is %q: give a user number, or auto", flag)
		}
		return &user, nil
	}
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	groups, err := client.ServerGroups()
	if err != nil {
		return nil, fmt.Errorf("find out which APIs the cluster has: %w", err)
	}
	for _, group := range groups.Groups {
		if group.Name == openShiftGroup {
			return nil, nil
		}
	}
	user := int64(defaultUser)
	return &user, nil
}

// cachesSynced is ready once the controllers can see the cluster.
func cachesSynced(mgr ctrl.Manager) healthz.Checker {
	return func(req *http.Request) error {
		ctx, cancel := context.WithTimeout(req.Context(), time.Second)
		defer cancel()
		if !mgr.GetCache().WaitForCacheSync(ctx) {
			return errors.New("the caches are not filled yet")
		}
		return nil
	}
}
