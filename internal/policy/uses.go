package policy

import (
	"strings"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// uses say where the notebook reads a name and where lint misses an await. They are looked up once, since a long notebook
// asks often.
type uses struct {
	// last is the place among the cells of the last one that reads the name, in a function or outside. Attributes that a
	// function reads are read after the last cell: it may be called at any time after an object was made.
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
			u.read(name, i)
			u.readers[name] = append(u.readers[name], i)
		}
		for f := range source.Functions {
			for _, name := range source.Functions[f].Scope.Loads {
				if attribute(name) == "" {
					u.read(name, i)
				} else {
					u.read(name, len(in.Cells))
				}
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

func (u *uses) read(name string, i int) {
	u.last[name] = max(u.last[name], i)
	if owner := attribute(name); owner != "" {
		u.last[owner] = max(u.last[owner], i)
	}
}

// readFrom is true if that cell, a later one or a function of them reads the name, or the attribute of the same object.
func (u *uses) readFrom(i int, name string) bool {
	for _, same := range sameObject(name) {
		if last, read := u.last[same]; read && last >= i {
			return true
		}
	}
	return false
}

// misses is true of a line at which lint misses an await.
func (u *uses) misses(cell, line int) bool {
	return u.forgotten[spot{rule: "NB306", cell: cell, line: line}]
}

// sameObject are the names that an attribute may have elsewhere: a method calls its object self, and what it sets may be
// asked for as an attribute of whatever name.
func sameObject(name string) []string {
	owner := attribute(name)
	switch {
	case owner == "":
		return []string{name}
	case strings.HasPrefix(name, "self."):
		return []string{name, owner}
	default:
		return []string{name, "self" + owner}
	}
}
