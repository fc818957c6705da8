// Package bundle has the tests of what is released: the bundle of the current version, the frozen ones of the versions
// before it, and the way from one to the next. They read what is in the repository; `make verify` holds that it is what
// the generators write.
package bundle
