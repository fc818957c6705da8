package build

import (
	"errors"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// Bounds on how many builds ask Git servers and registries at once: of all namespaces, and of one. A server that does not
// answer holds a place for as long as its bounds allow, and may hold what they allow in memory.
const (
	outwardPlaces      = 8
	outwardInNamespace = 6
)

// errNoPlace is returned by who would ask a stranger's server and has to wait for a place.
var errNoPlace = errors.New("as many builds ask Git servers and registries as may")

// outward hands out the places of those who ask strangers' servers, so that slow ones keep neither the builds that are
// under way from being followed nor other namespaces from asking. Nobody waits in a worker: whoever gets no place is
// looked at again when one is kept for it.
type outward struct {
	mu sync.Mutex
	// taken are the places, each held by a build or kept for one that was waiting.
	taken map[types.NamespacedName]bool
	// waiting are the builds without a place, the first one first.
	waiting []types.NamespacedName
	// turn has a build looked at.
	turn func(types.NamespacedName)
}

// newOutward returns one without anybody in it, and the events that bring builds back whose turn it is.
func newOutward() (*outward, <-chan event.GenericEvent) {
	turns := make(chan event.GenericEvent, outwardPlaces)
	return &outward{
		taken: map[types.NamespacedName]bool{},
		turn: func(name types.NamespacedName) {
			build := &v1alpha1.NotebookBuild{}
			build.Namespace, build.Name = name.Namespace, name.Name
			select {
			case turns <- event.GenericEvent{Object: build}:
			default: // nobody takes them any more when the operator stops; nobody may wait for that here
				go func() { turns <- event.GenericEvent{Object: build} }()
			}
		},
	}, turns
}

// enter takes a place, unless the build has one, or has the build wait for one.
func (o *outward) enter(name types.NamespacedName) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.taken[name] || o.room(name.Namespace) {
		o.taken[name] = true
		return true
	}
	if !slices.Contains(o.waiting, name) {
		o.waiting = append(o.waiting, name)
	}
	return false
}

// leave gives the build's place back, if it has one, and keeps it for the first that may have it. Whoever looks at a build
// calls it in the end, so that a place which was kept for a build that has no use for it goes on to the next.
func (o *outward) leave(name types.NamespacedName) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.taken[name] {
		return
	}
	delete(o.taken, name)
	next := slices.IndexFunc(o.waiting, func(other types.NamespacedName) bool { return o.room(other.Namespace) })
	if next < 0 {
		return
	}
	chosen := o.waiting[next]
	o.waiting = slices.Delete(o.waiting, next, next+1)
	o.taken[chosen] = true
	o.turn(chosen)
}

func (o *outward) room(namespace string) bool {
	if len(o.taken) >= outwardPlaces {
		return false
	}
	same := 0
	for name := range o.taken {
		if name.Namespace == namespace {
			same++
		}
	}
	return same < outwardInNamespace
}
