// Package pki makes every certificate, key and password of the test cluster, once for each state directory.
package pki
