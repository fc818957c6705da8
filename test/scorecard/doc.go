// Package scorecard runs scorecard's configuration of a bundle on a cluster in the way that `operator-sdk scorecard
// --pod-security restricted` does, for tests on machines that cannot have that program: a ConfigMap with the packed bundle,
// a pod for each test whose init container unpacks it to /bundle, stages one after the other, results read from the logs.
//
// It is stricter in one point: a test that prints no result has failed.
package scorecard
