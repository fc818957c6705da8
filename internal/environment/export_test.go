package environment

// Copied are the files that a generated Dockerfile copies.
func Copied(e Environment) []string { return e.copied() }

// Hashed tells whether pip checks the hashes of all that it installs.
func Hashed(e Environment) bool { return e.included.hashed }

// WorkDir is the directory that pip is started in.
func WorkDir(e Environment) string { return e.included.workDir }

// ContextSources are what a Dockerfile takes from its context.
var ContextSources = contextSources

// LineText is a line as it is shown.
var LineText = lineText

// CanHold tells whether a marker may be true in a build.
var CanHold = canHold

// Shown is a name as a sentence has it.
var Shown = shown
