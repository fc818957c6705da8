// Command generate writes the JSON schema of report.json.
package main

import (
	"flag"
	"fmt"
	"os"

	"mlops.dev/notebook-validator-operator/internal/report/schema"
)

func main() {
	root := flag.String("root", ".", "folder of the module")
	out := flag.String("out", "docs/report.schema.json", "file to write")
	flag.Parse()
	if err := run(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func run(root, out string) error {
	data, err := schema.Generate(root)
	if err != nil {
		return err
	}
	return os.WriteFile(out, data, 0o644)
}
