// Command seed makes notebooks with exactly one fault each out of a folder of good ones, and a manifest of them. The same
// seed makes the same notebooks.
//
//	go run ./test/corpus/seed -out FAULTY [flags] FOLDER
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"mlops.dev/notebook-validator-operator/test/corpus/internal/execute"
	"mlops.dev/notebook-validator-operator/test/corpus/internal/seeding"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "seed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	python := flag.String("python", "/usr/bin/python3", "`command` that starts Python, with its first arguments")
	out := flag.String("out", "", "`folder` for the faulty notebooks; files that the good ones read are copied as well")
	seed := flag.Int("seed", 1, "the `number` that decides which faults go where")
	perHost := flag.Int("seeds", 10, "`number` of faulty notebooks made of each good one")
	timeout := flag.Duration("timeout", 10*time.Minute, "time for one notebook")
	flag.Parse()
	if flag.NArg() != 1 || *out == "" {
		flag.Usage()
		return errors.New("name one folder of notebooks, and another one with -out")
	}
	work, err := os.MkdirTemp("", "seed-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	executor, err := execute.New(strings.Fields(*python), work, *timeout)
	if err != nil {
		return err
	}
	seeder, err := seeding.New(executor, work)
	if err != nil {
		return err
	}
	if err := os.CopyFS(*out, os.DirFS(flag.Arg(0))); err != nil {
		return fmt.Errorf("copy the folder: %w", err)
	}
	hosts, err := survey(ctx, seeder, *out, work, *timeout)
	if err != nil {
		return err
	}
	faults, err := seeder.Seed(ctx, hosts, *seed, *perHost, *out)
	if err != nil {
		return err
	}
	fmt.Printf("%d faulty notebooks made of %d good ones, listed in %s\n", len(faults), len(hosts), filepath.Join(*out, "manifest.json"))
	return nil
}

// survey looks at the notebooks of a folder. What cannot run here is no host, and is said.
func survey(ctx context.Context, seeder *seeding.Seeder, folder, work string, timeout time.Duration) ([]*seeding.Host, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.ipynb"))
	if err != nil {
		return nil, err
	}
	var hosts []*seeding.Host
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".ipynb")
		host, err := seeder.Survey(ctx, name, path, work, timeout)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			continue
		}
		hosts = append(hosts, host)
	}
	if len(hosts) == 0 {
		return nil, fmt.Errorf("no notebook in %s runs here", folder)
	}
	return hosts, nil
}
