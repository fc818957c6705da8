// Package olm holds the end-to-end tests of the operator as the Operator Lifecycle Manager installs it: catalog, subscription,
// every install mode, upgrades by ClusterServiceVersion, removal, scorecard. They run one after the other, because the CRDs
// that they install belong to the whole cluster, and only on the harness' own cluster.
package olm
