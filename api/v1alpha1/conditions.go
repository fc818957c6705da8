package v1alpha1

// Condition types of a NotebookValidationJob. Unknown means not decided yet, True means done well, False is final for
// the generation that observedGeneration names.
const (
	// ConditionBuildReady is the gate: True means that an image is there to run the notebook in. Written by the
	// aggregate controller.
	ConditionBuildReady = "BuildReady"
	// ConditionValidated says whether the notebook passed. Written by the validation controller.
	ConditionValidated = "Validated"
	// ConditionSucceeded sums up the job; it serves kubectl wait. Written by the aggregate controller on a job, by the
	// build controller on a NotebookBuild.
	ConditionSucceeded = "Succeeded"
)

// Condition types of a NotebookBuild beside Succeeded. Written by the build controller.
const (
	// ConditionSourceResolved says whether the ref was resolved to a commit.
	ConditionSourceResolved = "SourceResolved"
	// ConditionEnvironmentResolved says whether it is known what to install.
	ConditionEnvironmentResolved = "EnvironmentResolved"
	// ConditionDependencyConflict is True where the repository has both a requirements file and a Dockerfile for the
	// notebook, so that one of them is not used. Written by the build controller on a NotebookBuild, by the aggregate
	// controller on a job.
	ConditionDependencyConflict = "DependencyConflict"
)

// Reasons of DependencyConflict.
const (
	// ReasonRequirementsUsed is set when both were found and the requirements file is used.
	ReasonRequirementsUsed = "RequirementsUsed"
	// ReasonDockerfileUsed is set when both were found and the Dockerfile is used, as preferDockerfile asks.
	ReasonDockerfileUsed = "DockerfileUsed"
	// ReasonNoConflict is set when at most one of them was found.
	ReasonNoConflict = "NoConflict"
)

// Reasons of BuildReady.
const (
	// ReasonBuildPending is set when the NotebookBuild has not been created or has not begun.
	ReasonBuildPending = "BuildPending"
	// ReasonBuilding is set when the build is under way.
	ReasonBuilding = "Building"
	// ReasonBuildSucceeded is set when the image was built and has a digest.
	ReasonBuildSucceeded = "BuildSucceeded"
	// ReasonBuildReused is set when the image was taken from another build of the same environment.
	ReasonBuildReused = "BuildReused"
	// ReasonBuildNotRequired is set when no build is enabled; the notebook runs in podConfig.containerImage.
	ReasonBuildNotRequired = "BuildNotRequired"
	// ReasonBuildFailed is set when the image could not be built; the message says why.
	ReasonBuildFailed = "BuildFailed"
)

// Reasons of Validated and Succeeded while nothing is decided.
const (
	// ReasonWaitingForBuild is set when the gate BuildReady is not open yet.
	ReasonWaitingForBuild = "WaitingForBuild"
	// ReasonRunPending is set when the run was created and its pod does not execute the notebook yet.
	ReasonRunPending = "RunPending"
	// ReasonRunning is set when the notebook is being executed.
	ReasonRunning = "Running"
)

// Reasons of a NotebookBuild while nothing is decided.
const (
	// ReasonResolving is set when the ref is being resolved to a commit.
	ReasonResolving = "Resolving"
	// ReasonResolved is set when the commit, or the environment, is known.
	ReasonResolved = "Resolved"
	// ReasonBaseImageUsed is set on EnvironmentResolved when the repository names nothing to install, and the bare base
	// image is used.
	ReasonBaseImageUsed = "BaseImageUsed"
	// ReasonWaitingForSharedBuild is set when another build of the same environment is under way, and its image is waited for.
	ReasonWaitingForSharedBuild = "WaitingForSharedBuild"
	// ReasonBuildQueued is set when as many builds are under way as the operator allows; the message has the position.
	ReasonBuildQueued = "BuildQueued"
	// ReasonBuildRetrying is set when the work failed for trouble that may pass, and is begun anew after a while.
	ReasonBuildRetrying = "BuildRetrying"
	// ReasonRegistryUnreachable is set when the registry does not answer, or is in trouble; it is tried again.
	ReasonRegistryUnreachable = "RegistryUnreachable"
	// ReasonStrategyUnavailable is set when the named build system is not installed in the cluster.
	ReasonStrategyUnavailable = "StrategyUnavailable"
)

// Reasons of a verdict on the notebook.
const (
	// ReasonPassed is set when every cell ran without an error.
	ReasonPassed = "Passed"
	// ReasonExitedEarly is set when the notebook ended itself with exit code 0 and later cells never ran.
	ReasonExitedEarly = "ExitedEarly"
	// ReasonCellFailed is set when a cell raised an exception.
	ReasonCellFailed = "CellFailed"
	// ReasonNonZeroExit is set when the notebook ended itself with an exit code other than 0.
	ReasonNonZeroExit = "NonZeroExit"
	// ReasonSilentFailure is set when a value of the notebook shows that something failed without an error.
	ReasonSilentFailure = "SilentFailure"
	// ReasonLintFailed is set when the source of the notebook breaks a rule that fails at the level of the job.
	ReasonLintFailed = "LintFailed"
	// ReasonOutputMismatch is set when a cell did not produce what validationConfig.expectedOutputs wants.
	ReasonOutputMismatch = "OutputMismatch"
	// ReasonGoldenMismatch is set when outputs differ from those of the golden notebook, or that cannot be used.
	ReasonGoldenMismatch = "GoldenMismatch"
	// ReasonPolicyViolated is set when the notebook lacks something else that validationConfig or its level demands.
	ReasonPolicyViolated = "PolicyViolated"
	// ReasonTimeout is set when the notebook, one of its cells or its pod did not end within its time.
	ReasonTimeout = "Timeout"
	// ReasonKernelDied is set when the kernel's process ended in the middle of a cell.
	ReasonKernelDied = "KernelDied"
	// ReasonOutOfMemory is set when the memory limit was reached, in the run or in the build.
	ReasonOutOfMemory = "OutOfMemory"
	// ReasonParametersInvalid is set when the notebook does not know a parameter of the job, or cannot be given it.
	ReasonParametersInvalid = "ParametersInvalid"
	// ReasonKernelUnavailable is set when the image has no kernel for this notebook, or the kernel does not start.
	ReasonKernelUnavailable = "KernelUnavailable"
	// ReasonInvalidNotebook is set when the file is not a notebook that can be read.
	ReasonInvalidNotebook = "InvalidNotebook"
	// ReasonNoCodeCells is set when the notebook has no code to run, so that there is nothing to prove.
	ReasonNoCodeCells = "NoCodeCells"
	// ReasonRunnerMissing is set when the image lacks python3, nbclient or nbformat.
	ReasonRunnerMissing = "RunnerMissing"
)

// Reasons of a run that ended without a verdict on the notebook. They count as failures.
const (
	// ReasonReportInvalid is set when the report of the run is missing, cut off or not consistent.
	ReasonReportInvalid = "ReportInvalid"
	// ReasonImagePullFailed is set when the image of the run could not be pulled.
	ReasonImagePullFailed = "ImagePullFailed"
	// ReasonPodRejected is set when the cluster refuses the pod of the run.
	ReasonPodRejected = "PodRejected"
	// ReasonPodConfigInvalid is set when the API server refuses the run that podConfig asks for.
	ReasonPodConfigInvalid = "PodConfigInvalid"
	// ReasonValidationConfigInvalid is set when validationConfig, comparisonConfig or parameters cannot be used as they are.
	ReasonValidationConfigInvalid = "ValidationConfigInvalid"
	// ReasonRunFailed is set when the pod of the run failed and tries are used up.
	ReasonRunFailed = "RunFailed"
)

// Reasons of the source: on SourceResolved of a build, and on Validated where there is no build.
const (
	// ReasonInvalidSource is set when the URL, the ref or the tree cannot be used.
	ReasonInvalidSource = "InvalidSource"
	// ReasonRefNotFound is set when the repository has no such branch, tag or commit, or more than one.
	ReasonRefNotFound = "RefNotFound"
	// ReasonAuthenticationFailed is set when the Git server refuses the credentials, or wants some.
	ReasonAuthenticationFailed = "AuthenticationFailed"
	// ReasonCredentialsInvalid is set when the Secret is missing or lacks the keys that the URL needs.
	ReasonCredentialsInvalid = "CredentialsInvalid"
	// ReasonHostKeyUnverified is set when the Secret has no known_hosts entry for the ssh server.
	ReasonHostKeyUnverified = "HostKeyUnverified"
	// ReasonHostKeyMismatch is set when the ssh server shows another key than known_hosts says.
	ReasonHostKeyMismatch = "HostKeyMismatch"
	// ReasonCertificateUntrusted is set when the server's certificate is not signed by a known authority.
	ReasonCertificateUntrusted = "CertificateUntrusted"
	// ReasonSourceUnreachable is set when the Git server does not answer; it is tried again.
	ReasonSourceUnreachable = "SourceUnreachable"
	// ReasonRepositoryNotFound is set when the server has no such repository, or hides it.
	ReasonRepositoryNotFound = "RepositoryNotFound"
	// ReasonRepositoryTooLarge is set when a bound on bytes, files or depth is passed.
	ReasonRepositoryTooLarge = "RepositoryTooLarge"
	// ReasonNotebookNotFound is set when the commit has no such notebook.
	ReasonNotebookNotFound = "NotebookNotFound"
)

// Reasons of the environment and the build.
const (
	// ReasonRequirementsNotFound is set when requirementsFile, or a file that it includes, is not in the repository.
	ReasonRequirementsNotFound = "RequirementsNotFound"
	// ReasonRequirementsInvalid is set when a requirements file cannot be read.
	ReasonRequirementsInvalid = "RequirementsInvalid"
	// ReasonDockerfileNotFound is set when the Dockerfile that the build asks for is not in the repository.
	ReasonDockerfileNotFound = "DockerfileNotFound"
	// ReasonDockerfileInvalid is set when the repository's Dockerfile cannot be read, or is a link that the build cannot follow.
	ReasonDockerfileInvalid = "DockerfileInvalid"
	// ReasonBaseImageInvalid is set when the base image is missing or is not an image reference.
	ReasonBaseImageInvalid = "BaseImageInvalid"
	// ReasonBuildConfigInvalid is set when the cluster or the build system cannot do what buildConfig asks for.
	ReasonBuildConfigInvalid = "BuildConfigInvalid"
	// ReasonBuildCancelled is set when somebody cancelled the work in the build system, or deleted it again and again.
	ReasonBuildCancelled = "BuildCancelled"
	// ReasonRegistryNotConfigured is set when neither the build nor the operator says where images go.
	ReasonRegistryNotConfigured = "RegistryNotConfigured"
	// ReasonBuilderFailed is set when what builds broke down, rather than a step of the Dockerfile.
	ReasonBuilderFailed = "BuilderFailed"
	// ReasonBuilderForbidden is set when the namespace does not allow the builder's pod.
	ReasonBuilderForbidden = "BuilderForbidden"
	// ReasonBuilderWaiting is set while the builder's pod cannot be created, as when a quota is used up.
	ReasonBuilderWaiting = "BuilderWaiting"
	// ReasonBuildEvicted is set when the node puts the builder's pod out, as when its disk is full.
	ReasonBuildEvicted = "BuildEvicted"
	// ReasonBuilderImagePullFailed is set when the builder's own image cannot be pulled.
	ReasonBuilderImagePullFailed = "BuilderImagePullFailed"
	// ReasonBaseImagePullFailed is set when the base image cannot be pulled.
	ReasonBaseImagePullFailed = "BaseImagePullFailed"
	// ReasonPushFailed is set when the registry does not take the image.
	ReasonPushFailed = "PushFailed"
	// ReasonBuildTimeout is set when the build did not end within its timeout.
	ReasonBuildTimeout = "BuildTimeout"
	// ReasonBuildResultInvalid is set when a build ended well without an image digest that can be read.
	ReasonBuildResultInvalid = "BuildResultInvalid"
	// ReasonSourceUnavailable is set when the builder's pod could not fetch the commit.
	ReasonSourceUnavailable = "SourceUnavailable"
)
