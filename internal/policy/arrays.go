package policy

import (
	"strings"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// table judges a frame, a series or an index.
func (j *judge) table(s *scope, t target) {
	v, c := t.value, s.counts()
	lost := lostColumns(v, c)
	switch {
	case v.Inf > 0 && !c.inf && !hidden(v.Inf, v, c):
		j.report(s, t, kindNumber, high, remark{
			rule: "PD-INF", message: s.subject(t) + " holds " + amounts(v) + listed(" in ", withNames(v.InfColumns)) + t.by() + ".",
		})
	case len(lost) > 0 && rows(v) > 0 && (!c.nan || rows(v) >= c.rows) && !s.source.AsksMissing:
		certainty := high
		if madeEmpty(t.bind.Callee) {
			certainty = medium
		}
		j.report(s, t, kindNumber, certainty, remark{
			rule: "PD-ALLNAN", milder: certainty == medium, message: s.subject(t) + " is wholly NaN" + listed(" in ", withNames(lost)) + t.by() + ".",
		})
	case v.NaN > 0 && !c.nan && !hidden(v.NaN, v, c):
		j.report(s, t, kindNumber, low, remark{rule: "PD-NAN", message: s.subject(t) + " holds " + amounts(v) + t.by() + "."})
	}
}

// lostColumns are wholly NaN and were not so in any input. A series that nobody named has one column without a name.
func lostColumns(v facts.Value, c inputCounts) []string {
	var lost []string
	for _, column := range v.AllNaNColumns {
		if !c.columns[column] {
			lost = append(lost, column)
		}
	}
	if v.AllNaN && len(v.AllNaNColumns) == 0 && !c.allNaN {
		lost = append(lost, "")
	}
	return lost
}

func withNames(columns []string) []string {
	var names []string
	for _, column := range columns {
		if column != "" && column != "None" && column != "NoneType" {
			names = append(names, column)
		}
	}
	return names
}

// madeEmpty is true of calls that make rows or columns without values on purpose.
func madeEmpty(callee string) bool {
	switch leafOf(callee) {
	case "reindex", "reindex_like", "DataFrame", "Series":
		return true
	default:
		return false
	}
}

// array judges an array or a tensor. One that was only allocated holds what was in memory.
func (j *judge) array(s *scope, t target) {
	v, c := t.value, s.counts()
	if strings.HasPrefix(t.bind.Callee, "numpy.empty") || strings.HasPrefix(t.bind.Callee, "torch.empty") {
		return
	}
	switch {
	case v.Inf > 0 && !c.inf && !hidden(v.Inf, v, c):
		j.report(s, t, kindNumber, high, remark{rule: "ARR-INF", message: s.subject(t) + " holds " + amounts(v) + t.by() + "."})
	case v.AllNaN && !c.nan:
		j.report(s, t, kindNumber, high, remark{rule: "ARR-ALLNAN", message: s.subject(t) + " is wholly NaN" + t.by() + "."})
	case v.NaN > 0 && !c.nan && !hidden(v.NaN, v, c):
		j.report(s, t, kindNumber, medium, remark{rule: "ARR-NAN", message: s.subject(t) + " holds " + amounts(v) + t.by() + "."})
	}
}

// hidden is true of so few that a sample of the inputs may have missed them.
func hidden(count int64, v facts.Value, c inputCounts) bool {
	return c.sampled && v.Size != nil && count < *v.Size/hiddenInSample
}
