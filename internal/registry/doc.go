// Package registry asks image registries two things: which digest a reference has now, and whether an image is still
// there. It pulls nothing and pushes nothing.
//
// Who may write a job chooses the registry, and a registry chooses where it redirects and which server gives out its
// tokens. So neither is trusted: a guard sees every request of a call and bounds their number, what they bring and where
// they go, which is never the metadata service of a cloud nor the operator's own pod. Credentials go to the registry
// that they are for and to the token server that it names over a connection of its own, which is how registries work:
// a registry that wanted to give them away could do so itself. They do not follow a redirect.
package registry
