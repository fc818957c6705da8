package policy

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/findings"
	"mlops.dev/notebook-validator-operator/internal/testing/golden"
)

// fixtures are Inputs as JSON below testdata.
func fixtures(t testing.TB) map[string]Input {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	all := map[string]Input{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		var in Input
		require.NoError(t, json.Unmarshal(text, &in), path)
		all[strings.TrimSuffix(filepath.Base(path), ".json")] = in
	}
	return all
}

func TestFixturesAtEveryLevel(t *testing.T) {
	for name, in := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			for _, level := range v1alpha1.Levels() {
				fmt.Fprintf(&text, "== %s\n", level)
				for _, f := range Judge(in, at(level)) {
					fmt.Fprintf(&text, "%s\n  line %d: %s\n", told([]findings.Finding{f})[0], f.Line, f.Message)
				}
			}
			golden.Text(t, name+".txt", text.String())
		})
	}
}

// key tells findings apart without their severities.
func key(f findings.Finding) string {
	return strings.Replace(told([]findings.Finding{f})[0], " "+string(f.Severity), "", 1) + f.Message + fmt.Sprint(f.Line)
}

func TestAStricterLevelIsNeverMilder(t *testing.T) {
	for name, in := range fixtures(t) {
		before := map[string]v1alpha1.Severity{}
		for _, level := range v1alpha1.Levels() {
			now := map[string]v1alpha1.Severity{}
			for _, f := range Judge(in, at(level)) {
				now[key(f)] = f.Severity
			}
			for finding, severity := range before {
				assert.GreaterOrEqual(t, findings.Rank(now[finding]), findings.Rank(severity), "%s at %s: %s", name, level, finding)
			}
			before = now
		}
	}
}

func TestStrictModeFindsTheSameAndFailsForWarnings(t *testing.T) {
	for name, in := range fixtures(t) {
		for _, level := range v1alpha1.Levels() {
			config := at(level)
			plain := Judge(in, config)
			config.StrictMode = true
			strict := Judge(in, config)
			require.Len(t, strict, len(plain), name)
			for i := range plain {
				want := plain[i].Severity
				if want == v1alpha1.SeverityWarning {
					want = v1alpha1.SeverityFailure
				}
				assert.Equal(t, want, strict[i].Severity, "%s: %s", name, plain[i].Message)
				assert.Equal(t, plain[i].Message, strict[i].Message)
			}
		}
	}
}

func TestJudgingTwiceGivesTheSame(t *testing.T) {
	for name, in := range fixtures(t) {
		first := Judge(in, v1alpha1.ValidationConfig{})
		for range 5 {
			assert.Equal(t, first, Judge(in, v1alpha1.ValidationConfig{}), name)
		}
	}
}

func FuzzJudge(f *testing.F) {
	for _, in := range fixtures(f) {
		text, err := json.Marshal(in)
		require.NoError(f, err)
		f.Add(text, `{"level":"production","failOnStderr":true,"failOnWarnings":true,"verifyAssertions":true,"requireExplicitExitCodes":true}`)
	}
	f.Add([]byte(`{"Cells":[{"Index":-1,"Status":"ok","Facts":{"displayed":[{"shape":[-5],"size":0}]}}]}`), `{"expectedOutputs":[{"cell":0,"range":[1,0],"shape":[-1]}]}`)
	f.Fuzz(func(t *testing.T, text []byte, settings string) {
		var in Input
		var config v1alpha1.ValidationConfig
		if json.Unmarshal(text, &in) != nil || json.Unmarshal([]byte(settings), &config) != nil {
			t.Skip()
		}
		found := Judge(in, config)
		if len(found) > MaxFindings {
			t.Fatalf("%d findings", len(found))
		}
		for i, finding := range found {
			if finding.Rule == "" || finding.Message == "" || findings.Rank(finding.Severity) < 0 {
				t.Fatalf("half a finding: %+v", finding)
			}
			if i > 0 && findings.InOrderOfCells(found[i-1], finding) > 0 {
				t.Fatal("out of order")
			}
		}
	})
}
