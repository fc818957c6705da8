// Package status is the only writer of status. Each controller applies, server-side and under its own field manager,
// the complete set of what it owns: leaving an owned field out deletes it. Conditions keep their lastTransitionTime as
// long as their status does not flip, so that an unchanged status is an identical apply, and is not sent at all.
package status
