package checks

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

const (
	// pollInterval is short beside the minutes that an example takes. Reading one object again and again needs no right to
	// list or watch what others have in the namespace.
	pollInterval = time.Second
	// cleanupTime is for objects to be gone whose pods may take their grace period.
	cleanupTime = 2 * time.Minute
	managedBy   = "app.kubernetes.io/managed-by"
	program     = "notebook-validator-scorecard"
)

// ExamplesSucceed creates every example and waits until the operator, which must be running, has it Succeeded. What it
// created it deletes, whatever happens.
func ExamplesSucceed(ctx context.Context, b *Bundle, cluster Cluster) v1alpha3.TestResult {
	if len(b.Examples) == 0 {
		return verdict(NameExamplesSucceed, []string{"the CSV has no examples"})
	}
	bounded, cancel := context.WithTimeout(ctx, cluster.Timeout)
	defer cancel()
	var objects []*unstructured.Unstructured
	var problems, log []string
	suffix := rand.String(5)
	for _, example := range b.Examples {
		object := fresh(example, cluster.Namespace, suffix)
		object.SetLabels(merged(object.GetLabels(), managedBy, program))
		if err := cluster.Client.Create(bounded, object); err != nil {
			problems = append(problems, fmt.Sprintf("%s: create it: %v", title(example), err))
			continue
		}
		objects = append(objects, object)
	}
	for _, object := range objects {
		begun := time.Now()
		if problem := awaitSucceeded(bounded, cluster.Client, object); problem != "" {
			problems = append(problems, fmt.Sprintf("%s: %s", title(*object), problem))
		} else {
			log = append(log, fmt.Sprintf("%s succeeded after another %s", title(*object), time.Since(begun).Round(time.Second)))
		}
	}
	problems = append(problems, remove(ctx, cluster, objects)...)
	result := verdict(NameExamplesSucceed, problems,
		"Is the operator running, and does it watch this namespace? Do the Secrets, claims and images that the examples name exist here?")
	result.Log = strings.Join(log, "\n")
	return result
}

func merged(labels map[string]string, key, value string) map[string]string {
	all := map[string]string{key: value}
	for k, v := range labels {
		all[k] = v
	}
	return all
}

// awaitSucceeded returns what is wrong, or nothing once the object's own generation is Succeeded.
func awaitSucceeded(ctx context.Context, c client.Client, object *unstructured.Unstructured) string {
	var last, failed string
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		err := c.Get(ctx, client.ObjectKeyFromObject(object), object)
		if apierrors.IsNotFound(err) {
			return false, fmt.Errorf("somebody deleted it")
		}
		if err != nil {
			last = err.Error() // an API server that starts again is not the end
			return false, nil
		}
		last = describe(*object)
		for _, condition := range conditionsOf(*object) {
			generation, _, _ := unstructured.NestedInt64(condition, "observedGeneration")
			if condition["type"] != v1alpha1.ConditionSucceeded || generation != object.GetGeneration() {
				continue
			}
			switch condition["status"] {
			case string(metav1.ConditionTrue):
				return true, nil
			case string(metav1.ConditionFalse):
				failed = last
				return true, nil
			}
		}
		return false, nil
	})
	switch {
	case failed != "":
		return "it failed: " + failed
	case ctx.Err() != nil:
		return fmt.Sprintf("it did not succeed in time: %s", last)
	case err != nil:
		return err.Error()
	}
	return ""
}

// describe tells the conditions of an object in one line.
func describe(object unstructured.Unstructured) string {
	var all []string
	for _, condition := range conditionsOf(object) {
		all = append(all, fmt.Sprintf("%v=%v %v: %v", condition["type"], condition["status"], condition["reason"], condition["message"]))
	}
	if len(all) == 0 {
		return "it has no conditions, as if no operator had seen it"
	}
	return strings.Join(all, "; ")
}

// remove deletes the objects and waits until they and their children are gone. It takes its own time, because it comes
// when that of the check may be over.
func remove(ctx context.Context, cluster Cluster, objects []*unstructured.Unstructured) []string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	var problems []string
	for _, object := range objects {
		err := cluster.Client.Delete(ctx, object, client.PropagationPolicy(metav1.DeletePropagationForeground))
		if client.IgnoreNotFound(err) != nil {
			problems = append(problems, fmt.Sprintf("%s: delete it: %v", title(*object), err))
		}
	}
	for _, object := range objects {
		err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
			return apierrors.IsNotFound(cluster.Client.Get(ctx, client.ObjectKeyFromObject(object), object)), nil
		})
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s is still there after it was deleted", title(*object)))
		}
	}
	return problems
}
