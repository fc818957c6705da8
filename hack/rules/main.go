// Command rules writes docs/rules from the catalogue: the table of all rules and levels, and the generated part of each
// rule's page. What people wrote below the mark of a page stays.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"mlops.dev/notebook-validator-operator/internal/rules"
)

func main() {
	out := flag.String("out", "docs/rules", "folder to write to")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "rules:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	pages, err := generate(out)
	if err != nil {
		return err
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate makes every page, by the name of its file, around the hand-written parts that are in the folder.
func generate(folder string) (map[string]string, error) {
	pages := map[string]string{"README.md": overview()}
	for _, rule := range rules.All() {
		name := rule.ID + ".md"
		before, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		pages[name] = page(rule, written(string(before)))
	}
	return pages, nil
}
