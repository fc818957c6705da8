package buildsystems

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// syncTime is how long the first list of a build system's objects may take; it takes for ever without the right to list.
const syncTime = 20 * time.Second

// Watcher begins and ends the watch on a kind of objects.
type Watcher interface {
	// Watch begins to watch; it returns when the objects that are there are known.
	Watch(ctx context.Context, object client.Object) error
	// Unwatch ends it.
	Unwatch(ctx context.Context, object client.Object) error
}

// Systems are the build systems of a cluster.
type Systems struct {
	// Always are strategies that every cluster offers; they come last.
	Always []buildstrategy.Strategy
	// Optional are strategies whose API may be there, best first.
	Optional []buildstrategy.Strategy
	// Discovery says which APIs there are.
	Discovery discovery.ServerResourcesInterface
	// Watcher of their objects.
	Watcher Watcher
	// Scheme knows their kinds.
	Scheme *runtime.Scheme
	// Changed is called when what is available is another, and once when it is known at first.
	Changed func()

	checking sync.Mutex // one check at a time
	mu       sync.RWMutex
	served   map[string]bool
	settled  bool
}

// Available are the strategies that can be used, best first; settling is true until the cluster has been asked for all.
func (s *Systems) Available() (strategies []buildstrategy.Strategy, settling bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, strategy := range s.Optional {
		if s.served[strategy.Name()] {
			strategies = append(strategies, strategy)
		}
	}
	return append(strategies, s.Always...), !s.settled
}

// Start asks for every optional build system once; it is a runnable of the manager. Trouble with one of them is only told:
// whatever changes it has it asked for again.
func (s *Systems) Start(ctx context.Context) error {
	for _, strategy := range s.Optional {
		if err := s.check(ctx, strategy); err != nil {
			log.FromContext(ctx).Error(err, "this build system cannot be used", "strategy", strategy.Name())
		}
	}
	s.mu.Lock()
	s.settled = true
	s.mu.Unlock()
	s.Changed()
	return nil
}

// check finds out whether the cluster serves a strategy, and begins or ends the watches.
func (s *Systems) check(ctx context.Context, strategy buildstrategy.Strategy) error {
	s.checking.Lock()
	defer s.checking.Unlock()
	serves, err := s.serves(strategy.Kind())
	if err != nil {
		return err
	}
	if serves == s.uses(strategy) {
		return nil
	}
	if !serves {
		s.use(strategy, false) // before the watch ends: nobody reads what is no longer watched
		return s.unwatch(ctx, strategy)
	}
	if err := s.watch(ctx, strategy); err != nil {
		return errors.Join(err, s.unwatch(ctx, strategy))
	}
	s.use(strategy, true)
	return nil
}

func (s *Systems) uses(strategy buildstrategy.Strategy) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.served[strategy.Name()]
}

func (s *Systems) use(strategy buildstrategy.Strategy, served bool) {
	s.mu.Lock()
	if s.served == nil {
		s.served = map[string]bool{}
	}
	s.served[strategy.Name()] = served
	settled := s.settled
	s.mu.Unlock()
	if settled {
		s.Changed()
	}
}

// serves asks the API server, not a cache: what it says must be as new as what had it asked.
func (s *Systems) serves(kind schema.GroupVersionKind) (bool, error) {
	resources, err := s.Discovery.ServerResourcesForGroupVersion(kind.GroupVersion().String())
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ask for the API %s: %w", kind.GroupVersion(), err)
	}
	for _, resource := range resources.APIResources {
		if resource.Kind == kind.Kind {
			return true, nil
		}
	}
	return false, nil
}

func (s *Systems) watch(ctx context.Context, strategy buildstrategy.Strategy) error {
	ctx, cancel := context.WithTimeout(ctx, syncTime)
	defer cancel()
	objects, err := s.watched(strategy)
	if err != nil {
		return err
	}
	for _, object := range objects {
		if err := s.Watcher.Watch(ctx, object); err != nil {
			return fmt.Errorf("watch the %T of the build system %s; the operator may lack the right to: %w", object, strategy.Name(), err)
		}
	}
	return nil
}

func (s *Systems) unwatch(ctx context.Context, strategy buildstrategy.Strategy) error {
	objects, err := s.watched(strategy)
	for _, object := range objects {
		err = errors.Join(err, s.Watcher.Unwatch(ctx, object))
	}
	return err
}

// watched are empty objects of the kinds that a strategy wants to be watched.
func (s *Systems) watched(strategy buildstrategy.Strategy) ([]client.Object, error) {
	objects := []client.Object{strategy.NewChild()}
	list := strategy.NewParts()
	if list == nil {
		return objects, nil
	}
	kind, err := apiutil.GVKForObject(list, s.Scheme)
	if err != nil {
		return nil, err
	}
	part, err := s.Scheme.New(kind.GroupVersion().WithKind(strings.TrimSuffix(kind.Kind, "List")))
	if err != nil {
		return nil, err
	}
	return append(objects, part.(client.Object)), nil
}
