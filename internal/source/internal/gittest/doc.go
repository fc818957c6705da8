// Package gittest has repositories and Git servers for tests: what git itself
// serves over http, https, ssh and git.
package gittest
