package policy

import (
	"strings"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// isContainer is true of what has a length but no shape and is no text: collections, and the notebook's own kinds of them.
func isContainer(v facts.Value) bool {
	return v.Len != nil && v.Shape == nil && v.Size == nil && v.Type != "str" && v.Type != "bytes" && v.Type != "bytearray"
}

func isDict(v facts.Value) bool {
	return isContainer(v) && (len(v.BadKeys) > 0 || strings.Contains(strings.ToLower(v.Type), "dict"))
}

func isTable(v facts.Value) bool {
	return strings.HasPrefix(v.Type, "pandas.") || strings.HasPrefix(v.Type, "polars.") || strings.HasPrefix(v.Type, "geopandas.")
}

func isDirty(v facts.Value) bool { return hasNaN(v) || v.Inf > 0 || v.AllNaN }

// hasNaN counts what pandas calls missing as well; None in a collection is nothing special.
func hasNaN(v facts.Value) bool { return v.NaN > 0 || v.Missing > 0 && !isContainer(v) }

func rows(v facts.Value) int64 {
	if len(v.Shape) == 0 {
		return 0
	}
	return v.Shape[0]
}

// inputCounts sums up what the inputs had of what must not be there.
type inputCounts struct {
	nan, inf bool
	// rows is the length of the longest input with missing values.
	rows int64
	// allNaN is set for an input that was wholly NaN, columns are those that were.
	allNaN  bool
	columns map[string]bool
	// scalarNaN and scalarInf are set for single numbers; values for arrays, tables and collections.
	scalarNaN, scalarInf, valuesNaN, valuesInf bool
	// sampled is set if only a part of some input was looked at: nothing seen is then not the same as nothing there.
	sampled bool
}

func (s *scope) counts() inputCounts {
	c := inputCounts{columns: map[string]bool{}}
	for _, v := range s.inputs {
		missing := hasNaN(v)
		c.nan, c.inf = c.nan || missing, c.inf || v.Inf > 0
		c.sampled = c.sampled || v.Sampled
		if v.Scalar {
			c.scalarNaN, c.scalarInf = c.scalarNaN || v.NaN > 0, c.scalarInf || v.Inf > 0
			continue
		}
		c.valuesNaN, c.valuesInf = c.valuesNaN || missing, c.valuesInf || v.Inf > 0
		if missing {
			c.rows = max(c.rows, rows(v))
		}
		c.allNaN = c.allNaN || v.AllNaN
		for _, column := range v.AllNaNColumns {
			c.columns[column] = true
		}
	}
	return c
}
