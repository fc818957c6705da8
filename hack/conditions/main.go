// Command conditions writes the table of conditions and reasons for users from the constants of the API, so that the
// documentation cannot say anything else than the code.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	api := flag.String("api", "api/v1alpha1/conditions.go", "Go file that holds the constants")
	out := flag.String("out", "docs/conditions.md", "Markdown file to write")
	flag.Parse()
	if err := run(*api, *out); err != nil {
		fmt.Fprintln(os.Stderr, "conditions:", err)
		os.Exit(1)
	}
}

func run(api, out string) error {
	groups, err := parse(api)
	if err != nil {
		return err
	}
	return os.WriteFile(out, []byte(markdown(groups)), 0o644)
}
