// Package openshift builds images with OpenShift Builds, and reads image streams.
//
// The child is a Build of the Docker strategy, made without a BuildConfig: a BuildConfig's trigger would race with the
// build that is asked for, its builds wait for one another, and it deletes old ones. The Dockerfile is given inline, and
// OpenShift writes it over the file Dockerfile of the context after it has cloned the repository.
//
// OpenShift clones by itself, with the Secret that the build names. It takes username and password, ssh-privatekey and
// ca.crt from it, and checks the host key of an ssh server where the Secret has known_hosts. A token is best given as the
// password: the key token alone is sent with the user name builder, which not every server takes.
package openshift
