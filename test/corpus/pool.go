package main

import (
	"context"
	"fmt"
	"os"
	"sync"
)

// each calls do for the numbers below n, with as many workers as jobs says; a worker has one of the copies of the folder
// for itself. The first error ends it.
func (c *corpus) each(ctx context.Context, what string, n int, do func(ctx context.Context, i, worker int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var (
		group sync.WaitGroup
		lock  sync.Mutex
		next  int
		done  int
	)
	take := func() (int, bool) {
		lock.Lock()
		defer lock.Unlock()
		next++
		return next - 1, next <= n && ctx.Err() == nil
	}
	for worker := range c.jobs {
		group.Go(func() {
			for {
				i, more := take()
				if !more {
					return
				}
				if err := do(ctx, i, worker); err != nil {
					stop(err)
					return
				}
				lock.Lock()
				done++
				progress(what, done, n)
				lock.Unlock()
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

// progress tells a person that something goes on.
func progress(what string, done, n int) {
	fmt.Fprintf(os.Stderr, "\r%s: %d of %d", what, done, n)
	if done == n {
		fmt.Fprintln(os.Stderr)
	}
}
