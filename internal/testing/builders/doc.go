// Package builders makes the objects that tests speak of, one method for each thing that matters to a case:
//
//	builders.MakeJob("iris", "team").Build().BuildReady(metav1.ConditionTrue, v1alpha1.ReasonBuildSucceeded).Obj()
//
// Everything that a case does not name has one fixed value, time included, so that the same words give the same object.
package builders
