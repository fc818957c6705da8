package main

import (
	"fmt"
	"strings"
)

const heading = `# Conditions and reasons

<!-- Generated from api/v1alpha1/conditions.go by make generate. DO NOT EDIT. -->

Every condition has a status, a reason, a message and the generation of the spec that it speaks of. ` + "`Unknown`" + ` means not
decided yet, ` + "`True`" + ` means done well, ` + "`False`" + ` is final for that generation. A condition whose ` + "`observedGeneration`" + ` is not
the object's ` + "`metadata.generation`" + ` speaks of an older spec. The reason is for programs, the message for people.

What to do about each reason that stops a job is in [troubleshooting.md](troubleshooting.md).
`

// markdown renders each group as a heading and a table.
func markdown(groups []group) string {
	var page strings.Builder
	page.WriteString(heading)
	for _, g := range groups {
		fmt.Fprintf(&page, "\n## %s\n\n", g.Title)
		if g.Note != "" {
			fmt.Fprintf(&page, "%s\n\n", g.Note)
		}
		column := "meaning"
		if strings.HasPrefix(g.Title, "Reasons") {
			column = "is set"
		}
		fmt.Fprintf(&page, "| name | %s |\n|---|---|\n", column)
		for _, e := range g.Entries {
			fmt.Fprintf(&page, "| `%s` | %s |\n", e.Value, strings.ReplaceAll(e.Meaning, "|", `\|`))
		}
	}
	return page.String()
}
