package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/test/corpus/internal/execute"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/seeding"
)

// corpus is a folder of notebooks under measurement.
type corpus struct {
	options
	work     string
	executor *execute.Executor
	seeder   *seeding.Seeder
	// copies of the folder, one for each kernel that may run at the same time: notebooks write files.
	copies    []string
	notebooks []*notebook
	document  document
}

// notebook is one notebook of the corpus and what became of it.
type notebook struct {
	// path inside the folder.
	path string
	// plain are two runs by nbclient, observed is one by the product between them.
	plain    [2]*execute.Plain
	observed *execute.Observed
	// problem says why the notebook cannot run here, empty if it can.
	problem string
}

// name is a word for the notebook in the names of files.
func (n *notebook) name() string {
	return strings.TrimSuffix(strings.ReplaceAll(n.path, string(filepath.Separator), "__"), ".ipynb")
}

func newCorpus(ctx context.Context, wanted options, work string) (*corpus, error) {
	c := &corpus{options: wanted, work: work}
	for _, folder := range []string{"tools", "seeding", "out"} {
		if err := os.Mkdir(filepath.Join(work, folder), 0o755); err != nil {
			return nil, err
		}
	}
	var err error
	c.executor, err = execute.New(strings.Fields(wanted.python), filepath.Join(work, "tools"), wanted.timeout)
	if err != nil {
		return nil, err
	}
	if c.seeder, err = seeding.New(c.executor, filepath.Join(work, "seeding")); err != nil {
		return nil, err
	}
	if err := c.find(); err != nil {
		return nil, err
	}
	for i := range wanted.jobs {
		folder := filepath.Join(work, fmt.Sprintf("copy-%d", i))
		if err := os.CopyFS(folder, os.DirFS(wanted.folder)); err != nil {
			return nil, fmt.Errorf("copy the notebooks: %w", err)
		}
		c.copies = append(c.copies, folder)
	}
	return c, c.versions(ctx)
}

// find lists the notebooks of the folder.
func (c *corpus) find() error {
	err := filepath.WalkDir(c.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != c.folder && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		matches, err := filepath.Match(c.match, entry.Name())
		if err == nil && matches && entry.Type().IsRegular() && filepath.Ext(path) == ".ipynb" {
			inside, _ := filepath.Rel(c.folder, path) // the walk began there
			c.notebooks = append(c.notebooks, &notebook{path: inside})
		}
		return err
	})
	if err == nil && len(c.notebooks) == 0 {
		return fmt.Errorf("%s holds no notebook that matches %s", c.folder, c.match)
	}
	slices.SortFunc(c.notebooks, func(a, b *notebook) int { return strings.Compare(a.path, b.path) })
	return err
}

// measure does all parts that are wanted.
func (c *corpus) measure(ctx context.Context) error {
	if c.has("cases") {
		if err := c.measureCases(ctx); err != nil {
			return err
		}
	}
	// Every other part needs to know which notebooks can run here.
	if !c.has("runs") && !c.has("overhead") && !c.has("golden") && !c.has("seeds") {
		return nil
	}
	for _, step := range []struct {
		part string
		do   func(context.Context) error
	}{{"", c.runAll}, {"runs", c.reportRuns}, {"overhead", c.measureOverhead}, {"golden", c.measureGolden}, {"seeds", c.measureSeeds}} {
		if step.part != "" && !c.has(step.part) {
			continue
		}
		if err := step.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// running are the notebooks that can run here.
func (c *corpus) running() []*notebook {
	var list []*notebook
	for _, one := range c.notebooks {
		if one.problem == "" {
			list = append(list, one)
		}
	}
	return list
}

// scratch makes a new folder for the files of one run.
func (c *corpus) scratch() (string, error) { return os.MkdirTemp(filepath.Join(c.work, "out"), "run-") }
