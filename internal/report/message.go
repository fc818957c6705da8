package report

import (
	"fmt"
	"regexp"
	"strings"
)

// maxFactBytes bounds the facts of strangers inside a message, so that the
// advice after them is never cut off.
const maxFactBytes = 600

// cellMessage names the cell, what it raised and what to do about it.
func cellMessage(run *Run) string {
	failure := failureOf(run)
	fact := oneLine(failure.Name, 100)
	if value := oneLine(failure.Value, maxFactBytes); value != "" {
		fact += ": " + value
	}
	return fmt.Sprintf("cell %d raised %s: %s", endedIn(run), fact, advice(failure))
}

// failureOf returns the error of the cell that ended the run.
func failureOf(run *Run) CellFailure {
	for _, cell := range run.Cells {
		if cell.Status != CellOK && cell.Error != nil {
			return *cell.Error
		}
	}
	return CellFailure{Name: "an exception", Value: run.Detail}
}

var missingModule = regexp.MustCompile(`No module named '([A-Za-z0-9_]+)`)

// distributions are modules that pip knows by another name.
var distributions = map[string]string{
	"PIL": "Pillow", "bs4": "beautifulsoup4", "cv2": "opencv-python-headless", "dateutil": "python-dateutil",
	"dotenv": "python-dotenv", "skimage": "scikit-image", "sklearn": "scikit-learn", "yaml": "PyYAML",
}

func advice(failure CellFailure) string {
	switch failure.Name {
	case "ModuleNotFoundError", "ImportError":
		return moduleAdvice(failure.Value)
	case "FileNotFoundError", "NotADirectoryError":
		return "the notebook runs in its own folder; commit the file beside it or mount it with podConfig.volumes"
	case "StdinNotImplementedError":
		return "nobody is there to answer input(); take the value from a variable or from podConfig.env"
	case "NameError":
		return "cells run once from top to bottom in a fresh kernel; define the name in an earlier cell"
	case "SyntaxError", "IndentationError", "TabError":
		return "correct the cell's syntax"
	case "MemoryError":
		return "raise podConfig.resources.limits.memory or load less data"
	case "OSError":
		if strings.Contains(failure.Value, "No space left") {
			return "the disk is full; write less, or mount a volume with podConfig.volumes and write there"
		}
	case "ConnectionRefusedError", "ConnectionError", "ConnectTimeout", "URLError", "gaierror", "ConnectError":
		return "nothing answers there from inside the cluster; check the address and the network policies of the namespace"
	case "PermissionError":
		return "the run has no root rights; write below the notebook's folder or below /tmp"
	}
	return "correct the cell, then restart the kernel and run all cells to see that it holds"
}

func moduleAdvice(value string) string {
	found := missingModule.FindStringSubmatch(value)
	if found == nil {
		return "pin a version of the package that has it in requirements.txt and set podConfig.buildConfig.enabled"
	}
	what := "it"
	if distribution, ok := distributions[found[1]]; ok {
		what = distribution
	}
	return "add " + what + " to requirements.txt and set podConfig.buildConfig.enabled"
}

func exitMessage(run *Run) string {
	message := fmt.Sprintf("cell %d ended the notebook with exit code %d", endedIn(run), *run.ExitCode)
	if detail := oneLine(run.Detail, maxFactBytes); detail != "" {
		message += ": " + detail
	}
	return message + ": the notebook itself reports a failure; correct what it complains about"
}

func memoryMessage(run *Run) string {
	return fmt.Sprintf("the kernel was killed for lack of memory in cell %d: "+
		"raise podConfig.resources.limits.memory or load less data", endedIn(run))
}

func deathMessage(run *Run) string {
	how := "the kernel died"
	switch {
	case run.Signal != nil:
		how += " by signal " + oneLine(*run.Signal, 40)
	case run.ExitCode != nil:
		how += fmt.Sprintf(" with exit code %d", *run.ExitCode)
	}
	message := fmt.Sprintf("%s in cell %d", how, endedIn(run))
	if said := lastLine(run.Detail); said != "" {
		message += ": " + said
	}
	if run.Signal != nil && *run.Signal == "SIGKILL" {
		return message + ": something killed it; if the cell needs much memory, raise podConfig.resources.limits.memory"
	}
	return message + ": look for os._exit, a crash in a compiled library, or a library built for another processor"
}

func kernelMessage(run *Run) string {
	fact := oneLine(run.Detail, maxFactBytes)
	if run.Outcome == OutcomeNoSuchKernel {
		return fact + ": install that kernel in the image (for Python: add ipykernel to requirements.txt), " +
			"or set the notebook's kernel to an installed one"
	}
	return fact + ": check that ipykernel and its requirements fit together in the image, and that the machine is not overloaded"
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return oneLine(lines[len(lines)-1], maxFactBytes)
}
