// Package source is everything that speaks Git: it resolves a ref to a commit
// with the commit's small files (Resolver), and brings the whole tree of a
// commit to disk (Checkout), over https, http, ssh and git.
//
// It never runs a git program and never clones. One upload-pack request asks
// for one commit at depth one, without blobs of 64 KiB or more where the server
// can leave them out. Repository and server are strangers: bytes, files,
// depth, inflated sizes and seconds are bounded, every path is checked before
// it is used, and a panic while reading what they sent becomes an error.
//
// Every failure is an *Error with one Reason and a sentence for the user. No
// credential is ever part of it.
package source
