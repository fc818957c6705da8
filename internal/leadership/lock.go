// Package leadership says whether the operator as a whole is at work, seen from one of its replicas: the replica leads, or
// it has seen another one renew the lease a short while ago. It sends nothing: a standby learns of the lease from the very
// requests by which it tries to get it.
package leadership

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/uuid"
	coordinationv1 "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/utils/clock"
)

// requestTimeout is shorter than the time in which a leader must have renewed its lease, so that one request that hangs
// does not cost it the lead.
const requestTimeout = 5 * time.Second

// Lock is the lease that the replicas contend for. It remembers what it saw.
type Lock struct {
	resourcelock.Interface
	recorder *recorder
	clock    clock.PassiveClock

	mu      sync.Mutex
	looked  bool
	holder  string
	renewed metav1.Time
	// seenAlive is when the lease was found renewed since the look before; zero where it never was, or nobody holds it.
	// Times of other machines are compared with one another only, for their clocks may go wrong.
	seenAlive time.Time
	duration  time.Duration
}

// NewLock names a lease by its namespace and name; the identity of this replica is new.
func NewLock(config *rest.Config, namespace, name string) (*Lock, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	config = rest.AddUserAgent(rest.CopyConfig(config), "leader-election")
	config.Timeout = requestTimeout
	client, err := coordinationv1.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	told := &recorder{}
	return &Lock{
		recorder: told, clock: clock.RealClock{},
		Interface: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: namespace, Name: name},
			Client:     client,
			LockConfig: resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID()), EventRecorder: told},
		},
	}, nil
}

// Get reads the lease, as every standby does again and again.
func (l *Lock) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	record, raw, err := l.Interface.Get(ctx)
	switch {
	case err == nil:
		l.see(*record)
	case apierrors.IsNotFound(err):
		l.see(resourcelock.LeaderElectionRecord{})
	}
	return record, raw, err // what cannot be read now leaves what was seen to grow old
}

func (l *Lock) see(record resourcelock.LeaderElectionRecord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case record.HolderIdentity == "":
		l.seenAlive = time.Time{}
	case l.looked && !record.RenewTime.Equal(&l.renewed):
		l.seenAlive = l.clock.Now()
	}
	l.looked, l.holder, l.renewed = true, record.HolderIdentity, record.RenewTime
	l.duration = time.Duration(record.LeaseDurationSeconds) * time.Second
}

// OtherLeads says whether another replica was seen to renew the lease within its duration. A lease that was only found, and
// not seen renewed, may be that of a replica that is gone.
func (l *Lock) OtherLeads() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.holder != "" && l.holder != l.Identity() && !l.seenAlive.IsZero() && l.clock.Since(l.seenAlive) < l.duration
}

// TellTo has the lock send its events by a recorder; there is one only when there is a manager, which needs the lock.
func (l *Lock) TellTo(to events.EventRecorder) { l.recorder.to = to }

// recorder sends the events of a lock by the API of today.
type recorder struct{ to events.EventRecorder }

func (r *recorder) Eventf(object runtime.Object, kind, reason, message string, args ...any) {
	if r.to != nil {
		r.to.Eventf(object, nil, kind, reason, reason, "%s", fmt.Sprintf(message, args...))
	}
}
