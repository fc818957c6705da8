package golden

import (
	"regexp"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// pair is a cell of the run and the cell of the golden notebook that it is compared with; one of them is nil for a cell
// without a partner.
type pair struct {
	actual, golden *nbformat.Cell
}

// aligner finds the partners of cells.
type aligner struct {
	actual, golden []*nbformat.Cell
	// partner of each actual cell and of each golden cell, -1 where there is none.
	partner, back []int
	// byID counts the partners that have the same id.
	byID int
}

// align pairs the code cells of two notebooks: by id, else by source, else by their place after cells that have a
// partner. The pairs are in the order of the run; cells that only the golden notebook has come after those before them.
func align(actual, golden *nbformat.Notebook) []pair {
	a := &aligner{actual: alignable(actual), golden: alignable(golden)}
	a.partner, a.back = nobody(len(a.actual)), nobody(len(a.golden))
	a.pairIDs()
	a.pairSources()
	a.pairPlaces()
	return a.pairs()
}

// alignable are the code cells with something to run; parameters that were put in are not part of the notebook.
func alignable(notebook *nbformat.Notebook) []*nbformat.Cell {
	var cells []*nbformat.Cell
	for _, cell := range notebook.CodeCells() {
		if !cell.IsBlank() && !cell.HasTag(nbformat.TagInjectedParameters) {
			cells = append(cells, cell)
		}
	}
	return cells
}

func nobody(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = -1
	}
	return list
}

func (a *aligner) pair(i, j int) { a.partner[i], a.back[j] = j, i }

// placeID is how the runner names a cell that has no id: after its place, which is no identity.
var placeID = regexp.MustCompile(`^cell-\d+(-x)*$`)

func hasIdentity(cell *nbformat.Cell) bool { return cell.ID != "" && !placeID.MatchString(cell.ID) }

func (a *aligner) pairIDs() {
	places := map[string]int{}
	for j, cell := range a.golden {
		if hasIdentity(cell) {
			places[cell.ID] = j
		}
	}
	for i, cell := range a.actual {
		if j, ok := places[cell.ID]; ok && hasIdentity(cell) {
			a.pair(i, j)
			a.byID++
		}
	}
}

// pairSources pairs what is left by the longest common sequence of sources.
func (a *aligner) pairSources() {
	left, right := unpaired(a.partner), unpaired(a.back)
	for _, match := range commonSequence(sources(a.actual, left), sources(a.golden, right)) {
		a.pair(left[match[0]], right[match[1]])
	}
}

func sources(cells []*nbformat.Cell, places []int) []string {
	texts := make([]string, len(places))
	for i, place := range places {
		texts[i] = cells[place].Source
	}
	return texts
}

func unpaired(partners []int) []int {
	var left []int
	for i, partner := range partners {
		if partner < 0 {
			left = append(left, i)
		}
	}
	return left
}

// pairPlaces pairs what is left with what follows the partner of the cell before: a cell whose source was edited. Where
// ids are kept, two cells with different ids are different cells.
func (a *aligner) pairPlaces() {
	before := -1
	for i := range a.actual {
		j := before + 1
		if a.partner[i] < 0 && j < len(a.golden) && a.back[j] < 0 && !a.different(i, j) {
			a.pair(i, j)
		}
		if a.partner[i] >= 0 {
			before = a.partner[i]
		}
	}
}

func (a *aligner) different(i, j int) bool {
	return a.byID > 0 && hasIdentity(a.actual[i]) && hasIdentity(a.golden[j])
}

// pairs lists the partners and the cells without one.
func (a *aligner) pairs() []pair {
	var pairs []pair
	missingFrom := func(j int) {
		for ; j < len(a.golden) && a.back[j] < 0; j++ {
			pairs = append(pairs, pair{golden: a.golden[j]})
		}
	}
	missingFrom(0)
	for i, cell := range a.actual {
		j := a.partner[i]
		if j < 0 {
			pairs = append(pairs, pair{actual: cell})
			continue
		}
		pairs = append(pairs, pair{actual: cell, golden: a.golden[j]})
		missingFrom(j + 1)
	}
	return pairs
}
