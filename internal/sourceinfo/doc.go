// Package sourceinfo is the note that the fetch container leaves for the
// report container: which repository, which commit and which notebook were
// brought into the pod.
//
// It lies in the meta volume, which the execute container does not mount, so
// the notebook that is being validated can neither read nor change it.
package sourceinfo
