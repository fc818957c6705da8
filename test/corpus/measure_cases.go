package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/cases"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/judge"
)

// measureCases holds the acceptance cases against what this interpreter makes of them.
func (c *corpus) measureCases(ctx context.Context) error {
	var all []cases.Case
	for _, file := range []string{"cases.json", "more.json"} {
		some, err := cases.Read(filepath.Join(c.cases, file))
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	wrong := make([][]string, len(all))
	err := c.each(ctx, "cases", len(all), func(ctx context.Context, i, _ int) error {
		var err error
		wrong[i], err = c.wrongVerdicts(ctx, all[i])
		return err
	})
	if err != nil {
		return err
	}
	lines := slices.Concat(wrong...)
	verdicts := len(all) * len(v1alpha1.Levels())
	c.document.heading("Acceptance cases")
	c.document.paragraph("%s of the verdicts over %d cases are the ones that were demanded.", share(verdicts-len(lines), verdicts), len(all))
	c.document.list(lines)
	return nil
}

// wrongVerdicts lists the levels at which the product says something else than the case demands.
func (c *corpus) wrongVerdicts(ctx context.Context, one cases.Case) ([]string, error) {
	folder, err := c.scratch()
	if err != nil {
		return nil, err
	}
	data, err := one.Notebook()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(folder, one.ID+".ipynb")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return nil, err
	}
	run, err := c.executor.Observe(ctx, path, filepath.Join(folder, "out"))
	if err != nil {
		return nil, fmt.Errorf("case %s: %w", one.ID, err)
	}
	var lines []string
	for _, level := range v1alpha1.Levels() {
		if verdict := judge.At(level, run); verdict.Word != one.Expected[level] {
			lines = append(lines, fmt.Sprintf("%s %s, %s: %s instead of %s %v", one.ID, one.Title, level, verdict.Word,
				one.Expected[level], verdict.Rules()))
		}
	}
	return lines, nil
}
