package facts

// Analysis is what the source of the whole notebook says, read before the run.
type Analysis struct {
	// Done is false where the source cannot be read: another language than Python, or no IPython beside the runner.
	Done bool `json:"done"`
	// Detail says why it is not done, else it is empty.
	Detail string `json:"detail"`
	// Lint are places that break a rule of lint, in the order of the cells.
	Lint []Lint `json:"lint"`
	// Cells are the code cells in the notebook's order, empty where Done is false.
	Cells []Source `json:"cells"`
	// NoneGuards are names that some test of the notebook asks about (if x, x is None, assert x, x or y, match x).
	NoneGuards []string `json:"noneGuards"`
	// NaNGuards are names handed to something that knows about missing values (isna, dropna, nanmean, isfinite, ...).
	NaNGuards []string `json:"nanGuards"`
	// Checks is the number of checks of data in the notebook; a check of nothing but imports and builtins is none.
	Checks int `json:"checks"`
	// CheckedCells are the indexes of the cells that hold a check.
	CheckedCells []int `json:"checkedCells"`
	// ResponseChecked is set when the notebook looks at the status of an HTTP response anywhere.
	ResponseChecked bool `json:"responseChecked"`
	// ReturnCodeChecked is set when the notebook looks at the exit code of a process anywhere.
	ReturnCodeChecked bool `json:"returnCodeChecked"`
}

// Lint is one place in the source that breaks a rule.
type Lint struct {
	// Rule is its id, for example NB102.
	Rule string `json:"rule"`
	// Cell is the index of the cell, nil for the notebook as a whole.
	Cell *int `json:"cell"`
	// Line counts inside the cell from 1; 0 where no line is meant.
	Line int `json:"line"`
	// Name is what the rule is about: a name, a callee, an exception type; possibly empty.
	Name string `json:"name"`
	// Detail is one short phrase on top of the rule's own text, possibly empty. It holds no value of the user's data.
	Detail string `json:"detail"`
}

// Source is what the source of one code cell says.
type Source struct {
	// Index counts all cells of the notebook from 0.
	Index int `json:"index"`
	// Parsed is false for cells of another language (%%bash, %%html) and for such as do not parse.
	Parsed bool `json:"parsed"`
	// Magic is the cell magic without %%, empty for none.
	Magic string `json:"magic"`
	// Commands are the programs that shell lines of the cell start, without sudo, env and "python -m".
	Commands []string `json:"commands"`
	// Scope is the cell's own code, outside of functions and classes.
	Scope Scope `json:"scope"`
	// Functions are those that the cell defines, methods and nested ones included.
	Functions []Function `json:"functions"`
}

// Function is one function or method that the notebook defines.
type Function struct {
	// Name is qualified as Python does it: Model.fit, outer.<locals>.inner.
	Name string `json:"name"`
	// Line is that of its def in the cell, or of its first decorator, as in co_firstlineno.
	Line int `json:"line"`
	// Returns is how it returns: value, mixed (a value here, None there), optional (mixed, and annotated so), procedure
	// (never a value) or generator.
	Returns string `json:"returns"`
	// Scope is its own code.
	Scope Scope `json:"scope"`
}

// Scope is what a piece of code binds and uses, without the functions and classes defined in it.
type Scope struct {
	// Binds maps each name that the code assigns to what the last assignment says. Attributes are dotted: self.mean, m.loss.
	Binds map[string]Bind `json:"binds"`
	// Mutates are names whose object the code may change: d[k] = v, d.x = v, d.method(), and what it hands to functions of
	// the notebook.
	Mutates []string `json:"mutates"`
	// Loads are the names that the code reads, attributes with a dot: d, d.mean.
	Loads []string `json:"loads"`
	// NaNLiteral is set when the code writes NaN, Inf or NA itself: np.nan, float('inf'), pd.NA.
	NaNLiteral bool `json:"nanLiteral"`
	// Reads is set when the code reads data: read_csv, load, fetch_openml.
	Reads bool `json:"reads"`
	// AsksMissing is set when the code asks which values are missing: isna, notnull, isnan.
	AsksMissing bool `json:"asksMissing"`
	// Last is the last expression, which Jupyter displays; nil where the code ends in a statement.
	Last *Bind `json:"last"`
}

// Bind is where a value comes from.
type Bind struct {
	// Kind is call, await, arithmetic, name, subscript, constant, condition, container or other.
	Kind string `json:"kind"`
	// Callee is what is called, dotted as written (df.dropna, f().g), with imports resolved to their full names
	// (numpy.sqrt); empty where nothing is called.
	Callee string `json:"callee"`
	// Returns is how the callee returns where it is one of the notebook's own functions, as in Function; else empty.
	Returns string `json:"returns"`
	// Line counts inside the cell from 1.
	Line int `json:"line"`
	// NaNLiteral is set when the expression writes NaN, Inf or NA itself.
	NaNLiteral bool `json:"nanLiteral"`
	// InPlace is set when the call has inplace=True.
	InPlace bool `json:"inPlace"`
	// NoneArgument is set when None is written as an argument of the call, as in next(i, None).
	NoneArgument bool `json:"noneArgument"`
	// Checked is set when the call says that failing raises: check=True, validate=...
	Checked bool `json:"checked"`
}
