package source_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/source/internal/gittest"
)

const (
	// modelSize of one file that nobody needs.
	modelSize = 10 << 20
	// notebooks beside the models, and how large each is.
	notebooks, notebookSize = 200, 2 << 10

	// What resolving a repository may cost, however large it is.
	resolveBytes  = 2 << 20
	resolveMemory = 30 << 20
)

// withModels is a repository with that many models, one half of them replaced by the other in a second commit, and with
// notebooks beside them. Everything is noise, the same every time; fast-import writes it as fast as the disk takes it.
func withModels(t testing.TB, models int) *gittest.Repository {
	r := gittest.New(t)
	command := exec.Command("git", "-c", "core.compression=0", "-c", "core.bigFileThreshold=1m", "fast-import", "--quiet")
	command.Dir, command.Env = r.Dir, append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	input, err := command.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	err = writeModels(input, models)
	_ = input.Close()
	require.NoError(t, command.Wait(), complaints.String())
	require.NoError(t, err)
	return r
}

func writeModels(to io.Writer, models int) error {
	out := bufio.NewWriterSize(to, 1<<20)
	noise := rand.NewChaCha8([32]byte{1})
	file := func(name string, size int64) error {
		fmt.Fprintf(out, "M 100644 inline %s\ndata %d\n", name, size)
		_, err := io.CopyN(out, noise, size)
		fmt.Fprintln(out)
		return err
	}
	commit := func(message string) {
		fmt.Fprintf(out, "commit refs/heads/main\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata %d\n%s\n", len(message), message)
	}
	commit("first")
	for i := range models / 2 {
		if err := file(fmt.Sprintf("models/%d.bin", i), modelSize); err != nil {
			return err
		}
	}
	commit("second")
	for i := range models - models/2 {
		if err := file(fmt.Sprintf("models/%d.bin", i), modelSize); err != nil {
			return err
		}
	}
	for i := range notebooks {
		if err := file(fmt.Sprintf("tier%d/%d.ipynb", i%5, i), notebookSize); err != nil {
			return err
		}
	}
	return out.Flush()
}

// allocated is how much memory work takes in all, freed or not: more than it ever has in use.
func allocated(work func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// BenchmarkResolveOf500MB says what 500 MB that nobody needs cost where the server filters, and until they are refused
// where it does not. How long it takes is for a reader to judge; what it costs where the server filters is bounded.
func BenchmarkResolveOf500MB(b *testing.B) {
	r := withModels(b, 50)
	for name, test := range map[string]struct {
		filter string
		check  func(testing.TB, error)
		// bytes and memory that one resolving may cost; 0 for what only the resolver's own limit bounds.
		bytes, memory float64
	}{
		"filtered": {"true", func(t testing.TB, err error) { require.NoError(t, err) }, resolveBytes, resolveMemory},
		"refused": {"false", func(t testing.TB, err error) {
			requireReason(t, err, source.RepositoryTooLarge, "uploadpack.allowFilter")
		}, 0, 0},
	} {
		b.Run(name, func(b *testing.B) {
			server := r.Configure("uploadpack.allowFilter="+test.filter).ServeHTTP(b, false)
			var memory float64
			for b.Loop() {
				memory = max(memory, peak(func() {
					_, err := resolve(b, source.Repository{URL: server.Repository()}, "main")
					test.check(b, err)
				}))
			}
			sent := float64(server.Sent.Load()) / float64(b.N)
			b.ReportMetric(sent, "bytes-sent/op")
			b.ReportMetric(memory/(1<<20), "MiB-peak")
			if test.bytes > 0 && sent >= test.bytes {
				b.Fatalf("%.0f bytes were sent, more than %.0f", sent, test.bytes)
			}
			if test.memory > 0 && memory >= test.memory {
				b.Fatalf("resolving took %.0f bytes of memory, more than %.0f", memory, test.memory)
			}
		})
	}
}

func TestLargeFilesCostNothingWhereTheServerFilters(t *testing.T) {
	r := withModels(t, 8).Configure("uploadpack.allowFilter=true")
	server := r.ServeHTTP(t, false)
	var snapshot *source.Snapshot
	memory := allocated(func() {
		var err error
		snapshot, err = resolve(t, source.Repository{URL: server.Repository()}, "main")
		require.NoError(t, err)
	})
	assert.Less(t, server.Sent.Load(), int64(resolveBytes))
	assert.Less(t, memory, uint64(resolveMemory))
	assert.Equal(t, r.Git("", "rev-parse", "main"), snapshot.Commit)
	content, err := snapshot.Read("tier0/0.ipynb")
	require.NoError(t, err)
	assert.Len(t, content, notebookSize)
	assert.True(t, snapshot.Exists("models/0.bin"))
	_, err = snapshot.Read("models/0.bin")
	require.ErrorIs(t, err, source.ErrNotSmall)
}

func TestLargeFilesAreRefusedWhereTheServerDoesNotFilter(t *testing.T) {
	const limit, buffered = 2 << 20, 14 << 20 // what connection and pipe hold was sent, but is never read
	r := withModels(t, 8).Configure("uploadpack.allowFilter=false")
	server := r.ServeHTTP(t, false)
	resolver := &source.Resolver{Limits: source.Limits{Bytes: limit}}
	var err error
	memory := allocated(func() {
		_, err = resolver.Resolve(t.Context(), source.Repository{URL: server.Repository(), Ref: "main"})
	})
	e := requireReason(t, err, source.RepositoryTooLarge, "more than 2 MiB", "git config uploadpack.allowFilter true", "move large files out of the repository")
	assert.False(t, e.Temporary)
	server.Close() // which waits for what is still being sent
	assert.Less(t, server.Sent.Load(), int64(limit+buffered), "of 40 MiB")
	assert.Less(t, memory, uint64(resolveMemory))
}
