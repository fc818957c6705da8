package rules

// outputRules stand for what expectedOutputs demand. The user wrote them down, so they fail at every level.
var outputRules = []Rule{
	{
		ID: "OUTPUT-TYPE", Group: GroupOutput, Title: "Value of another type",
		Why:     "The cell did not produce what expectedOutputs says it must.",
		Fix:     "Correct the cell, or the expectation if it is out of date.",
		Example: "expectedOutputs:\n- tag: result\n  type: pandas.DataFrame",
		Levels:  always,
	},
	{
		ID: "OUTPUT-SHAPE", Group: GroupOutput, Title: "Value of another shape",
		Why:     "Rows or columns were lost or added.",
		Fix:     "Correct the cell, or the expectation; -1 stands for any size.",
		Example: "expectedOutputs:\n- tag: result\n  shape: [-1, 4]",
		Levels:  always,
	},
	{
		ID: "OUTPUT-RANGE", Group: GroupOutput, Title: "Number out of range",
		Why:     "The result is not what it must be; NaN is never in range.",
		Fix:     "Correct the cell, or the range; both ends are included.",
		Example: "expectedOutputs:\n- tag: accuracy\n  range: [0.8, 1.0]",
		Levels:  always,
	},
	{
		ID: "OUTPUT-EMPTY", Group: GroupOutput, Title: "Value is empty",
		Why:     "The cell produced None or something without elements.",
		Fix:     "Find where the data was lost.",
		Example: "expectedOutputs:\n- tag: result\n  notEmpty: true",
		Levels:  always,
	},
	{
		ID: "OUTPUT-UNOBSERVED", Group: GroupOutput, Title: "Expected value was not seen",
		Why:     "The cell did not run, displayed nothing, does not have that name or could not be observed; that is not a pass.",
		Fix:     "Let the cell end in the value, or give the name of a variable that it sets.",
		Example: "expectedOutputs:\n- tag: train\n  name: accuracy\n  type: float",
		Levels:  always,
	},
	{
		ID: "OUTPUT-CELL", Group: GroupOutput, Title: "Expected cell is not in the notebook",
		Why:     "No code cell, or more than one, answers to that id, tag or index, so nothing was checked.",
		Fix:     "Give the id or a tag that exactly one code cell has.",
		Example: "expectedOutputs:\n- cellID: 3f2a9c1e\n  notEmpty: true",
		Levels:  always,
	},
}

// goldenRules stand for the comparison with a golden notebook. The user asked for it, so they fail at every level.
var goldenRules = []Rule{
	{
		ID: "GOLDEN-MISMATCH", Group: GroupGolden, Title: "Output differs from the golden notebook",
		Why:     "The notebook no longer produces what it was accepted with.",
		Fix:     "Find what changed; set seeds for random numbers; execute the golden notebook anew if the new output is right.",
		Example: "rng = np.random.default_rng(42)",
		Levels:  always,
	},
	{
		ID: "GOLDEN-CELLS", Group: GroupGolden, Title: "Code cells differ from the golden notebook",
		Why:     "A code cell was added or removed, so its output has nothing to be compared with.",
		Fix:     "Execute the golden notebook anew.",
		Example: "jupyter nbconvert --to notebook --execute --output golden.ipynb notebook.ipynb",
		Levels:  always,
	},
	{
		ID: "GOLDEN-INVALID", Group: GroupGolden, Title: "There is no golden notebook to compare with",
		Why:     "The golden notebook is missing, cannot be read or was never executed; nothing was compared.",
		Fix:     "Commit an executed notebook at the path that the job names.",
		Example: "jupyter nbconvert --to notebook --execute --output golden.ipynb notebook.ipynb",
		Levels:  always,
	},
}

// policyRules stand behind switches of validationConfig, which are off unless the user asks for them.
var policyRules = []Rule{
	{
		ID: "STDERR", Group: GroupPolicy, Title: "Something was written to stderr",
		Why:     "failOnStderr is on. Warnings of Python, progress bars and messages of loaders are not counted.",
		Fix:     "Find what was reported there; print what is no error to stdout.",
		Example: "print('done')",
		Levels:  always,
	},
	{
		ID: "WARNING", Group: GroupPolicy, Title: "Python warned",
		Why:     "failOnWarnings is on. Deprecations are not counted below production.",
		Fix:     "Do what the warning says, or switch off exactly this one where it is known to be harmless.",
		Example: "warnings.filterwarnings('ignore', message='known to be harmless', category=UserWarning)",
		Levels:  always,
	},
	{
		ID: "EXPLICIT-EXIT", Group: GroupPolicy, Title: "The notebook does not end with exit code 0",
		Why:     "requireExplicitExitCodes is on: the last code cell that runs must end the notebook itself.",
		Fix:     "End the last code cell with sys.exit(0), and with another code where something is wrong.",
		Example: "import sys\nsys.exit(0 if accuracy > 0.8 else 1)",
		Levels:  always,
	},
	{
		ID: "NO-ASSERTION", Group: GroupPolicy, Title: "The notebook holds no check",
		Why:     "verifyAssertions is on: without a check any result would pass.",
		Fix:     "Assert what must hold, or write expectedOutputs.",
		Example: "assert len(df) > 0, 'no data'",
		Levels:  always,
	},
	{
		ID: "UNPINNED-REQUIREMENT", Group: GroupPolicy, Title: "Requirement without an exact version",
		Why:     "The next build may install another version and give another result.",
		Fix:     "Pin the version, or commit a lock file.",
		Example: "pandas==2.2.3",
		Levels:  Levels{info, warning, warning, failure},
	},
}
