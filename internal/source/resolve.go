package source

import "context"

// Resolver turns a ref into a commit and its small files. The zero value has
// the usual limits; it may be used by many goroutines at once.
type Resolver struct {
	// Limits that differ from ResolveLimits.
	Limits Limits
}

// Resolve finds the commit that the repository's ref means now. It returns
// within Limits.Timeout whatever the server does; every error is an *Error.
func (r *Resolver) Resolve(ctx context.Context, repository Repository) (*Snapshot, error) {
	limits := r.Limits.or(ResolveLimits())
	var snapshot *Snapshot
	err := operate(ctx, repository, limits, func(ctx context.Context, s *session) error {
		s.store, s.filter = newMemoryStore, smallBlobs
		result, err := s.find(ctx, repository.Ref)
		if err != nil {
			return err
		}
		t, err := readTree(ctx, result.pack, result.commit, limits)
		if err != nil {
			return err
		}
		snapshot = newSnapshot(result.commit.String(), t, result.pack)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return snapshot, nil
}
