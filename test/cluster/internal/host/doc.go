// Package host is what the test cluster does to the machine it runs on, and how each of it is undone: kernel settings,
// interfaces, routes, packet filter, cgroups, mounts and processes.
//
// Every undoing works from what the machine shows rather than from what was remembered, so that it also works after a
// crash; only the former values of kernel settings have to be remembered.
package host
