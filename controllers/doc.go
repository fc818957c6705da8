// Package controllers is the contract between the three controllers, and what starts them.
//
// They never call each other and share no memory: owner references and conditions are all they have in common.
//
//	controller  field manager                  creates                           writes, server-side
//	validation  notebook-validator-validation  NotebookBuild, run Job, report    job: Validated; validation, results
//	build       notebook-validator-build       Dockerfile ConfigMap, one child   build: SourceResolved, EnvironmentResolved,
//	                                           of a build system                 DependencyConflict, Succeeded; all of its status
//	aggregate   notebook-validator-aggregator  nothing                           job: BuildReady, DependencyConflict, Succeeded;
//	                                                                             phase, message, buildStatus, environment,
//	                                                                             startTime, completionTime, observedGeneration
//
// The way of the data, one direction only:
//
//	job.spec → validation → NotebookBuild → build → child → build → NotebookBuild.status
//	                                                                        │
//	phase, Succeeded ← aggregate ← Validated ← validation ← BuildReady ← aggregate
//
// BuildReady is the gate. The validation controller creates a run only when BuildReady is True, speaks of the job's
// generation, and brings an image along; there is no timer and no other image.
//
// A condition has one owner for life and is never removed. Unknown means not decided, True done well, False final for its
// generation; a condition of an earlier generation counts as Unknown. DependencyConflict alone decides nothing: where it is
// True it warns. A decision stays for its generation, whatever happens to a child later. A new generation is a new run:
// children whose inputs changed are cancelled, a build whose inputs did not change is kept, and spec.rerun is an input of
// both.
//
// Every name of a child is a function of what it is made from, the job's uid among it, so that a controller which dies at
// any line ends at the same place with exactly one child of each kind, and a job that was deleted and made again never
// sees the image or the verdict of the earlier one.
package controllers
