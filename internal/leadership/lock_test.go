package leadership

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	clocktesting "k8s.io/utils/clock/testing"
)

var epoch = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// lease is what an API server answers about a lease, and counts how often it is asked.
type lease struct {
	resourcelock.Interface
	record resourcelock.LeaderElectionRecord
	err    error
	asked  int
}

func (l *lease) Identity() string { return "me" }

func (l *lease) Get(context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	l.asked++
	if l.err != nil {
		return nil, nil, l.err
	}
	record := l.record
	return &record, nil, nil
}

// held is a lease that somebody renewed so long after the epoch by their own clock.
func held(by string, renewed time.Duration) lease {
	return lease{record: resourcelock.LeaderElectionRecord{
		HolderIdentity: by, LeaseDurationSeconds: 15, RenewTime: metav1.NewTime(epoch.Add(renewed)),
	}}
}

var (
	absent  = lease{err: apierrors.NewNotFound(schema.GroupResource{Resource: "leases"}, "a")}
	silence = lease{err: errors.New("no route to host")}
)

const yearsAgo = -100000 * time.Hour

func TestWhetherAnotherReplicaLeads(t *testing.T) {
	for name, test := range map[string]struct {
		looks []lease // one each 2 seconds
		later time.Duration
		leads bool
	}{
		"nothing was seen yet":                                        {nil, 0, false},
		"a lease that was found may be of one that is gone":           {[]lease{held("other", 0)}, 0, false},
		"it does not renew it":                                        {[]lease{held("other", 0), held("other", 0)}, 0, false},
		"it was seen to renew it":                                     {[]lease{held("other", 0), held("other", 2)}, 0, true},
		"its clock is far behind":                                     {[]lease{held("other", yearsAgo), held("other", yearsAgo+2)}, 0, true},
		"it was seen for the last time almost a lease's time ago":     {[]lease{held("other", 0), held("other", 2)}, 14 * time.Second, true},
		"it was seen for the last time a lease's time ago":            {[]lease{held("other", 0), held("other", 2)}, 15 * time.Second, false},
		"it stopped to renew it":                                      {[]lease{held("other", 0), held("other", 2), held("other", 2)}, 13 * time.Second, false},
		"one look failed":                                             {[]lease{held("other", 0), held("other", 2), silence}, 0, true},
		"the API server is out of reach for longer":                   {[]lease{held("other", 0), held("other", 2), silence}, 13 * time.Second, false},
		"it let go of it":                                             {[]lease{held("other", 0), held("other", 2), held("", 3)}, 0, false},
		"another one took it over at once":                            {[]lease{held("other", 0), held("third", 2)}, 0, true},
		"another one took what had been let go":                       {[]lease{held("", 0), held("third", 2)}, 0, true},
		"one made the lease that was not there":                       {[]lease{absent, held("other", 0)}, 0, true},
		"somebody deleted the lease":                                  {[]lease{held("other", 0), held("other", 2), absent}, 0, false},
		"this one has it, which is not another":                       {[]lease{held("me", 0), held("me", 2)}, 0, false},
		"this one takes it over: the next look is as the winner sees": {[]lease{held("other", 0), held("me", 2)}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			clock := clocktesting.NewFakePassiveClock(epoch)
			l := &Lock{clock: clock, Interface: &lease{}}
			for i := range test.looks {
				l.Interface = &test.looks[i]
				clock.SetTime(epoch.Add(time.Duration(i) * 2 * time.Second))
				_, _, err := l.Get(t.Context())
				assert.Equal(t, test.looks[i].err, err, "the elector sees what the API server said")
			}
			clock.SetTime(clock.Now().Add(test.later))
			assert.Equal(t, test.leads, l.OtherLeads())
			for _, look := range test.looks {
				assert.Equal(t, 1, look.asked, "a look is one request, and OtherLeads is none")
			}
		})
	}
}

func TestReadiness(t *testing.T) {
	closed := make(chan struct{})
	close(closed)
	open := make(chan struct{})
	standby := &Lock{clock: clocktesting.NewFakePassiveClock(epoch), Interface: &lease{}}
	standby.see(held("other", 0).record)
	standby.see(held("other", 2).record)
	alone := &Lock{clock: clocktesting.NewFakePassiveClock(epoch), Interface: &lease{}}
	for name, test := range map[string]struct {
		synced  bool
		elected chan struct{}
		lock    *Lock
		says    string
	}{
		"the caches are empty":                       {false, closed, nil, "the caches are not filled yet"},
		"the caches of a standby are empty":          {false, open, standby, "the caches are not filled yet"},
		"the only replica has not started":           {true, open, nil, "the controllers have not started yet"},
		"the only replica has":                       {true, closed, nil, ""},
		"the leader":                                 {true, closed, alone, ""},
		"a standby, and another replica leads":       {true, open, standby, ""},
		"a standby, and nobody leads as far as seen": {true, open, alone, "neither this replica nor another one leads"},
	} {
		t.Run(name, func(t *testing.T) {
			r := Readiness{Synced: func(context.Context) bool { return test.synced }, Elected: test.elected, Lock: test.lock}
			err := r.Check(httptest.NewRequest("GET", "/readyz", nil))
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.says)
		})
	}
}

// A probe is given a second; caches that wait for the cluster must not use it up.
func TestReadinessDoesNotWaitForCachesLongerThanAProbe(t *testing.T) {
	var left time.Duration
	r := Readiness{Synced: func(ctx context.Context) bool {
		deadline, bounded := ctx.Deadline()
		require.True(t, bounded)
		left = time.Until(deadline)
		return false
	}}
	require.Error(t, r.Check(httptest.NewRequest("GET", "/readyz", nil)))
	assert.Less(t, left, time.Second)
}

func TestTheEventOfALockIsSentByTheRecorderOfTheManager(t *testing.T) {
	told := &recorder{}
	told.Eventf(&corev1.Pod{}, "Normal", "LeaderElection", "%s became leader", "a") // before there is a manager: nobody hears it
	fake := events.NewFakeRecorder(1)
	l := &Lock{recorder: told}
	l.TellTo(fake)
	told.Eventf(&corev1.Pod{}, "Normal", "LeaderElection", "%s became leader", "a%20b")
	assert.Equal(t, "Normal LeaderElection a%20b became leader", <-fake.Events)
}
