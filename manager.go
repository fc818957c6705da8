package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"mlops.dev/notebook-validator-operator/controllers"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/openshift"
	"mlops.dev/notebook-validator-operator/internal/leadership"
	"mlops.dev/notebook-validator-operator/internal/metrics"
	"mlops.dev/notebook-validator-operator/internal/registry"
	"mlops.dev/notebook-validator-operator/internal/source"
)

const (
	// endTime is more than enough for a manager that does not work yet.
	endTime = 3 * time.Second
	// leaseName is named by config/rbac too.
	leaseName = "notebook-validator.mlops.dev"
	// ownNamespaceFile tells a pod which namespace it is in.
	ownNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
)

func managerCommand() *cobra.Command {
	f := newManagerFlags()
	cmd := &cobra.Command{
		Use:   "manager",
		Short: "Run the operator",
		Long: "Run the operator. Every flag can be given by an environment variable too, which has the flag's name in capitals: " +
			f.variables.Name("max-builds") + " for --max-builds. A flag that is given as an argument wins.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.variables.Apply(cmd.Flags()); err != nil {
				return err
			}
			return f.run(cmd.Context())
		},
	}
	f.bind(cmd.Flags())
	return cmd
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
	lock, err := f.lock(config)
	if err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(config, f.options(lock))
	if err != nil {
		return fmt.Errorf("start the manager: %w", err)
	}
	if lock != nil {
		lock.TellTo(mgr.GetEventRecorder("notebook-validator-leader-election"))
	}
	if err := f.setup(ctx, mgr, config); err != nil {
		return err
	}
	ready := leadership.Readiness{Synced: mgr.GetCache().WaitForCacheSync, Elected: mgr.Elected(), Lock: lock}
	if err := errors.Join(mgr.AddHealthzCheck("ping", healthz.Ping), mgr.AddReadyzCheck("reconciling", ready.Check)); err != nil {
		return err
	}
	return start(ctx, mgr)
}

// start runs the manager until the context ends. One whose caches are not filled yet, as without the right to list, would
// never notice that end, so it is not waited for: it has not begun to work.
func start(ctx context.Context, mgr ctrl.Manager) error {
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	select {
	case <-mgr.Elected():
		return <-ended
	case err := <-ended:
		return err
	case <-time.After(endTime):
		return errors.New("told to end before the caches were filled")
	}
}

// lock is the lease that the replicas contend for, nil without leader election.
func (f *managerFlags) lock(config *rest.Config) (*leadership.Lock, error) {
	if !f.leaderElect {
		return nil, nil
	}
	if f.leaseNamespace == "" {
		own, err := os.ReadFile(ownNamespaceFile)
		if err != nil {
			return nil, fmt.Errorf("set --leader-elect-namespace, for this is no pod of a cluster: %w", err)
		}
		f.leaseNamespace = strings.TrimSpace(string(own))
	}
	return leadership.NewLock(config, f.leaseNamespace, leaseName)
}

func (f *managerFlags) options(lock *leadership.Lock) ctrl.Options {
	options := ctrl.Options{
		Scheme: controllers.Scheme(),
		Cache:  controllers.CacheOptions(f.namespaces...),
		Metrics: metricsserver.Options{
			BindAddress: f.metricsAddress, SecureServing: true, CertDir: f.metricsCertDir,
			FilterProvider: filters.WithAuthenticationAndAuthorization,
			// One answer to one question has no use for the streams of HTTP/2, by which a client can keep a server busy.
			TLSOpts: []func(*tls.Config){func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }},
		},
		HealthProbeBindAddress:        f.probeAddress,
		LeaderElection:                f.leaderElect,
		LeaderElectionID:              leaseName, // names it in the metrics
		LeaderElectionReleaseOnCancel: true,
		// A standby fills its caches, so that it is at work as soon as it leads, and its readiness speaks of them.
		Controller: config.Controller{EnableWarmup: ptr.To(true)},
	}
	if lock != nil { // a nil pointer in the interface would not be nil
		options.LeaderElectionResourceLockInterface = lock
	}
	return options
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
	return controllers.Setup(ctx, mgr, controllers.Dependencies{
		Settings:     f.settings,
		Resolver:     &source.Resolver{Limits: f.sourceLimits},
		Images:       registry.Client{},
		ImageStreams: streams,
		Discovery:    clientset.Discovery(),
		Logs:         clientset.CoreV1(),
		Metrics:      metrics.NewJobs(ctrlmetrics.Registry),
	})
}
