package html

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/golden"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
	"mlops.dev/notebook-validator-operator/internal/report"
)

// hostile writes the payload wherever a notebook, or a report of it, has text.
func hostile(t *testing.T, address string) (*report.Report, *nbformat.Notebook) {
	t.Helper()
	all := everyPayload(address)
	payload, svg := strings.Join(all, "\n"), svgPayload(address)
	cell := code("html", "frames()")
	for _, one := range all {
		cell.Outputs = append(cell.Outputs, value(t, map[string]string{"text/html": one}), printed("stdout", one))
	}
	notebook := notebookOf(
		text("# "+payload+"\n\n"+payload+"\n\n- "+payload+"\n\n```\n"+payload+"\n```\n\n[x](javascript:alert(1)) `"+payload+"`"),
		nbformat.Cell{Type: "raw", Source: payload},
		code("id", payload+"\n\u202e"+payload,
			printed("stdout", payload+"\x1b[31m"+payload+"\x1b]8;;javascript:alert(1)\x07x"), printed("stderr", payload),
			value(t, map[string]string{"text/html": payload, "text/plain": payload}),
			value(t, map[string]string{"image/svg+xml": svg}),
			value(t, map[string]string{"image/png": payload}),
			value(t, map[string]string{"text/markdown": payload}),
			value(t, map[string]string{"text/latex": payload}),
			value(t, map[string]string{"application/javascript": payload, "text/plain": payload}),
			value(t, map[string]string{payload: payload}),
			nbformat.Output{Type: nbformat.ErrorOutput, EName: payload, EValue: payload, Traceback: []string{payload, "\x1b[3" + payload}},
		),
		cell,
	)
	r := reportOf(notebook)
	r.Notebook, r.URL, r.Ref, r.Commit, r.Image, r.Python = payload, payload, payload, payload, payload, payload
	r.Kernel.DisplayName, r.Kernel.Name, r.Message, r.Notes = payload, payload, payload, []string{payload}
	r.Packages, r.Requirements = map[string]string{payload: payload}, []string{payload}
	r.Cells[0].Source, r.ObservedDetail = payload, payload
	finding := advice(payload, "Failure", 2, 1)
	finding.Message, finding.Why, finding.Fix, finding.Example, finding.Link = payload, payload, payload, payload, "javascript:"+payload
	r.Findings = append(r.Findings, finding)
	finding.Cell, finding.Severity, finding.Link = nil, "Info", "https://example.com/\"onclick=\"x"+payload
	r.Findings = append(r.Findings, finding)
	r.Comparison = &golden.Result{
		Message: payload, Commit: payload, Notes: []string{payload}, Verdict: "Mismatched",
		Diffs: []golden.Diff{{CellID: payload, Message: payload, Expected: payload, Actual: payload + "\n" + payload}},
	}
	return r, notebook
}

func TestNothingOfAHostileNotebookRuns(t *testing.T) {
	w := newWitness(t)
	r, notebook := hostile(t, w.URL)
	for name, executed := range map[string]*nbformat.Notebook{"with its notebook": notebook, "alone": nil} {
		t.Run(name, func(t *testing.T) {
			page := render(t, r, executed, ample)
			if executed != nil {
				assert.Greater(t, strings.Count(page, "<iframe"), 5, "or nothing was tried")
			}
			document := browse(t, page)
			paths, connections := w.seen()
			assert.Empty(t, paths)
			assert.Zero(t, connections)
			assert.Contains(t, document, "<title>Passed: ")
			assert.NotContains(t, document, "data-taken=")
		})
	}
}

func TestThePayloadsAreAlive(t *testing.T) {
	w := newWitness(t)
	page := ""
	for _, payload := range append(everyPayload(w.URL)[1:], svgPayload(w.URL)) {
		page += `<iframe srcdoc="` + attribute(payload) + `"></iframe>`
	}
	document := browse(t, "<!doctype html><title>x</title><body>"+page+payloads(w.URL)["script"])
	assert.Contains(t, document, "<title>taken over</title>")
	assert.Contains(t, document, "data-taken=")
	paths, connections := w.seen()
	assert.Positive(t, connections)
	// These two come alive only behind a filter that reads HTML otherwise than a browser does.
	dead := []string{"mutation", "noscript"}
	for name := range payloads(w.URL) {
		if !slices.Contains(dead, name) {
			assert.Contains(t, paths, "/"+name)
		}
	}
	for _, name := range []string{"svg-onload", "svg-script", "svg-import"} {
		assert.Contains(t, paths, "/"+name)
	}
}

func TestThePayloadsThatLeaveThePageAreAlive(t *testing.T) {
	w := newWitness(t)
	browse(t, "<!doctype html>"+refresh(w.URL))
	paths, _ := w.seen()
	assert.Contains(t, paths, "/refresh")

	w = newWitness(t)
	connections := 0
	for range 5 { // the browser may end before it gets to connect
		browse(t, "<!doctype html>"+preconnect(w.URL))
		if _, connections = w.seen(); connections > 0 {
			break
		}
	}
	assert.Positive(t, connections)
}

// Each of the walls around HTML of a notebook must hold without the others.
func TestEachWallHoldsByItself(t *testing.T) {
	const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; ` +
		`form-action 'none'; base-uri 'none'">`
	require.Contains(t, source, policy)
	inFrame := func(payload string) string { return `<iframe srcdoc="` + attribute(payload) + `"></iframe>` }
	walls := map[string]struct {
		head  string
		build func(payload string) string
	}{
		"the elements that are left": {"", func(payload string) string {
			safe, _ := harmless(payload)
			return safe + inFrame(safe)
		}},
		"the frame and its policy": {"", func(payload string) string {
			return `<iframe sandbox="" srcdoc="` + attribute(frameHead+payload) + `"></iframe>`
		}},
		"the policy of the page": {policy, inFrame},
	}
	for name, wall := range walls {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t)
			page := "<!doctype html>" + wall.head + "<title>x</title>"
			for _, payload := range everyPayload(w.URL)[2:] {
				page += wall.build(payload)
			}
			document := browse(t, page)
			paths, _ := w.seen()
			assert.Empty(t, paths)
			assert.Contains(t, document, "<title>x</title>")
			assert.NotContains(t, document, "data-taken=")
		})
	}
}
