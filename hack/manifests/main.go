// Command manifests reads the operator's rendered manifests from standard input and fails where they break a rule that
// the operator promises to its cluster: no wildcard rights, no lists of secrets, a restricted pod, one image.
package main

import (
	"flag"
	"fmt"
	"os"

	"mlops.dev/notebook-validator-operator/hack/objects"
)

func main() {
	image := flag.String("image", "", "image that the operator must run; any when empty")
	flag.Parse()
	all, err := objects.Read(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "manifests:", err)
		os.Exit(1)
	}
	problems := check(all, *image)
	for _, problem := range problems {
		fmt.Fprintln(os.Stderr, "manifests:", problem)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
	fmt.Printf("%d manifests are sound\n", len(all))
}
