package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"

	"mlops.dev/notebook-validator-operator/internal/envflags"
	"mlops.dev/notebook-validator-operator/internal/settings"
	"mlops.dev/notebook-validator-operator/internal/source"
)

const (
	runAsAuto = "auto"
	// defaultUser runs notebooks where the platform assigns no user: no image's root, and nobody else's either.
	defaultUser = 65532
	// openShiftGroup is there on clusters that assign the user of a pod themselves.
	openShiftGroup = "security.openshift.io"
	// metricsOff is the address of no metrics.
	metricsOff = "0"
)

// managerFlags are the operator's settings.
type managerFlags struct {
	settings        settings.Settings
	builderRequests map[string]string
	builderLimits   map[string]string
	runAsUser       string
	namespaces      []string
	leaderElect     bool
	leaseNamespace  string
	probeAddress    string
	metricsAddress  string
	metricsCertDir  string
	sourceLimits    source.Limits
	variables       envflags.Variables
}

// newManagerFlags name the variables by which each flag can be given too. OPERATOR_IMAGE and WATCH_NAMESPACE are what
// Deployments of operators use to have.
func newManagerFlags() *managerFlags {
	return &managerFlags{variables: envflags.Variables{
		Prefix: "NOTEBOOK_VALIDATOR",
		Also:   map[string]string{"operator-image": "OPERATOR_IMAGE", "watch-namespaces": "WATCH_NAMESPACE"},
	}}
}

// bind has the flags fill the settings.
func (f *managerFlags) bind(flags *pflag.FlagSet) {
	flags.StringVar(&f.settings.OperatorImage, "operator-image", "", "image of this program, for the pods that it makes (environment: OPERATOR_IMAGE)")
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
	flags.StringSliceVar(&f.namespaces, "watch-namespaces", nil, "namespaces whose jobs and builds are handled, with commas between them; none for all (environment: WATCH_NAMESPACE)")
	flags.BoolVar(&f.leaderElect, "leader-elect", false, "reconcile only while holding a lease, so that there can be more than one replica")
	flags.StringVar(&f.leaseNamespace, "leader-elect-namespace", "", "namespace of the lease; in a cluster it is the operator's own by default")
	flags.StringVar(&f.probeAddress, "health-probe-bind-address", ":8081", "address of /healthz and /readyz")
	flags.StringVar(&f.metricsAddress, "metrics-bind-address", metricsOff, "address of /metrics, by https and with a token alone; 0 for none")
	flags.StringVar(&f.metricsCertDir, "metrics-cert-dir", "", "folder with the tls.crt and tls.key of /metrics, read again when they change; a self-signed certificate without it")
}

// complete checks the flags and finds out what they leave to the cluster.
func (f *managerFlags) complete(config *rest.Config) error {
	if f.settings.OperatorImage == "" {
		return errors.New("set --operator-image or OPERATOR_IMAGE: the pods that the operator makes run this program too")
	}
	var err error
	if f.settings.BuilderResources.Requests, err = f.quantities("builder-requests", f.builderRequests); err != nil {
		return err
	}
	if f.settings.BuilderResources.Limits, err = f.quantities("builder-limits", f.builderLimits); err != nil {
		return err
	}
	if err := f.completeNamespaces(); err != nil {
		return err
	}
	if err := f.checkCertificate(); err != nil {
		return err
	}
	f.settings.RunAsUser, err = f.user(config)
	return err
}

func (f *managerFlags) quantities(flag string, values map[string]string) (corev1.ResourceList, error) {
	list := corev1.ResourceList{}
	for name, value := range values {
		quantity, err := resource.ParseQuantity(strings.TrimSpace(value))
		if err != nil {
			return nil, fmt.Errorf("%s: %s=%s: %w", f.variables.Origin(flag), name, value, err)
		}
		list[corev1.ResourceName(name)] = quantity
	}
	return list, nil
}

// completeNamespaces leaves each namespace once.
func (f *managerFlags) completeNamespaces() error {
	var namespaces []string
	for _, namespace := range f.namespaces {
		namespace = strings.TrimSpace(namespace)
		if namespace == "" {
			continue
		}
		if problems := validation.IsDNS1123Label(namespace); len(problems) > 0 {
			return fmt.Errorf("%s: %q is no namespace: %s", f.variables.Origin("watch-namespaces"), namespace, problems[0])
		}
		namespaces = append(namespaces, namespace)
	}
	slices.Sort(namespaces)
	f.namespaces = slices.Compact(namespaces)
	return nil
}

// checkCertificate holds that a certificate that was asked for is there; without this, a self-signed one would be taken.
func (f *managerFlags) checkCertificate() error {
	if f.metricsCertDir == "" {
		return nil
	}
	for _, name := range []string{"tls.crt", "tls.key"} {
		if _, err := os.Stat(filepath.Join(f.metricsCertDir, name)); err != nil {
			return fmt.Errorf("%s: %w", f.variables.Origin("metrics-cert-dir"), err)
		}
	}
	return nil
}

// user is the user of notebook pods; nil leaves it to the platform.
func (f *managerFlags) user(config *rest.Config) (*int64, error) {
	if f.runAsUser != runAsAuto {
		user, err := strconv.ParseInt(f.runAsUser, 10, 64)
		if err != nil || user < 0 {
			return nil, fmt.Errorf("%s is %q: give a user number, or auto", f.variables.Origin("run-as-user"), f.runAsUser)
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
