package rules

// silentNone are about None where a value was meant, and about what never ran.
var silentNone = []Rule{
	{
		ID: "NONE-MIXED", Group: GroupSilent, Title: "Function fell through to None",
		Why:     "The function returns a value on one path and None on another, and this time it was None: most often a swallowed error.",
		Fix:     "Raise where there is no value, or test the result for None.",
		Example: "rows = load(path)\nif rows is None:\n    raise RuntimeError('nothing loaded')",
		Levels:  high,
	},
	{
		ID: "NONE-INPLACE", Group: GroupSilent, Title: "Name bound to the None of an in-place call",
		Why:     "The call changed its object and returned None; the name no longer holds the data.",
		Fix:     "Do not bind the result, or leave inplace=True out.",
		Example: "df = df.dropna()\nnumbers.sort()",
		Levels:  high,
	},
	{
		ID: "NONE-PROC", Group: GroupSilent, Title: "Result of a function that returns nothing",
		Why:     "The function has no return with a value, so the name is None whatever happens.",
		Fix:     "Return the value from the function, or do not bind the result.",
		Example: "def scale(x):\n    return x * 2\n\ny = scale(3)",
		Levels:  medium, Milder: &Milder{When: "the name is never read again", Levels: low},
	},
	{
		ID: "NONE-OTHER", Group: GroupSilent, Title: "Call returned None",
		Why:     "Nobody tests the name for None, so the code after it expects a value.",
		Fix:     "Test the result, or do not bind it where None is right.",
		Example: "model = build()\nassert model is not None",
		Levels:  medium,
	},
	{
		ID: "NONE-LAST-MIXED", Group: GroupSilent, Title: "Last call of the cell fell through to None",
		Why:     "The function can return a value, but displayed nothing: its None path was taken.",
		Fix:     "Raise where there is no value.",
		Example: "def score(data):\n    if not data:\n        raise ValueError('no data')\n    return sum(data) / len(data)\n\nscore(data)",
		Levels:  medium,
	},
	{
		ID: "NONE-OPTIONAL", Group: GroupSilent, Title: "Search or lookup found nothing",
		Why:     "Such a call may return None, and here it did; code that uses the result must expect it.",
		Fix:     "Test for None before use, or use the form that raises.",
		Example: "match = re.match(pattern, text)\nif match is None:\n    raise ValueError('no match')",
		Levels:  low,
	},
	{
		ID: "CORO", Group: GroupSilent, Title: "Coroutine was never awaited",
		Why:     "The async function did not run; what it should have done did not happen.",
		Fix:     "Await it.",
		Example: "rows = await fetch()",
		Levels:  high,
	},
}
