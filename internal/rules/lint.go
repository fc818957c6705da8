package rules

// lintRules are about code that hides or makes failures.
var lintRules = []Rule{
	{
		ID: "NB001", Group: GroupLint, Title: "The cell does not parse",
		Why:     "A cell with a syntax error cannot run, and nothing else in it can be checked.",
		Fix:     "Correct the syntax at this line.",
		Example: "if x > 0:\n    print(x)",
		Levels:  high,
	},
	{
		ID: "NB101", Group: GroupLint, Title: "Bare except",
		Why:     "`except:` catches everything, even an interrupt and the end of the program.",
		Fix:     "Name the exceptions that you can handle, or raise again at the end of the handler.",
		Example: "try:\n    value = int(text)\nexcept ValueError:\n    value = 0",
		Levels:  Levels{info, warning, warning, warning},
	},
	{
		ID: "NB102", Group: GroupLint, Title: "Exception swallowed",
		Why:     "The handler does nothing, so the notebook goes on with data that was never made.",
		Fix:     "Let the error stop the notebook, or handle the one exception that you expect.",
		Example: "try:\n    os.remove(path)\nexcept FileNotFoundError:\n    pass",
		Levels:  Levels{warning, warning, failure, failure},
	},
	{
		ID: "NB103", Group: GroupLint, Title: "Error printed, then ignored",
		Why:     "The message is lost in a batch run and the notebook goes on as if nothing had happened.",
		Fix:     "Raise again after printing, or remove the try.",
		Example: "try:\n    rows = load(path)\nexcept Exception as error:\n    print(error)\n    raise",
		Levels:  Levels{warning, warning, failure, failure},
	},
	{
		ID: "NB104", Group: GroupLint, Title: "Returns None on error",
		Why:     "The caller gets None instead of an error and fails later, far from the cause.",
		Fix:     "Let the exception pass, or raise one that says what went wrong.",
		Example: "def load(path):\n    try:\n        return pd.read_csv(path)\n    except Exception as error:\n        raise RuntimeError(f'cannot load {path}') from error",
		Levels:  Levels{info, warning, warning, warning},
	},
	{
		ID: "NB105", Group: GroupLint, Title: "All warnings switched off",
		Why:     "Libraries say by warnings that a result is doubtful; without them it looks sound.",
		Fix:     "Switch off the one warning that you know, by category or message.",
		Example: "warnings.filterwarnings('ignore', category=DeprecationWarning)",
		Levels:  Levels{info, info, warning, warning},
	},
	{
		ID: "NB106", Group: GroupLint, Title: "NumPy's floating-point warnings switched off",
		Why:     "Divisions by zero and invalid values then make NaN and Inf without a word.",
		Fix:     "Use np.errstate around the one calculation where you expect them.",
		Example: "with np.errstate(divide='ignore'):\n    ratio = np.where(b != 0, a / b, 0.0)",
		Levels:  Levels{info, info, warning, warning},
	},
	{
		ID: "NB107", Group: GroupLint, Title: "exit() does not stop the run",
		Why:     "In a notebook exit() and quit() ask the kernel to end after the cell; code behind them may still run.",
		Fix:     "Raise an exception, or use sys.exit with an exit code.",
		Example: "import sys\nif not rows:\n    sys.exit(1)",
		Levels:  Levels{warning, warning, failure, failure},
	},
	{
		ID: "NB201", Group: GroupLint, Title: "Request without a timeout",
		Why:     "Without one a request can wait for ever, and the run with it.",
		Fix:     "Give a timeout in seconds.",
		Example: "requests.get(url, timeout=10)",
		Levels:  Levels{info, info, warning, warning},
	},
	{
		ID: "NB202", Group: GroupLint, Title: "HTTP status never looked at",
		Why:     "A 404 or 500 raises nothing; its error page is then taken for data.",
		Fix:     "Call raise_for_status() on the response.",
		Example: "response = requests.get(url, timeout=10)\nresponse.raise_for_status()",
		Levels:  Levels{info, warning, warning, warning},
	},
	{
		ID: "NB203", Group: GroupLint, Title: "File opened without with",
		Why:     "What was written may not be on disk yet when the next line reads it, and the file stays open on an error.",
		Fix:     "Open it in a with block, or use pathlib's read_text and write_text.",
		Example: "with open(path) as file:\n    text = file.read()",
		Levels:  Levels{info, info, info, warning},
	},
	{
		ID: "NB204", Group: GroupLint, Title: "Exit code of a process ignored",
		Why:     "A program that fails raises nothing; the notebook goes on without what it should have made.",
		Fix:     "Pass check=True, or look at returncode.",
		Example: "subprocess.run(['make', 'data'], check=True)",
		Levels:  Levels{info, warning, warning, warning},
	},
}
