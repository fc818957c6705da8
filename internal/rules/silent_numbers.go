package rules

// silentNumbers are about values that are no numbers, or are no longer there.
var silentNumbers = []Rule{
	{
		ID: "SCALAR", Group: GroupSilent, Title: "A single number is NaN or infinite",
		Why:     "A metric or total that is NaN is no result: some input was missing, or a calculation was not defined.",
		Fix:     "Find the missing or zero input; use a NaN-aware function only where missing values are expected.",
		Example: "assert np.isfinite(values).all()\nmean = values.mean()",
		Levels:  high,
	},
	{
		ID: "CONTAINER", Group: GroupSilent, Title: "NaN or infinity in a collection",
		Why:     "A dict of metrics or a list of results holds something that is no number, and goes on into a report.",
		Fix:     "Check the values before they are collected.",
		Example: "accuracy = hits / total if total else 0.0\nmetrics = {'accuracy': accuracy}",
		Levels:  high, Milder: &Milder{When: "it is a list, a tuple or a set, or values that it was made from were NaN before", Levels: medium},
	},
	{
		ID: "PD-ALLNAN", Group: GroupSilent, Title: "A column became wholly NaN",
		Why:     "Keys, labels or types did not match, so every value was lost: typical of map, merge, to_numeric and misaligned indexes.",
		Fix:     "Compare the keys of both sides; map and merge match exactly, by case and type too.",
		Example: "df['region'] = df['code'].str.lower().map(regions)\nassert df['region'].notna().any()",
		Levels:  high, Milder: &Milder{When: "the frame is made by reindex or empty columns", Levels: medium},
	},
	{
		ID: "PD-INF", Group: GroupSilent, Title: "Infinity in a table",
		Why:     "Something was divided by zero or overflowed; means and sums over it are infinite too.",
		Fix:     "Treat the zero in the divisor before you divide.",
		Example: "rate = df['hits'] / df['views'].where(df['views'] > 0)",
		Levels:  high,
	},
	{
		ID: "PD-NAN", Group: GroupSilent, Title: "Missing values appeared in a table",
		Why:     "Joins, shifts, rolling windows and alignment make them rightly; so does a wrong key.",
		Fix:     "Nothing if you expect them; else compare the indexes and keys.",
		Example: "change = prices.pct_change().dropna()",
		Levels:  low,
	},
	{
		ID: "ARR-INF", Group: GroupSilent, Title: "Infinity in an array",
		Why:     "Something was divided by zero or overflowed, or the logarithm of zero was taken.",
		Fix:     "Keep zeros out before the calculation.",
		Example: "logs = np.log(counts[counts > 0])",
		Levels:  high,
	},
	{
		ID: "ARR-ALLNAN", Group: GroupSilent, Title: "An array is wholly NaN",
		Why:     "Every value of clean data was lost in this step.",
		Fix:     "Look at the calculation: a NaN operand, 0/0 or a diverged iteration spreads to everything.",
		Example: "spread = x.max() - x.min()\nassert spread > 0\nscaled = (x - x.min()) / spread",
		Levels:  high,
	},
	{
		ID: "ARR-NAN", Group: GroupSilent, Title: "NaN appeared in an array",
		Why:     "The inputs were clean, so this step is not defined for some of them.",
		Fix:     "Find the values outside the function's domain.",
		Example: "roots = np.sqrt(x[x >= 0])",
		Levels:  medium,
	},
	{
		ID: "EMPTY", Group: GroupSilent, Title: "A table or array came out empty",
		Why:     "A filter or merge kept nothing of data that was there; what follows works on nothing without an error.",
		Fix:     "Test for emptiness where it may happen; compare keys and types where it must not.",
		Example: "big = df[df['size'] > limit]\nassert not big.empty, 'no row is above the limit'",
		Levels:  medium,
	},
}
