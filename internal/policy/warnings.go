package policy

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/facts"
)

var numericMessage = regexp.MustCompile(`(?i)invalid value encountered|divide by zero|overflow encountered|mean of empty slice|degrees of freedom|all-nan|precision loss|ill-conditioned|singular|poorly conditioned`)

// doubtful are warnings by which libraries doubt their own results.
var doubtful = set(strings.Fields(`ConvergenceWarning UndefinedMetricWarning SettingWithCopyWarning RankWarning OptimizeWarning
	IntegrationWarning LinAlgWarning DtypeWarning ComplexWarning EstimatorWarning`))

// deprecations count at production alone.
var deprecations = set(strings.Fields("DeprecationWarning PendingDeprecationWarning FutureWarning"))

// exitHint is what IPython says when a cell calls sys.exit; it is no warning of the notebook.
const exitHint = "To exit: use"

// numericWarnings judges warnings about results, unless the value that they are about was found itself.
func (j *judge) numericWarnings(cell *Cell, found map[kind]confidence) {
	if !cell.whole() || j.config.FailOnWarnings {
		return
	}
	for _, warning := range cell.Facts.Warnings {
		category := leafOf(warning.Category)
		switch {
		case category == "RuntimeWarning" && numericMessage.MatchString(warning.Message):
			if found[kindNumber] < medium {
				j.warned("WARN-NUM", cell, warning)
			}
		case doubtful[category]:
			j.warned("WARN-LIB", cell, warning)
		}
	}
}

// allWarnings judges every warning where the user asks for it.
func (j *judge) allWarnings() {
	if !j.config.FailOnWarnings {
		return
	}
	for i := range j.in.Cells {
		cell := &j.in.Cells[i]
		if cell.Facts == nil {
			continue
		}
		for _, warning := range cell.Facts.Warnings {
			old := deprecations[leafOf(warning.Category)] && j.config.Level != v1alpha1.LevelProduction
			if !old && !strings.HasPrefix(warning.Message, exitHint) {
				j.warned("WARNING", cell, warning)
			}
		}
	}
}

// warned tells of a warning: one of a category and line is enough, what follows on the same line has the same cause. Only
// where every warning counts are two messages two findings.
func (j *judge) warned(rule string, cell *Cell, warning facts.Warning) {
	line := 0
	if warning.Own {
		line = warning.Line
	}
	same := strconv.Itoa(line)
	if rule == "WARNING" {
		same = warning.Message
	}
	category := leafOf(warning.Category)
	j.found.add(remark{
		rule: rule, cell: cell, line: line, name: category, scope: same,
		message: fmt.Sprintf("%s: %s", category, strings.Join(strings.Fields(warning.Message), " ")),
	})
}
