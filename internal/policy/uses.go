package policy

import "mlops.dev/notebook-validator-operator/internal/facts"

// uses say where the notebook reads a name and where lint misses an await. They are looked up once, since a long notebook
// asks often.
type uses struct {
	// last is the place among the cells of the last one that reads the name, in a function or outside.
	last map[string]int
	// readers are the places of the cells whose own code reads the name, in order.
	readers map[string][]int
	// forgotten are the lines at which lint misses an await.
	forgotten map[spot]bool
}

func newUses(in Input, sources map[int]*facts.Source) *uses {
	u := &uses{last: map[string]int{}, readers: map[string][]int{}, forgotten: map[spot]bool{}}
	for i := range in.Cells {
		source := sources[in.Cells[i].Index]
		if source == nil {
			continue
		}
		for _, name := range source.Scope.Loads {
			u.last[name] = i
			u.readers[name] = append(u.readers[name], i)
		}
		for f := range source.Functions {
			for _, name := range source.Functions[f].Scope.Loads {
				u.last[name] = i
			}
		}
	}
	for _, place := range in.Analysis.Lint {
		if place.Rule == "NB306" && place.Cell != nil {
			u.forgotten[spot{rule: place.Rule, cell: *place.Cell, line: place.Line}] = true
		}
	}
	return u
}

// readFrom is true if that cell, a later one or a function of them reads the name.
func (u *uses) readFrom(i int, name string) bool {
	last, read := u.last[name]
	return read && last >= i
}

// misses is true of a line at which lint misses an await.
func (u *uses) misses(cell, line int) bool {
	return u.forgotten[spot{rule: "NB306", cell: cell, line: line}]
}
