package v1alpha1

// GoldenNotebook is the executed notebook that the run is compared with.
type GoldenNotebook struct {
	// git repository and ref that hold the golden notebook. Default: the repository of the notebook, at the very commit
	// that is validated.
	// +optional
	Git *GitSource `json:"git,omitempty"`

	// path of the golden notebook, relative to the repository root.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.endsWith('.ipynb')",message="golden notebook path must end in .ipynb"
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/') && !self.split('/').exists(s, s == '..') && !self.matches('[\\\\x00-\\\\x1f\\\\x7f]')",message="golden notebook path must stay inside the repository: relative to its root, without '..' or control characters"
	Path string `json:"path"`
}

// ComparisonStrategy says how outputs are compared with the golden notebook's.
// +kubebuilder:validation:Enum=exact;normalized;tolerance
type ComparisonStrategy string

// Strategies of a comparison.
const (
	// StrategyExact wants every output, in every form, to be the same byte for byte.
	StrategyExact ComparisonStrategy = "exact"
	// StrategyNormalized forgives what differs from run to run: addresses, times of day, timings, white space.
	StrategyNormalized ComparisonStrategy = "normalized"
	// StrategyTolerance is normalized, and forgives small differences of numbers.
	StrategyTolerance ComparisonStrategy = "tolerance"
)

// ImageComparison says how images are compared.
// +kubebuilder:validation:Enum=presence;exact;ignore
type ImageComparison string

// Ways to compare images.
const (
	// ImagesPresence wants images of the same kinds.
	ImagesPresence ImageComparison = "presence"
	// ImagesExact wants the same bytes.
	ImagesExact ImageComparison = "exact"
	// ImagesIgnore does not look at them.
	ImagesIgnore ImageComparison = "ignore"
)

// ComparisonConfig says what of the golden notebook must come out again.
type ComparisonConfig struct {
	// strategy is exact, normalized or tolerance. Default: tolerance.
	// +optional
	// +default="tolerance"
	Strategy ComparisonStrategy `json:"strategy,omitempty"`

	// floatingPointTolerance is both relativeTolerance and absoluteTolerance, where those are not set, and makes
	// strategy normalized forgive numbers too: "0.0001". From 0 to 1. Default: not set.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^(0|1|[01]?\.[0-9]+|[0-9](\.[0-9]+)?[eE]-[0-9]+)$`
	FloatingPointTolerance string `json:"floatingPointTolerance,omitempty"`

	// relativeTolerance of numbers, as a part of the larger one: "1e-6". From 0 to 1. Default: 1e-6.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^(0|1|[01]?\.[0-9]+|[0-9](\.[0-9]+)?[eE]-[0-9]+)$`
	RelativeTolerance string `json:"relativeTolerance,omitempty"`

	// absoluteTolerance of numbers: "1e-9". Not negative. Default: 1e-9.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?$`
	AbsoluteTolerance string `json:"absoluteTolerance,omitempty"`

	// ignoreTimestamps forgives dates with a time of day; dates alone always count. Not with strategy exact. Default: true.
	// +optional
	// +default=true
	IgnoreTimestamps *bool `json:"ignoreTimestamps,omitempty"`

	// ignoreExecutionCount does not compare the numbers In [n] of the cells. Default: true.
	// +optional
	// +default=true
	IgnoreExecutionCount *bool `json:"ignoreExecutionCount,omitempty"`

	// customTimestampPatterns are regular expressions (RE2) of further times to forgive; they are masks for times, and are
	// not used where ignoreTimestamps is false. At most 32.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=500
	CustomTimestampPatterns []string `json:"customTimestampPatterns,omitempty"`

	// masks are regular expressions (RE2) of text that may differ. At most 32. Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=500
	Masks []string `json:"masks,omitempty"`

	// ignoreOutputTypes are not compared: output types of nbformat (stream, display_data, execute_result, error) or MIME
	// types (text/html, image/png). At most 32. Default: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=100
	IgnoreOutputTypes []string `json:"ignoreOutputTypes,omitempty"`

	// images is presence, exact or ignore. Default: presence, images of the same kinds.
	// +optional
	// +default="presence"
	Images ImageComparison `json:"images,omitempty"`

	// compareStderr compares what cells write to stderr too. Default: false.
	// +optional
	CompareStderr bool `json:"compareStderr,omitempty"`

	// markedOnly compares only cells that are tagged nbval-check-output or hold the comment # NBVAL_CHECK_OUTPUT.
	// Default: false.
	// +optional
	MarkedOnly bool `json:"markedOnly,omitempty"`
}

// ComparisonVerdict is what came of a comparison.
// +kubebuilder:validation:Enum=Matched;Mismatched;Failed
type ComparisonVerdict string

// Verdicts of a comparison.
const (
	// ComparisonMatched is set when every cell that was compared matched.
	ComparisonMatched ComparisonVerdict = "Matched"
	// ComparisonMismatched is set when at least one cell did not.
	ComparisonMismatched ComparisonVerdict = "Mismatched"
	// ComparisonFailed is set when there was nothing to compare with.
	ComparisonFailed ComparisonVerdict = "Failed"
)

// ComparisonResult is what came of the comparison with the golden notebook.
type ComparisonResult struct {
	// strategy that was used.
	// +optional
	Strategy ComparisonStrategy `json:"strategy,omitempty"`
	// result is Matched, Mismatched or Failed.
	// +optional
	Result ComparisonVerdict `json:"result,omitempty"`
	// message says why a comparison failed, or sums the mismatches up.
	// +optional
	Message string `json:"message,omitempty"`
	// goldenCommit is the commit of the golden notebook, 40 hexadecimal digits.
	// +optional
	GoldenCommit string `json:"goldenCommit,omitempty"`
	// totalCells is the number of code cells that were compared.
	// +optional
	TotalCells int32 `json:"totalCells"`
	// matchedCells is how many of them matched.
	// +optional
	MatchedCells int32 `json:"matchedCells"`
	// mismatchedCells is how many did not.
	// +optional
	MismatchedCells int32 `json:"mismatchedCells"`
	// diffs of the cells that did not match, at most 20; all of them are in the report.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Diffs []CellDiff `json:"diffs,omitempty"`
	// omittedDiffs is how many more there are in the report.
	// +optional
	OmittedDiffs int32 `json:"omittedDiffs,omitempty"`
}

// CellDiff is how one cell differs from the golden notebook's.
type CellDiff struct {
	// cellIndex counts over all cells of the notebook from 0; absent where the notebook lacks the cell.
	// +optional
	CellIndex *int32 `json:"cellIndex,omitempty"`
	// goldenCellIndex counts over all cells of the golden notebook from 0; absent where that lacks the cell.
	// +optional
	GoldenCellIndex *int32 `json:"goldenCellIndex,omitempty"`
	// cellID is the cell's id (nbformat 4.5), where it has one.
	// +optional
	CellID string `json:"cellID,omitempty"`
	// message says what differs.
	// +required
	Message string `json:"message"`
	// expected is the golden notebook's text around the first difference, at most 500 bytes.
	// +optional
	Expected string `json:"expected,omitempty"`
	// actual is the run's text around the first difference, at most 500 bytes.
	// +optional
	Actual string `json:"actual,omitempty"`
}
