package policy

import (
	"fmt"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// clearCommands fail only if something is wrong.
var clearCommands = set(strings.Fields(`pip pip3 conda mamba micromamba uv poetry apt apt-get wget curl git tar unzip gunzip python
	python3 make dvc aws gsutil gcloud az docker npm R Rscript java kaggle`))

// shell judges the exit code of the cell's shell lines. With several commands it is not known which one failed.
func (j *judge) shell(cell *Cell, source *facts.Source) {
	code := cell.Facts.ExitCode
	if code == nil || *code == 0 || j.noneGuards["_exit_code"] {
		return
	}
	clear := len(source.Commands) > 0 && !slices.ContainsFunc(source.Commands, func(command string) bool {
		return !clearCommands[leafPath(command)]
	})
	j.found.add(remark{
		rule: "SHELL", milder: !clear, cell: cell, name: strings.Join(source.Commands, ", "),
		message: fmt.Sprintf("A shell command%s failed with exit code %d, and the notebook went on.", listed(" of ", source.Commands), *code),
	})
}

// leafPath is the program without its folder and without the version that Python and pip carry in their names.
func leafPath(command string) string {
	name := command[strings.LastIndex(command, "/")+1:]
	for _, program := range []string{"python", "pip"} {
		if rest, found := strings.CutPrefix(name, program); found && strings.Trim(rest, "0123456789.") == "" {
			return program
		}
	}
	return name
}

// threads judges exceptions that ended a thread and reached nobody.
func (j *judge) threads(cell *Cell) {
	for _, exception := range cell.Facts.Threads {
		j.found.add(remark{rule: "THREAD", cell: cell, name: exception, message: "A thread died of " + quote(exception) + "."})
	}
}
