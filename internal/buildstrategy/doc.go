// Package buildstrategy is what the build controller knows about build systems: which object to create for a build and
// what that object's status means. A strategy is pure; it creates and reads nothing itself, so that one controller does
// the getting, creating and deleting for all of them.
package buildstrategy
