package policy

import (
	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/expected"
	"mlops.dev/notebook-validator-operator/internal/facts"
	"mlops.dev/notebook-validator-operator/internal/findings"
)

// Judge says what is found in a run at the level and with the switches of the config. An exception that ended the run, a
// timeout and a dead kernel are no findings: they fail every level by themselves. The order is that of the cells, and at
// most MaxFindings are given.
func Judge(in Input, config v1alpha1.ValidationConfig) []findings.Finding {
	j := newJudge(in, config)
	j.silent()
	j.lint()
	j.allWarnings()
	j.stderr()
	j.explicitExit()
	j.noAssertion()
	j.unpinned()
	if on(config.CheckOutputTypes) {
		j.found.addAll(expected.Check(outputs(in.Cells), config.ExpectedOutputs))
	}
	return j.found.list()
}

// judge carries a judgement through the cells of one notebook.
type judge struct {
	in     Input
	config v1alpha1.ValidationConfig
	found  *collector
	// sources are the cells' code by the cells' index.
	sources map[int]*facts.Source
	uses    *uses
	// state is what each name was at the end of the last cell that bound or changed it.
	state map[string]facts.Value
	// attributes are those of instances at the end of the last cell that had one.
	attributes map[string]facts.Value
	// functions are the notebook's own, as far as the cells that ran define them.
	functions *functions
	// faults are what was found in functions and attributes, so that a value that is passed on is not found again.
	faults faults
	// coroutines are async functions whose forgotten await was found.
	coroutines map[string]bool
	noneGuards map[string]bool
	nanGuards  map[string]bool
}

func newJudge(in Input, config v1alpha1.ValidationConfig) *judge {
	j := &judge{
		in: in, config: config, found: newCollector(config),
		sources: make(map[int]*facts.Source, len(in.Analysis.Cells)), state: map[string]facts.Value{}, attributes: map[string]facts.Value{},
		functions: newFunctions(), faults: faults{}, coroutines: map[string]bool{},
		noneGuards: withAttributes(set(in.Analysis.NoneGuards)), nanGuards: set(in.Analysis.NaNGuards),
	}
	for i := range in.Analysis.Cells {
		j.sources[in.Analysis.Cells[i].Index] = &in.Analysis.Cells[i]
	}
	j.uses = newUses(in, j.sources)
	return j
}

// on is a switch that is on unless it is set to false.
func on(value *bool) bool { return value == nil || *value }

func set(names []string) map[string]bool {
	all := make(map[string]bool, len(names))
	for _, name := range names {
		all[name] = true
	}
	return all
}
