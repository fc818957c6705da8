package buildstrategy

// Reason says in one word why a build has no image.
type Reason string

const (
	// BuildFailed is set when the environment cannot be built, as when a step of the Dockerfile fails: whoever builds the same
	// fails at the same.
	BuildFailed Reason = "BuildFailed"
	// BuilderFailed is set when what builds broke down without telling anything about the environment.
	BuilderFailed Reason = "BuilderFailed"
	// BuildResultInvalid is set when a build ended well without an image digest that can be read.
	BuildResultInvalid Reason = "BuildResultInvalid"
	// BuildTimeout is set when the build takes longer than its timeout.
	BuildTimeout Reason = "BuildTimeout"
	// BuilderForbidden is set when the namespace does not admit the builder's pod.
	BuilderForbidden Reason = "BuilderForbidden"
	// BuilderWaiting is set while the builder's pod cannot be created, for instance because a quota is used up.
	BuilderWaiting Reason = "BuilderWaiting"
	// BuilderImagePullFailed is set when the image of the builder or of the operator cannot be pulled.
	BuilderImagePullFailed Reason = "BuilderImagePullFailed"
	// OutOfMemory is set when the build is killed for using more memory than its limit.
	OutOfMemory Reason = "OutOfMemory"
	// BuildEvicted is set when the node evicts the build and does not count it as a disruption, as for full storage.
	BuildEvicted Reason = "BuildEvicted"
	// PushFailed is set when the registry does not take the built image.
	PushFailed Reason = "PushFailed"
	// BaseImagePullFailed is set when the image that the Dockerfile starts from cannot be pulled.
	BaseImagePullFailed Reason = "BaseImagePullFailed"
	// SourceUnavailable is set when the source cannot be fetched and the fetch gave no reason of its own.
	SourceUnavailable Reason = "SourceUnavailable"
	// StrategyUnavailable is set when the cluster does not offer the strategy that was asked for.
	StrategyUnavailable Reason = "StrategyUnavailable"
	// BuildCancelled is set when somebody cancelled the work in the build system.
	BuildCancelled Reason = "BuildCancelled"
)
