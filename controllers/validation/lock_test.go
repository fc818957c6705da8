package validation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

func TestThePackagesAreKeptBesideTheReport(t *testing.T) {
	failing := func() *builders.RunBuilder {
		return builders.MakeRun(report.CellOK).Raised(0, "ValueError", "wrong", "")
	}
	for name, run := range map[string]*builders.RunBuilder{
		"of a pass":    builders.MakeRun(report.CellOK),
		"of a failure": failing(),
	} {
		t.Run(name, func(t *testing.T) {
			p := planned(image().Obj(), run.Requirements("numpy==2.3.4", "-e git+https://me:secret@git.example.com/a.git@012#egg=a"))
			require.NotNil(t, p.applyReport)
			lock := p.applyReport.Data[KeyRequirementsLock]
			first, lines, _ := strings.Cut(lock, "\n")
			assert.Equal(t, "# pip freeze of image "+builders.Image+" before the first cell of tier1/iris.ipynb at commit "+builders.Commit, first)
			assert.Equal(t, "numpy==2.3.4\n-e git+https://****@git.example.com/a.git@012#egg=a\n", lines)
			sum := sha256.Sum256([]byte(lines))
			assert.Equal(t, hex.EncodeToString(sum[:]), p.status.Validation.RequirementsLockHash)
			assert.NotContains(t, fmt.Sprint(p.applyReport.Data), "secret")
		})
	}
}

func TestEqualPackagesHaveOneHash(t *testing.T) {
	hash := func(commit string, lines ...string) string {
		p := planned(ready().Obj(), builders.MakeRun(report.CellOK).Commit(commit).Requirements(lines...))
		return p.status.Validation.RequirementsLockHash
	}
	one := hash(builders.Commit, "a==1", "b==2")
	assert.Len(t, one, 64)
	assert.Equal(t, one, hash(builders.OtherCommit, "a==1", "b==2"))
	assert.NotEqual(t, one, hash(builders.Commit, "a==1", "b==3"))
	assert.NotEqual(t, one, hash(builders.Commit, "a==1"))
}

func TestWhereThePackagesAreNotKnownThereIsNoLock(t *testing.T) {
	job := image().Obj()
	job.Status.Validation = planned(job, builders.MakeRun(report.CellOK).Requirements("a==1")).status.Validation
	p := planned(job, builders.MakeRun(report.CellOK))
	assert.NotContains(t, p.applyReport.Data, KeyRequirementsLock)
	assert.Empty(t, p.status.Validation.RequirementsLockHash, "not that of an earlier run")
	assert.Equal(t, yes, validated(t, p).Status, "the verdict does not depend on it")
}

func TestReportAndLockFitOneConfigMap(t *testing.T) {
	const room = 1 << 20
	large := builders.MakeRun(builders.Cells(2000, report.CellOK)...)
	for i := range 2000 {
		large.Cell(i, func(c *report.RunCell) { c.Output = strings.Repeat("x", 16<<10) })
	}
	lines := make([]string, 8000)
	for i := range lines {
		lines[i] = fmt.Sprintf("package-%d==%s", i, strings.Repeat("1", 15))
	}
	p := planned(image().Obj(), large.Requirements(lines...))
	require.NotNil(t, p.applyReport)
	size := 0
	for key, value := range p.applyReport.Data {
		size += len(key) + len(value)
	}
	assert.Less(t, size, room)
	assert.Contains(t, p.applyReport.Data[KeyRequirementsLock], "\n"+lines[7999]+"\n", "the list is never shortened")
}
