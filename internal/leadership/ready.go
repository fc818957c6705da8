package leadership

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// syncWait is less than the second that a probe waits.
const syncWait = 500 * time.Millisecond

// Readiness is whether jobs are being worked on, as far as this replica can tell.
type Readiness struct {
	// Synced says whether the caches are filled; it may wait until the context ends.
	Synced func(ctx context.Context) bool
	// Elected is closed when this replica's controllers have started.
	Elected <-chan struct{}
	// Lock is the lease that the replicas contend for; nil where there is but one replica.
	Lock *Lock
}

// Check is a readiness probe. A standby is ready while another replica leads: a rolling update waits for the new replica to
// be ready before it ends the old one. Where nobody leads, nobody is.
func (r Readiness) Check(req *http.Request) error {
	ctx, cancel := context.WithTimeout(req.Context(), syncWait)
	defer cancel()
	if !r.Synced(ctx) {
		return errors.New("the caches are not filled yet")
	}
	select {
	case <-r.Elected:
		return nil
	default:
	}
	if r.Lock == nil {
		return errors.New("the controllers have not started yet")
	}
	if !r.Lock.OtherLeads() {
		return errors.New("neither this replica nor another one leads")
	}
	return nil
}
