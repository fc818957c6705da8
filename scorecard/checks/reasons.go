package checks

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
)

//go:generate go run ../generate

// documentation is the page of conditions and reasons for users.
//
//go:embed conditions.md
var documentation string

// Reasons checks that users can look up every reason: those of the API, which this program has compiled in, stand on the
// page of reasons, that page has no others, and the examples of each owned kind show conditions whose reasons exist.
func Reasons(b *Bundle) v1alpha3.TestResult {
	problems := append(undocumented(reasons, documentation), exampleReasons(b)...)
	return verdict(NameReasons, problems,
		"Reasons are constants in api/v1alpha1/conditions.go; make generate documents them. Examples use no other.")
}

var row = regexp.MustCompile("^\\| `([^`]+)` \\|(.*)\\|$")

// undocumented compares reasons with the rows of the tables below the headings that speak of reasons.
func undocumented(reasons []string, page string) []string {
	meaning := map[string]string{}
	var names []string
	about := false
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if heading, found := strings.CutPrefix(line, "## "); found {
			about = strings.HasPrefix(heading, "Reasons")
		}
		if found := row.FindStringSubmatch(line); about && found != nil {
			meaning[found[1]] = strings.TrimSpace(found[2])
			names = append(names, found[1])
		}
	}
	var problems []string
	for _, reason := range reasons {
		if meaning[reason] == "" {
			problems = append(problems, fmt.Sprintf("reason %s is not documented", reason))
		}
	}
	for _, name := range names {
		if !slices.Contains(reasons, name) {
			problems = append(problems, fmt.Sprintf("the documentation explains %s, which is not a reason", name))
		}
	}
	return problems
}

func exampleReasons(b *Bundle) []string {
	var problems []string
	shown := map[string]bool{}
	for _, example := range b.Examples {
		for _, condition := range conditionsOf(example) {
			shown[example.GetKind()] = true
			reason, _ := condition["reason"].(string)
			if !slices.Contains(reasons, reason) {
				problems = append(problems, fmt.Sprintf("%s: condition %v has the reason %q, which does not exist",
					title(example), condition["type"], reason))
			}
		}
	}
	for _, owned := range b.CSV.Spec.CustomResourceDefinitions.Owned {
		if !shown[owned.Kind] {
			problems = append(problems, fmt.Sprintf("no example of %s shows its conditions", owned.Kind))
		}
	}
	return problems
}
