package report

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/golden"
)

// SchemaVersion is the version of report.json.
const SchemaVersion = 1

// Report is what is known about a finished run; report.json is its JSON form.
type Report struct {
	// SchemaVersion is the version of this form.
	SchemaVersion int `json:"schemaVersion"`
	// Verdict is Passed or Failed.
	Verdict string `json:"verdict"`
	// Reason says why in one word.
	Reason Reason `json:"reason"`
	// Message says why, and what to do, in one sentence.
	Message string `json:"message"`
	// FailedCell is the index of the cell in which the notebook failed.
	FailedCell *int `json:"failedCell,omitempty"`
	// Notes are things worth knowing that change no verdict.
	Notes []string `json:"notes,omitempty"`
	// Level is how strict the validation was, empty where nothing was validated
	// but the run itself.
	Level v1alpha1.ValidationLevel `json:"level,omitempty"`
	// Observed says whether the values of the notebook were looked at while it
	// ran; where they were not, that there are no findings means little.
	Observed bool `json:"observed"`
	// ObservedDetail says why, and which cells, were not observed.
	ObservedDetail string `json:"observedDetail,omitempty"`
	// Findings are what the validation found, in the notebook's order.
	Findings []findings.Finding `json:"findings,omitempty"`
	// OmittedFindings is how many were left out of Findings to keep the report
	// within its size, the least severe ones first.
	OmittedFindings int `json:"omittedFindings,omitempty"`
	// Comparison is what came of the comparison with a golden notebook, absent
	// where none was asked for.
	Comparison *golden.Result `json:"comparison,omitempty"`
	// ArtifactsPath is the folder of the volume of artifacts that whole files
	// were written to, empty for none.
	ArtifactsPath string `json:"artifactsPath,omitempty"`
	// Notebook is the notebook's path inside the repository.
	Notebook string `json:"notebook"`
	// URL is the repository's address, without credentials.
	URL string `json:"url"`
	// Ref is the branch, tag or commit that was asked for.
	Ref string `json:"ref,omitempty"`
	// Commit is the commit that was run, empty if it is not known.
	Commit string `json:"commit,omitempty"`
	// Image is the container image that the notebook ran in.
	Image string `json:"image,omitempty"`
	// Parameters are what the notebook was given, absent where it was given none.
	Parameters map[string]any `json:"parameters,omitempty"`
	// Kernel is the kernel that was used.
	Kernel *Kernel `json:"kernel,omitempty"`
	// Python is the version of the image's python3.
	Python string `json:"python,omitempty"`
	// Packages are the versions of the Jupyter libraries in the image.
	Packages map[string]string `json:"packages,omitempty"`
	// Requirements are all Python packages that the notebook could import before
	// its first cell ran, as pip freeze prints them, without credentials; empty
	// if that is not known.
	Requirements []string `json:"requirements,omitempty"`
	// NBFormat is the format of the notebook file.
	NBFormat *NBFormat `json:"nbformat,omitempty"`
	// StartedAt is when the run began.
	StartedAt *time.Time `json:"startedAt,omitempty"`
	// FinishedAt is when the run ended.
	FinishedAt *time.Time `json:"finishedAt,omitempty"`
	// Seconds is how long the run took.
	Seconds float64 `json:"seconds"`
	// Counts are the numbers of code cells.
	Counts Counts `json:"counts"`
	// Cells are the code cells in the notebook's order.
	Cells []RunCell `json:"cells"`
	// OmittedCells is how many code cells were left out of Cells to keep the
	// report within its size.
	OmittedCells int `json:"omittedCells,omitempty"`
}

// Counts are the numbers of code cells by how they fared.
type Counts struct {
	// Total is the number of all code cells.
	Total int `json:"total"`
	// Passed is the number of cells that did what they should.
	Passed int `json:"passed"`
	// Failed is the number of cells in which the notebook failed.
	Failed int `json:"failed"`
	// Skipped is the number of cells that are empty or marked to be left out.
	Skipped int `json:"skipped"`
	// NotRun is the number of cells that the run did not reach.
	NotRun int `json:"notRun"`
}

// count counts; a cell that exits counts as failed only by what Judge says of
// the exit code, so here it has passed.
func count(cells []RunCell) Counts {
	counts := Counts{Total: len(cells)}
	for _, cell := range cells {
		switch cell.Status {
		case CellOK, CellExited:
			counts.Passed++
		case CellSkipped:
			counts.Skipped++
		case CellNotRun:
			counts.NotRun++
		default:
			counts.Failed++
		}
	}
	return counts
}

// Subject says what a report is about.
type Subject struct {
	// Notebook is the notebook's path inside the repository.
	Notebook string
	// URL is the repository's address; credentials in it are dropped.
	URL string
	// Ref is the branch, tag or commit that was asked for.
	Ref string
	// Commit is the full commit.
	Commit string
	// Image is the container image the notebook ran in.
	Image string
}

// New makes the report of a run. Where there is no record to believe, run is
// nil and the verdict says why.
func New(subject Subject, run *Run, verdict Verdict) *Report {
	report := &Report{
		SchemaVersion: SchemaVersion,
		Verdict:       "Failed",
		Reason:        verdict.Reason,
		Message:       verdict.Message,
		FailedCell:    verdict.FailedCell,
		Notebook:      oneLine(subject.Notebook, maxFieldBytes),
		URL:           RedactURL(subject.URL),
		Ref:           oneLine(subject.Ref, 300),
		Commit:        oneLine(subject.Commit, 64),
		Image:         oneLine(subject.Image, 1000),
		Cells:         []RunCell{},
	}
	if verdict.Passed {
		report.Verdict = "Passed"
	}
	if run != nil {
		report.describe(run)
	}
	return report
}

// describe copies the record, every text of it made safe and short.
func (r *Report) describe(run *Run) {
	for _, note := range run.Notes {
		r.Notes = append(r.Notes, oneLine(note, 500))
	}
	if run.Kernel != nil {
		r.Kernel = &Kernel{
			Name:        oneLine(run.Kernel.Name, 200),
			Language:    oneLine(run.Kernel.Language, 200),
			DisplayName: oneLine(run.Kernel.DisplayName, 200),
		}
	}
	r.Python = oneLine(run.Python, 100)
	r.Packages = map[string]string{}
	for name, version := range run.Packages {
		r.Packages[oneLine(name, 100)] = oneLine(version, 100)
	}
	r.require(run.Requirements)
	r.parameterize(run.Parameters)
	r.NBFormat = run.NBFormat
	started, finished := run.StartedAt.UTC(), run.FinishedAt.UTC()
	r.StartedAt, r.FinishedAt, r.Seconds = &started, &finished, run.Seconds
	r.Counts = count(run.Cells)
	if run.Outcome == OutcomeExited && !r.Reason.Passes() {
		r.Counts.Passed, r.Counts.Failed = r.Counts.Passed-1, r.Counts.Failed+1
	}
	for _, cell := range run.Cells {
		r.Cells = append(r.Cells, safeCell(cell))
	}
}

// require copies the list of packages without the credentials in it.
func (r *Report) require(lines []string) {
	for _, line := range lines {
		r.Requirements = append(r.Requirements, redactRequirement(line))
	}
	if !slices.Equal(r.Requirements, lines) {
		r.Notes = append(r.Notes, "requirements.lock has **** in place of what may be credentials in the address of a package")
	}
}

func safeCell(cell RunCell) RunCell {
	cell.ID = oneLine(cell.ID, 64)
	cell.Source = oneLine(cell.Source, 200)
	cell.Output = sanitize(cell.Output)
	cell.Stderr, cell.Facts, cell.SkipReason = "", nil, ""
	if cell.Error != nil {
		cell.Error = &CellFailure{
			Name:      oneLine(cell.Error.Name, 200),
			Value:     sanitize(cell.Error.Value),
			Traceback: sanitize(cell.Error.Traceback),
		}
	}
	return cell
}

// RedactURL removes credentials from a repository's address: everything before
// the @ of an http(s) URL, the password of any other, and the query, which may
// carry a token.
func RedactURL(address string) string {
	address = oneLine(address, 2000)
	if !strings.Contains(address, "://") {
		return redactScpLike(address)
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return "(address not readable)"
	}
	keepUser := parsed.Scheme == "ssh" || parsed.Scheme == "git+ssh"
	if parsed.User != nil && keepUser {
		parsed.User = url.User(parsed.User.Username())
	} else {
		parsed.User = nil
	}
	parsed.RawQuery, parsed.ForceQuery, parsed.Fragment, parsed.RawFragment = "", false, "", ""
	return parsed.String()
}

// redactScpLike handles user@host:path; a password has no place in it, but
// people put one there.
func redactScpLike(address string) string {
	before, after, found := strings.Cut(address, "@")
	if !found {
		return address
	}
	user, _, hasPassword := strings.Cut(before, ":")
	if !hasPassword {
		return address
	}
	return fmt.Sprintf("%s@%s", user, after)
}
