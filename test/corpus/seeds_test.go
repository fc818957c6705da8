package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/execute"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/judge"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/outputs"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/seeding"
)

// own is a corpus of our own notebooks.
func own(t *testing.T, flags ...string) *corpus {
	t.Helper()
	wanted, err := parse(append(append([]string{"-python", python(t)[0], "-seed=7"}, flags...), "hosts"))
	require.NoError(t, err)
	measured, err := newCorpus(t.Context(), wanted, t.TempDir())
	require.NoError(t, err)
	return measured
}

func TestGoodNotebooksStayQuietAndFaultsInThemAreFound(t *testing.T) {
	measured := own(t, "-seeds=4")
	require.NoError(t, measured.runAll(t.Context()))
	for _, one := range measured.notebooks {
		require.Emptyf(t, one.problem, "%s does not run", one.path)
		assert.Truef(t, one.observed.Run.Observed, "%s was not observed", one.path)
		verdict := judge.At(v1alpha1.LevelStaging, one.observed)
		assert.Containsf(t, []string{judge.OK, judge.Info}, verdict.Word, "%s: %s", one.path, verdict)
		assert.Emptyf(t, outputs.Differences(one.plain[0].Executed, one.observed.Executed), "observing changed %s", one.path)
	}
	require.NoError(t, measured.measureGolden(t.Context()))

	outside, inside := seedInto(t, measured)
	t.Logf("found %s at the top level, %s inside functions, methods and attributes", outside, inside)
	assert.Equal(t, outside.all, outside.found, "faults at the top level")
	assert.GreaterOrEqual(t, float64(inside.found), 0.8*float64(inside.all), "faults inside functions, methods and attributes")
}

// seedInto seeds faults into the notebooks and counts those that are found at the top level and inside of things.
func seedInto(t *testing.T, measured *corpus) (outside, inside *tally) {
	t.Helper()
	hosts, problems, err := measured.hosts(t.Context())
	require.NoError(t, err)
	require.Empty(t, problems)
	folder := t.TempDir()
	faults, err := measured.seeder.Seed(t.Context(), hosts, measured.seed, measured.perHost, folder)
	require.NoError(t, err)
	sightings := make([]sighting, len(faults))
	require.NoError(t, measured.each(t.Context(), "seeded faults", len(faults), func(ctx context.Context, i, worker int) error {
		var err error
		sightings[i], err = measured.look(ctx, faults[i], folder, measured.copies[worker])
		return err
	}))
	outside, inside = &tally{}, &tally{}
	for _, one := range sightings {
		require.Emptyf(t, one.broken, "%s did not run", describe(one.fault))
		found := len(one.found) > 0
		if one.fault.Inside() {
			inside.add(found)
		} else {
			outside.add(found)
		}
		if !found {
			t.Logf("not found: %s", describe(one.fault))
		}
	}
	return outside, inside
}

func TestTheSameSeedMakesTheSameNotebooks(t *testing.T) {
	executor, err := execute.New(python(t), t.TempDir(), time.Minute)
	require.NoError(t, err)
	seeder, err := seeding.New(executor, t.TempDir())
	require.NoError(t, err)
	host := &seeding.Host{Name: "text", Path: filepath.Join("hosts", "text.ipynb"), Survey: []byte(
		`{"error": "", "cells": {"1": {}, "2": {}, "5": {"frame": {"kind": "frame", "number": ["length"], "text": ["word"]}}}}`)}
	made := func(seed int) (string, []seeding.Fault) {
		folder := t.TempDir()
		faults, err := seeder.Seed(t.Context(), []*seeding.Host{host}, seed, 30, folder)
		require.NoError(t, err)
		var all string
		for _, fault := range faults {
			data, err := os.ReadFile(filepath.Join(folder, fault.Notebook))
			require.NoError(t, err)
			all += string(data)
			notebook, err := execute.ReadNotebook(filepath.Join(folder, fault.Notebook))
			require.NoError(t, err)
			for _, cell := range fault.Cells {
				assert.Truef(t, notebook.Cells[cell].IsCode(), "%s: cell %d", fault.Notebook, cell)
			}
		}
		return all, faults
	}
	first, faults := made(1)
	second, _ := made(1)
	other, _ := made(2)
	assert.Len(t, faults, 30)
	assert.Equal(t, first, second)
	assert.NotEqual(t, first, other)
}
