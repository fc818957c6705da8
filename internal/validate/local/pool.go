package local

import (
	"context"
	"sync"

	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/runner"
)

// Watcher is told how jobs fare, by one goroutine at a time; i is the place of the job in the list.
type Watcher interface {
	Begins(i int)
	Goes(i int, progress runner.Progress)
	Ends(i int, outcome Outcome)
}

// All validates the jobs, at most parallel at a time, and returns their outcomes in the order of the jobs. Where the
// context ends first, some outcomes are nil and the error says why.
func (m *Machine) All(ctx context.Context, jobs []Job, parallel int, watcher Watcher) ([]*Outcome, error) {
	outcomes := make([]*Outcome, len(jobs))
	var talking sync.Mutex
	locked := func(say func()) {
		talking.Lock()
		defer talking.Unlock()
		say()
	}
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(parallel, len(jobs)) {
		workers.Go(func() {
			for i := range next {
				locked(func() { watcher.Begins(i) })
				outcome := m.Validate(ctx, jobs[i], func(p runner.Progress) {
					locked(func() { watcher.Goes(i, p) })
				})
				// What was interrupted has no verdict.
				if ctx.Err() == nil {
					locked(func() { watcher.Ends(i, outcome) })
					// A thousand notebooks with their outputs would not fit into memory.
					outcome.Evidence = report.Evidence{}
					outcomes[i] = &outcome
				}
			}
		})
	}
	for i := range jobs {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	workers.Wait()
	return outcomes, context.Cause(ctx)
}
