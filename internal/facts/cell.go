package facts

// Cell is what the observer saw of one code cell that ran. A cell without facts was not observed, which is not the same
// as clean.
type Cell struct {
	// Values are the cell's names at its end, those of Scope.Binds and Scope.Mutates and those asked for by name; what is
	// gone by then, modules, functions and classes are left out.
	Values map[string]Value `json:"values"`
	// Displayed are the last values that the cell displayed, at most 3; the very last one is the cell's own.
	Displayed []Value `json:"displayed"`
	// Calls are the notebook's own functions as they returned, a few calls of each.
	Calls []Call `json:"calls"`
	// Warnings are Python's warnings, at most 50.
	Warnings []Warning `json:"warnings"`
	// Threads are the classes of exceptions that ended a thread.
	Threads []string `json:"threads"`
	// ExitCode is that of the last shell line that failed or the last one, nil where none ran.
	ExitCode *int `json:"exitCode"`
	// Seconds is how long the cell ran, by the observer's clock.
	Seconds float64 `json:"seconds"`
	// Cost is what observing took, in seconds.
	Cost float64 `json:"cost"`
}

// Call is one return of a function that the notebook defines.
type Call struct {
	// Function is its qualified name, Line that of its definition in its cell.
	Function string `json:"function"`
	Line     int    `json:"line"`
	// Arguments are its parameters as they were at the return, Values the other names of its scope.
	Arguments map[string]Value `json:"arguments"`
	Values    map[string]Value `json:"values"`
	// Returned is what it returned; None where it raised.
	Returned Value `json:"returned"`
	// Raised is set when an exception ended it.
	Raised bool `json:"raised"`
}

// Warning is one Python warning.
type Warning struct {
	// Category is the class, for example RuntimeWarning.
	Category string `json:"category"`
	// Message is its text, at most 200 characters.
	Message string `json:"message"`
	// Line is where it was raised: inside the cell if Own, else in some library.
	Line int `json:"line"`
	// Own is set when code of the notebook raised it.
	Own bool `json:"own"`
}

// Value is a summary of one Python value: counts, names and types. What does not apply is left out.
type Value struct {
	// Type is the full name of the class: float, numpy.float64, pandas.core.frame.DataFrame.
	Type string `json:"type"`
	// None is set for None.
	None bool `json:"none,omitempty"`
	// Scalar is set for a single number, a 0-d array included.
	Scalar bool `json:"scalar,omitempty"`
	// Number is the value of a finite number or a boolean (0, 1).
	Number *float64 `json:"number,omitempty"`
	// NaN, Inf and Missing count such values; Missing is None, NaT and NA in pandas and the Nones of a container.
	NaN     int64 `json:"nan,omitempty"`
	Inf     int64 `json:"inf,omitempty"`
	Missing int64 `json:"missing,omitempty"`
	// Shape and Size of arrays and of pandas objects; Len of containers and texts.
	Shape []int64 `json:"shape,omitempty"`
	Size  *int64  `json:"size,omitempty"`
	Len   *int64  `json:"len,omitempty"`
	// DType of an array or Series.
	DType string `json:"dtype,omitempty"`
	// AllNaN is set when the array is wholly NaN; AllNaNColumns and InfColumns name columns, at most 50.
	AllNaN        bool     `json:"allNaN,omitempty"`
	AllNaNColumns []string `json:"allNaNColumns,omitempty"`
	InfColumns    []string `json:"infColumns,omitempty"`
	// BadKeys name the keys of a dict whose values hold NaN or Inf, at most 10.
	BadKeys []string `json:"badKeys,omitempty"`
	// Coroutine is set for one that nobody awaited.
	Coroutine bool `json:"coroutine,omitempty"`
	// StatusCode of an HTTP response, ReturnCode of a finished process.
	StatusCode *int `json:"statusCode,omitempty"`
	ReturnCode *int `json:"returnCode,omitempty"`
	// Sampled is set when only a part was looked at: a count of 0 then means not seen.
	Sampled bool `json:"sampled,omitempty"`
	// Unassessed says why nothing is known beyond the type, for example "on a GPU" or "lazy".
	Unassessed string `json:"unassessed,omitempty"`
	// Attributes of an instance of a class that the notebook defines, at most 50.
	Attributes map[string]Value `json:"attributes,omitempty"`
}
