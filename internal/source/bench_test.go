package source_test

import (
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/source/internal/gittest"
)

// peak is the most memory in use while work runs, in bytes above what was in use before.
func peak(work func()) float64 {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	var most atomic.Uint64
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&now)
				most.Store(max(most.Load(), now.HeapInuse))
			}
		}
	}()
	work()
	close(done)
	<-watched
	return max(0, float64(most.Load())-float64(before.HeapInuse))
}

func withLargeFile(b *testing.B, options ...string) (*gittest.Repository, string) {
	r := gittest.New(b).Configure(options...)
	commit := r.Commit("main", map[string]gittest.File{"a.ipynb": text("{}"), "requirements.txt": text("numpy\n"), "model.bin": text(incompressible(60 << 20))})
	return r, commit
}

// BenchmarkResolveBesideALargeFile: 60 MB that nobody needs must cost nothing.
func BenchmarkResolveBesideALargeFile(b *testing.B) {
	for _, filter := range []bool{true, false} {
		b.Run("filter="+strconv.FormatBool(filter), func(b *testing.B) {
			r, _ := withLargeFile(b, "uploadpack.allowFilter="+strconv.FormatBool(filter))
			server := r.ServeHTTP(b, false)
			resolver := &source.Resolver{Limits: source.Limits{Bytes: 128 << 20}}
			var memory float64
			b.ResetTimer()
			for b.Loop() {
				memory = max(memory, peak(func() {
					_, err := resolver.Resolve(b.Context(), source.Repository{URL: server.Repository()})
					require.NoError(b, err)
				}))
			}
			b.ReportMetric(float64(server.Sent.Load())/float64(b.N), "bytes-sent/op")
			b.ReportMetric(memory/(1<<20), "MiB-peak")
		})
	}
}

// BenchmarkCheckoutOfALargeFile: files go to disk, not through memory.
func BenchmarkCheckoutOfALargeFile(b *testing.B) {
	r, commit := withLargeFile(b)
	server := r.ServeHTTP(b, false)
	var memory float64
	for b.Loop() {
		dest := filepath.Join(b.TempDir(), "dest")
		memory = max(memory, peak(func() {
			require.NoError(b, source.Checkout(b.Context(), source.Repository{URL: server.Repository()}, commit, dest, source.Limits{}))
		}))
	}
	b.ReportMetric(memory/(1<<20), "MiB-peak")
}
