package olm

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	operatorsv1 "github.com/operator-framework/api/pkg/operators/v1"
	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/test/kit"
)

const (
	packageName = "notebook-validator-operator"
	// catalogNamespace is OLM's own: its catalogs serve every namespace.
	catalogNamespace = "operator-lifecycle-manager"
	catalogName      = "notebook-validator"
	// patience is how long one step of OLM may take: many times what a quiet machine needs.
	patience = 10 * time.Minute
	// forgottenAfter is when an install plan without a status is taken for one that OLM never gives one.
	forgottenAfter = 20 * time.Second
)

// installation is a subscription in a namespace of its own.
type installation struct {
	t         *testing.T
	namespace string
}

// wish says what to subscribe to.
type wish struct {
	// targets are the watched namespaces; none means all. own adds the installation's namespace.
	targets []string
	own     bool
	channel string
	// starting is the first version; the channel's head when empty.
	starting string
	approval operatorsv1alpha1.Approval
	upgrade  operatorsv1.UpgradeStrategy
	// variables has the settings stand in the Subscription, instead of the ConfigMap that every version reads.
	variables bool
}

// subscribe makes a namespace with an OperatorGroup and a Subscription in it. All of it goes at the end of the test.
func subscribe(t *testing.T, w wish) *installation {
	t.Helper()
	i := &installation{t: t, namespace: "nbv-olm-" + suffix(t)}
	require.NoError(t, cluster.Namespace(t.Context(), i.namespace, kit.Restricted))
	t.Cleanup(i.close)
	targets := w.targets
	if w.own {
		targets = append(targets, i.namespace)
	}
	i.create(&operatorsv1.OperatorGroup{
		ObjectMeta: i.named("group"),
		Spec:       operatorsv1.OperatorGroupSpec{TargetNamespaces: targets, UpgradeStrategy: w.upgrade},
	})
	if !w.variables {
		i.create(settingsIn(i.namespace))
	}
	i.subscribe(w)
	return i
}

func (i *installation) subscribe(w wish) {
	if w.channel == "" {
		w.channel = "stable"
	}
	if w.approval == "" {
		w.approval = operatorsv1alpha1.ApprovalAutomatic
	}
	spec := &operatorsv1alpha1.SubscriptionSpec{
		CatalogSource: catalogName, CatalogSourceNamespace: catalogNamespace, Package: packageName,
		Channel: w.channel, StartingCSV: w.starting, InstallPlanApproval: w.approval,
	}
	if w.variables {
		spec.Config = &operatorsv1alpha1.SubscriptionConfig{}
		for name, value := range settings() {
			spec.Config.Env = append(spec.Config.Env, corev1.EnvVar{Name: name, Value: value})
		}
	}
	i.create(&operatorsv1alpha1.Subscription{ObjectMeta: i.named(packageName), Spec: spec})
}

// settings are what this cluster's operator has to know, by their variables.
func settings() map[string]string {
	all := map[string]string{}
	for _, argument := range cluster.Arguments() {
		flag, value, _ := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
		all["NOTEBOOK_VALIDATOR_"+strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))] = value
	}
	return all
}

// settingsIn is the ConfigMap that the operator in a namespace reads.
func settingsIn(namespace string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "notebook-validator-settings"},
		Data:       settings(),
	}
}

func (i *installation) named(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: i.namespace, Name: name}
}

func (i *installation) create(object client.Object) {
	i.t.Helper()
	require.NoError(i.t, cluster.Client.Create(i.t.Context(), object))
}

// awaitVersion waits until the version is installed, which is when OLM says that the operator is available.
func (i *installation) awaitVersion(version string) {
	i.t.Helper()
	i.await("version "+version, func(ctx context.Context) (string, bool, error) {
		csv, err := i.csv(ctx, version)
		if apierrors.IsNotFound(err) {
			return "there is no ClusterServiceVersion", false, nil
		}
		return string(csv.Status.Phase) + ": " + csv.Status.Message, csv.Status.Phase == operatorsv1alpha1.CSVPhaseSucceeded, err
	})
}

// awaitVariables waits until every replica has the Subscription's variables: OLM may start some without, and replace them.
func (i *installation) awaitVariables() {
	i.t.Helper()
	i.await("the Subscription's variables", func(ctx context.Context) (string, bool, error) {
		deployment := &appsv1.Deployment{ObjectMeta: i.named(kit.OperatorDeployment)}
		if err := cluster.Client.Get(ctx, client.ObjectKeyFromObject(deployment), deployment); err != nil {
			return "there is no Deployment", false, client.IgnoreNotFound(err)
		}
		given := 0
		for _, variable := range deployment.Spec.Template.Spec.Containers[0].Env {
			if settings()[variable.Name] == variable.Value && variable.Value != "" {
				given++
			}
		}
		state := deployment.Status
		rolledOut := state.ObservedGeneration == deployment.Generation && state.Replicas == ptr.Deref(deployment.Spec.Replicas, 1) &&
			state.UpdatedReplicas == state.Replicas && state.AvailableReplicas == state.Replicas
		return fmt.Sprintf("%d variables, %+v", given, state), given == len(settings()) && rolledOut, nil
	})
}

func csvName(version string) string { return packageName + ".v" + version }

func (i *installation) csv(ctx context.Context, version string) (*operatorsv1alpha1.ClusterServiceVersion, error) {
	csv := &operatorsv1alpha1.ClusterServiceVersion{}
	return csv, cluster.Client.Get(ctx, client.ObjectKey{Namespace: i.namespace, Name: csvName(version)}, csv)
}

// awaitPlan waits for the install plan that the subscription names to wait for approval, and returns it. One that is approved
// before OLM has written its status never gets a status.
func (i *installation) awaitPlan(version string) *operatorsv1alpha1.InstallPlan {
	i.t.Helper()
	plan := &operatorsv1alpha1.InstallPlan{}
	i.await("an install plan for version "+version, func(ctx context.Context) (string, bool, error) {
		subscription := &operatorsv1alpha1.Subscription{ObjectMeta: i.named(packageName)}
		if err := cluster.Client.Get(ctx, client.ObjectKeyFromObject(subscription), subscription); err != nil {
			return "", false, err
		}
		ref := subscription.Status.InstallPlanRef
		if ref == nil {
			return "the subscription names no plan", false, nil
		}
		if err := cluster.Client.Get(ctx, client.ObjectKey{Namespace: ref.Namespace, Name: ref.Name}, plan); err != nil {
			return "", false, client.IgnoreNotFound(err)
		}
		waits := plan.Status.Phase == operatorsv1alpha1.InstallPlanPhaseRequiresApproval && !plan.Spec.Approved
		seen := fmt.Sprintf("%s is for %v: %s", plan.Name, plan.Spec.ClusterServiceVersionNames, plan.Status.Phase)
		return seen, waits && slices.Contains(plan.Spec.ClusterServiceVersionNames, csvName(version)), nil
	})
	return plan
}

func (i *installation) approve(version string) {
	i.t.Helper()
	plan := i.awaitPlan(version)
	patch := client.MergeFrom(plan.DeepCopy())
	plan.Spec.Approved = true
	require.NoError(i.t, cluster.Client.Patch(i.t.Context(), plan, patch))
}

// await asks until it is so, and tells what was seen last when it never is.
func (i *installation) await(what string, so func(context.Context) (string, bool, error)) {
	i.t.Helper()
	var last string
	var subscription stillness
	err := wait.PollUntilContextTimeout(i.t.Context(), time.Second/2, patience, true, func(ctx context.Context) (bool, error) {
		seen, done, err := so(ctx)
		if err != nil || done {
			return done, err
		}
		last = seen
		return false, errors.Join(i.dropForgottenPlans(ctx), i.resolveAgain(ctx, &subscription))
	})
	if err != nil {
		require.NoError(i.t, fmt.Errorf("wait for %s (%s): %w\n%s", what, last, err, i.describe()))
	}
}

// dropForgottenPlans deletes install plans that OLM has forgotten, as docs/olm.md tells people to: OLM creates a plan before it
// writes its status, and gives up on one that was changed in between, be it by OLM's own labels. It makes another for one that is
// deleted (operator-lifecycle-manager, issue 2795).
func (i *installation) dropForgottenPlans(ctx context.Context) error {
	plans := &operatorsv1alpha1.InstallPlanList{}
	if err := cluster.Client.List(ctx, plans, client.InNamespace(i.namespace)); err != nil {
		return err
	}
	for _, plan := range plans.Items {
		if plan.Status.Phase != "" || time.Since(plan.CreationTimestamp.Time) < forgottenAfter {
			continue
		}
		i.t.Logf("OLM has forgotten the install plan %s: it is deleted", plan.Name)
		if err := cluster.Client.Delete(ctx, &plan); client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

// unsubscribe takes the operator away as a user does: the subscription, and the version that it installed.
func (i *installation) unsubscribe(ctx context.Context) error {
	err := cluster.DeleteAndWait(ctx, &operatorsv1alpha1.Subscription{ObjectMeta: i.named(packageName)})
	csvs := &operatorsv1alpha1.ClusterServiceVersionList{}
	if err := cluster.Client.List(ctx, csvs, client.InNamespace(i.namespace)); err != nil {
		return err
	}
	for _, csv := range csvs.Items {
		err = errors.Join(err, cluster.DeleteAndWait(ctx, &csv))
	}
	return err
}

// close takes everything of the installation away, and tells what was there if the test failed.
func (i *installation) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if i.t.Failed() {
		i.t.Log(i.describe())
	}
	require.NoError(i.t, i.unsubscribe(ctx))
	require.NoError(i.t, cluster.DeleteAndWait(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: i.namespace}}))
}

// describe tells what OLM says about the installation.
func (i *installation) describe() string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	namespace := "--namespace=" + i.namespace
	plans := "--output=custom-columns=PLAN:.metadata.name,GENERATION:.spec.generation,APPROVED:.spec.approved," +
		"PHASE:.status.phase,MESSAGE:.status.message,CONDITIONS:.status.conditions[*].message"
	return strings.Join([]string{
		cluster.Describe(ctx, i.namespace),
		"--- OLM", cluster.DescribePods(ctx, catalogNamespace),
		"--- the installation",
		told(ctx, "get", namespace, "--output=wide", "subscriptions.operators.coreos.com,clusterserviceversions,operatorgroups,deployments,jobs,pods"),
		told(ctx, "get", namespace, plans, "installplans.operators.coreos.com"),
	}, "\n")
}

// told is what kubectl says, or why it says nothing.
func told(ctx context.Context, arguments ...string) string {
	text, err := cluster.Kubectl(ctx, arguments...)
	if err != nil {
		return err.Error()
	}
	return text
}

func suffix(t *testing.T) string {
	t.Helper()
	random := make([]byte, 4)
	_, err := rand.Read(random)
	require.NoError(t, err)
	return hex.EncodeToString(random)
}
