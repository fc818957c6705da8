// Package checks holds what this operator promises about its bundle and that no stock test of scorecard looks at. Each check
// is a function from a bundle to a result in scorecard's form; the image in the folder above runs one of them by name, and
// go test runs them on the bundle of this repository.
//
// A check fails with one error for each thing that is wrong. Its state is "error" where it could not be made at all, as
// when the bundle cannot be read or the cluster does not answer.
package checks
