package v1alpha1

// ValidationLevel says how strict a verdict is.
// +kubebuilder:validation:Enum=learning;development;staging;production
type ValidationLevel string

// Levels, from the most forgiving to the strictest.
const (
	// LevelLearning fails for nothing but an error of the notebook itself; everything else is advice.
	LevelLearning ValidationLevel = "learning"
	// LevelDevelopment fails for what is certainly wrong.
	LevelDevelopment ValidationLevel = "development"
	// LevelStaging fails for what is probably wrong as well, and wants exit codes and errors handled.
	LevelStaging ValidationLevel = "staging"
	// LevelProduction demands checks and pinned requirements on top.
	LevelProduction ValidationLevel = "production"
)

// Levels are all of them, from the most forgiving to the strictest.
func Levels() []ValidationLevel {
	return []ValidationLevel{LevelLearning, LevelDevelopment, LevelStaging, LevelProduction}
}

// ValidationConfig says what counts as a pass. docs/rules/ lists every rule with its severity at each level.
type ValidationConfig struct {
	// level is learning, development, staging or production: how severe each rule is. An error that a cell raises, a dead
	// kernel and a timeout fail at every level. Default: development.
	// +optional
	// +default="development"
	Level ValidationLevel `json:"level,omitempty"`

	// strictMode fails for every warning at the chosen level. Default: false.
	// +optional
	StrictMode bool `json:"strictMode,omitempty"`

	// requireExplicitExitCodes wants the last code cell that runs to end the notebook by sys.exit(n) or
	// raise SystemExit(n); 0 passes, any other value or none fails. Default: false.
	// +optional
	RequireExplicitExitCodes bool `json:"requireExplicitExitCodes,omitempty"`

	// failOnStderr fails where code of the notebook writes to stderr; warnings of Python do not count, failOnWarnings is
	// for them. Default: false.
	// +optional
	FailOnStderr bool `json:"failOnStderr,omitempty"`

	// failOnWarnings fails where Python warns, by category; deprecations count at production alone. Default: false.
	// +optional
	FailOnWarnings bool `json:"failOnWarnings,omitempty"`

	// checkOutputTypes compares what cells produced with expectedOutputs. Default: true.
	// +optional
	// +default=true
	CheckOutputTypes *bool `json:"checkOutputTypes,omitempty"`

	// detectSilentFailures looks for values that show that something failed without an error: None, NaN, empty tables,
	// failed shell commands, forgotten awaits. Default: true.
	// +optional
	// +default=true
	DetectSilentFailures *bool `json:"detectSilentFailures,omitempty"`

	// verifyAssertions wants the notebook to hold at least one check of its data or results: an assert, an if that raises,
	// a numpy.testing call, a schema, an expectedOutputs entry. Default: false.
	// +optional
	VerifyAssertions bool `json:"verifyAssertions,omitempty"`

	// educationalMode adds a corrected example to every finding. Default: true.
	// +optional
	// +default=true
	EducationalMode *bool `json:"educationalMode,omitempty"`

	// expectedOutputs say what cells must produce. At most 100. Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	ExpectedOutputs []ExpectedOutput `json:"expectedOutputs,omitempty"`
}

// ExpectedOutput says what one cell must produce: the value that it displays last, or a variable. It names the cell by
// exactly one of cell, cellID and tag, and wants at least one of type, shape, range and notEmpty.
// +kubebuilder:validation:XValidation:rule="[has(self.cell), has(self.cellID), has(self.tag)].filter(x, x).size() == 1",message="name the cell by exactly one of cell, cellID and tag"
// +kubebuilder:validation:XValidation:rule="has(self.type) || has(self.shape) || has(self.range) || has(self.notEmpty)",message="say what is expected: type, shape, range or notEmpty"
type ExpectedOutput struct {
	// cell is the index of the cell, counted over all cells of the notebook as it is committed, from 0. Prefer cellID or
	// tag: they stay when a cell is inserted.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Cell *int32 `json:"cell,omitempty"`

	// cellID is the id of the cell (nbformat 4.5).
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	CellID string `json:"cellID,omitempty"`

	// tag that exactly one code cell has.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	Tag string `json:"tag,omitempty"`

	// name of the variable to look at, at the end of the cell. Default: the value that the cell displays last.
	// +optional
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:Pattern=`^[A-Za-z_][A-Za-z0-9_]*$`
	Name string `json:"name,omitempty"`

	// type of the value: float, int, number, str, pandas.DataFrame, numpy.ndarray or any full name of a class. float takes
	// numpy's floats too, int numpy's integers but not bool, number both.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	Type string `json:"type,omitempty"`

	// shape of an array or table, -1 for any size: [-1, 4].
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:Minimum=-1
	Shape []int64 `json:"shape,omitempty"`

	// range is [min, max] of a single number, both inclusive; NaN is always out of range.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=2
	Range []Number `json:"range,omitempty"`

	// notEmpty wants at least one element; None is empty. Default: false.
	// +optional
	NotEmpty bool `json:"notEmpty,omitempty"`
}

// Finding is one thing that the validation found, with what to do about it.
type Finding struct {
	// rule that was broken, for example NB102 or NONE-MIXED.
	// +required
	Rule string `json:"rule"`
	// severity at the level of the job: Failure, Warning or Info. Failures make the job fail.
	// +required
	Severity Severity `json:"severity"`
	// cellIndex counts over all cells of the notebook from 0; absent for the notebook as a whole.
	// +optional
	CellIndex *int32 `json:"cellIndex,omitempty"`
	// cellID is the cell's id (nbformat 4.5), where it has one.
	// +optional
	CellID string `json:"cellID,omitempty"`
	// line inside the cell, from 1; absent where no line is meant.
	// +optional
	Line int32 `json:"line,omitempty"`
	// message says what was found, with names, types and counts.
	// +required
	Message string `json:"message"`
	// why it matters.
	// +optional
	Why string `json:"why,omitempty"`
	// fix says what to do.
	// +optional
	Fix string `json:"fix,omitempty"`
	// example is a short corrected example; absent where educationalMode is false.
	// +optional
	Example string `json:"example,omitempty"`
	// link to the page of the rule.
	// +optional
	Link string `json:"link,omitempty"`
}

// Severity of a finding at the level of its job.
// +kubebuilder:validation:Enum=Info;Warning;Failure
type Severity string

// Severities, from the mildest.
const (
	SeverityInfo    Severity = "Info"
	SeverityWarning Severity = "Warning"
	SeverityFailure Severity = "Failure"
)
