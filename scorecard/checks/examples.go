package checks

import (
	"context"
	"fmt"
	"time"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Cluster is where examples are tried out.
type Cluster struct {
	Client    client.Client
	Namespace string
	// Timeout is for all examples together to succeed.
	Timeout time.Duration
}

// ExamplesSchema checks that every example is what the definitions of the bundle allow, its status included, and that the
// API server would take it: a dry run, in which fields that it does not know are errors.
func ExamplesSchema(ctx context.Context, b *Bundle, cluster Cluster) v1alpha3.TestResult {
	problems := append(exampleKinds(b), shapeProblems(b)...)
	for _, example := range b.Examples {
		if !crdOf(b, example.GroupVersionKind()).exists() {
			continue // told of above
		}
		trial := example.DeepCopy()
		trial.SetNamespace(cluster.Namespace)
		err := cluster.Client.Create(ctx, trial, client.DryRunAll, client.FieldValidation(metav1.FieldValidationStrict))
		switch {
		case err == nil, apierrors.IsAlreadyExists(err): // the name is compared last, when all else is found to be right
		case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
			problems = append(problems, fmt.Sprintf("%s: the API server refuses it: %v", title(example), err))
		default:
			return broken(NameExamplesSchema, fmt.Errorf("%s: dry run: %w", title(example), err))
		}
	}
	return verdict(NameExamplesSchema, problems, "Correct the samples that alm-examples is made from, and make the bundle anew.")
}

// exampleKinds holds that each owned kind has an example, and that there is no example of anything else.
func exampleKinds(b *Bundle) []string {
	var problems []string
	shown := map[schema.GroupKind]bool{}
	for _, example := range b.Examples {
		kind := example.GroupVersionKind()
		shown[kind.GroupKind()] = true
		if !crdOf(b, kind).exists() {
			problems = append(problems, fmt.Sprintf("%s: the bundle does not define %s", title(example), kind))
		}
	}
	for _, crd := range b.CRDs {
		if !shown[schema.GroupKind{Group: crd.Spec.Group, Kind: crd.Spec.Names.Kind}] {
			problems = append(problems, fmt.Sprintf("there is no example of %s", crd.Spec.Names.Kind))
		}
	}
	if len(b.Examples) == 0 {
		problems = append(problems, "the CSV has no examples")
	}
	return problems
}

// fresh is an example as a user creates it: without status, under a name that meets no object which is there already.
func fresh(example unstructured.Unstructured, namespace, suffix string) *unstructured.Unstructured {
	object := example.DeepCopy()
	unstructured.RemoveNestedField(object.Object, "status")
	object.SetNamespace(namespace)
	const longest = 40 // so that names made from it stay readable
	name := object.GetName()
	object.SetName(name[:min(len(name), longest)] + "-" + suffix)
	return object
}
