package rules

// callRules are about calls and comparisons that do not do what they seem to do, and about checks.
var callRules = []Rule{
	{
		ID: "NB301", Group: GroupLint, Title: "Result of an in-place call bound",
		Why:     "A call that changes its object in place returns None; binding the result throws the data away.",
		Fix:     "Either change in place, or bind the result of a call that returns one.",
		Example: "df = df.dropna()\nnumbers.sort()",
		Levels:  high,
	},
	{
		ID: "NB302", Group: GroupLint, Title: "Comparison with NaN",
		Why:     "NaN is equal to nothing, not even to itself: `x == np.nan` is always false and `x != np.nan` always true.",
		Fix:     "Ask with isna, isnan or math.isnan.",
		Example: "missing = df[df['price'].isna()]",
		Levels:  high,
	},
	{
		ID: "NB303", Group: GroupLint, Title: "`is` used to compare a value",
		Why:     "`is` asks whether two names are the same object; for numbers and texts the answer depends on the interpreter.",
		Fix:     "Compare with ==.",
		Example: "if status == 'done':\n    finish()",
		Levels:  Levels{info, warning, warning, warning},
	},
	{
		ID: "NB304", Group: GroupLint, Title: "Assertion that is always true",
		Why:     "`assert (condition, message)` asserts a tuple, and a tuple with elements is true.",
		Fix:     "Remove the parentheses.",
		Example: "assert rows > 0, 'no rows'",
		Levels:  high,
	},
	{
		ID: "NB305", Group: GroupLint, Title: "Result thrown away",
		Why:     "The call returns a changed copy and leaves its object as it was; without an assignment nothing happens.",
		Fix:     "Bind the result.",
		Example: "df = df.dropna()",
		Levels:  high,
	},
	{
		ID: "NB306", Group: GroupLint, Title: "Forgotten await",
		Why:     "Calling an async function only makes a coroutine; its code does not run until it is awaited.",
		Fix:     "Put await before the call; a notebook allows it at top level.",
		Example: "rows = await fetch()",
		Levels:  high,
	},
	{
		ID: "NB401", Group: GroupLint, Title: "Loaded data is never checked",
		Why:     "A changed column or an empty file goes unnoticed until somebody looks at the results.",
		Fix:     "State what the data must be, next to where it is loaded.",
		Example: "df = pd.read_csv(path)\nassert len(df) > 0 and df['price'].notna().all()",
		Levels:  Levels{info, info, warning, warning},
	},
	{
		ID: "NB402", Group: GroupLint, Title: "No check in the whole notebook",
		Why:     "The notebook loads data or fits a model and would pass with any result.",
		Fix:     "Assert what must hold of the data and of the result, or write expectedOutputs.",
		Example: "assert 0.8 <= accuracy <= 1.0, 'accuracy out of range'",
		Levels:  Levels{info, info, warning, failure},
	},
}
