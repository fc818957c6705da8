package rules

// silentRun are about things that failed beside the notebook's own code.
var silentRun = []Rule{
	{
		ID: "SHELL", Group: GroupSilent, Title: "Shell command failed",
		Why:     "A failed `!command` raises nothing; the notebook goes on without the package or file.",
		Fix:     "Look at the command's output; run it so that a failure raises.",
		Example: "import subprocess\nsubprocess.run(['wget', '-q', url], check=True)",
		Levels:  high, Milder: &Milder{When: "the command may answer by its exit code (grep, diff, test, ...) or is not well known", Levels: medium},
	},
	{
		ID: "HTTP", Group: GroupSilent, Title: "Request was answered with an error",
		Why:     "The status is 400 or above and nothing in the notebook looks at it: the error page is taken for data.",
		Fix:     "Call raise_for_status().",
		Example: "response = requests.get(url, timeout=10)\nresponse.raise_for_status()",
		Levels:  high,
	},
	{
		ID: "PROC", Group: GroupSilent, Title: "Process failed",
		Why:     "Its exit code is not 0 and nothing in the notebook looks at it.",
		Fix:     "Pass check=True.",
		Example: "subprocess.run(['make', 'data'], check=True)",
		Levels:  high,
	},
	{
		ID: "THREAD", Group: GroupSilent, Title: "A thread died of an exception",
		Why:     "An exception in a thread reaches nobody; its work was not done.",
		Fix:     "Use an executor and ask the future for its result, which raises.",
		Example: "with ThreadPoolExecutor() as pool:\n    result = pool.submit(work).result()",
		Levels:  high,
	},
	{
		ID: "WARN-NUM", Group: GroupSilent, Title: "Numerical warning",
		Why:     "NumPy or SciPy says that a calculation was not defined or lost its precision.",
		Fix:     "Find the zero, the negative or the empty input.",
		Example: "mean = values.mean() if values.size else 0.0",
		Levels:  medium,
	},
	{
		ID: "WARN-LIB", Group: GroupSilent, Title: "A library doubts its result",
		Why:     "The optimizer did not converge, a metric is undefined, or an assignment went to a copy.",
		Fix:     "Do what the warning says; do not just silence it.",
		Example: "model = LogisticRegression(max_iter=1000).fit(X, y)",
		Levels:  medium,
	},
	{
		ID: "EARLY-EXIT", Group: GroupSilent, Title: "The notebook ended before its last cell",
		Why:     "It ended itself with exit code 0, and the cells after it never ran.",
		Fix:     "End with an exit code other than 0 where something is wrong; else let it run to its end.",
		Example: "if df.empty:\n    sys.exit(1)",
		Levels:  Levels{warning, warning, failure, failure},
	},
	{
		ID: "TAG-NOT-RAISED", Group: GroupSilent, Title: "A cell tagged raises-exception raised nothing",
		Why:     "The cell is there to show an error, and there is none any more.",
		Fix:     "Correct the cell, or take the tag off.",
		Example: "# tagged raises-exception\nint('not a number')",
		Levels:  medium,
	},
	{
		ID: "STREAM-NAN", Group: GroupSilent, Title: "nan or inf was printed",
		Why:     "The text that the cell printed holds nan or inf, which may be a result.",
		Fix:     "Look at the printed value.",
		Example: "assert math.isfinite(loss)\nprint('loss', loss)",
		Levels:  low,
	},
	{
		ID: "NOT-OBSERVED", Group: GroupSilent, Title: "Not observed",
		Why:     "Nobody saw what the cell left behind, so silent failures in it cannot be found.",
		Fix:     "Do not replace IPython's hooks or restart the interpreter inside the notebook.",
		Example: "# keep IPython's events and display hook as they are",
		Levels:  Levels{info, info, warning, warning},
		Milder:  &Milder{When: "the notebook is not in Python", Levels: low},
	},
}
