// Package gitserver serves bare repositories for reading over http, https, ssh and the git protocol, the way the large
// hosts do: any reachable commit may be asked for, and partial clones work, except below a folder named "nofilter".
package gitserver
