package buildsystems

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// strategy is one of a kind.
type strategy struct {
	buildstrategy.Strategy
	name  string
	kind  schema.GroupVersionKind
	parts client.ObjectList
}

func (s strategy) Name() string                  { return s.name }
func (s strategy) Kind() schema.GroupVersionKind { return s.kind }
func (s strategy) NewChild() client.Object       { return &batchv1.Job{} }
func (s strategy) NewParts() client.ObjectList   { return s.parts }

var (
	first  = strategy{name: "first", kind: schema.GroupVersionKind{Group: "first.dev", Version: "v1", Kind: "Build"}, parts: &corev1.PodList{}}
	second = strategy{name: "second", kind: schema.GroupVersionKind{Group: "second.dev", Version: "v1", Kind: "Build"}}
	always = strategy{name: "job"}
)

// cluster serves some kinds, and notes which objects are watched.
type cluster struct {
	discovery.ServerResourcesInterface
	kinds   map[string]string // kind by group and version
	err     error
	refuses string
	watched []string
	changes int
}

func (c *cluster) ServerResourcesForGroupVersion(groupVersion string) (*metav1.APIResourceList, error) {
	if c.err != nil {
		return nil, c.err
	}
	kind, served := c.kinds[groupVersion]
	if !served {
		return nil, apierrors.NewNotFound(schema.GroupResource{}, groupVersion)
	}
	return &metav1.APIResourceList{APIResources: []metav1.APIResource{{Kind: "Other"}, {Kind: kind}}}, nil
}

func (c *cluster) Watch(_ context.Context, object client.Object) error {
	name := fmt.Sprintf("%T", object)
	if name == c.refuses {
		return errors.New("forbidden")
	}
	c.watched = append(c.watched, "+"+name)
	return nil
}

func (c *cluster) Unwatch(_ context.Context, object client.Object) error {
	c.watched = append(c.watched, fmt.Sprintf("-%T", object))
	return nil
}

func systemsOf(c *cluster) *Systems {
	return &Systems{
		Always: []buildstrategy.Strategy{always}, Optional: []buildstrategy.Strategy{first, second},
		Discovery: c, Watcher: c, Scheme: clientgoscheme.Scheme, Changed: func() { c.changes++ },
	}
}

func available(s *Systems) (names []string, settling bool) {
	strategies, settling := s.Available()
	for _, strategy := range strategies {
		names = append(names, strategy.Name())
	}
	return names, settling
}

func TestWhatAClusterOffersAtTheStart(t *testing.T) {
	tests := map[string]struct {
		cluster *cluster
		names   []string
		watched []string
	}{
		"nothing":                     {&cluster{}, []string{"job"}, nil},
		"all, best first":             {&cluster{kinds: map[string]string{"first.dev/v1": "Build", "second.dev/v1": "Build"}}, []string{"first", "second", "job"}, []string{"+*v1.Job", "+*v1.Pod", "+*v1.Job"}},
		"one":                         {&cluster{kinds: map[string]string{"second.dev/v1": "Build"}}, []string{"second", "job"}, []string{"+*v1.Job"}},
		"another kind of the group":   {&cluster{kinds: map[string]string{"second.dev/v1": "Thing"}}, []string{"job"}, nil},
		"another version":             {&cluster{kinds: map[string]string{"second.dev/v2": "Build"}}, []string{"job"}, nil},
		"a server that is in trouble": {&cluster{err: errors.New("503")}, []string{"job"}, nil},
		"no right to watch the parts": {&cluster{kinds: map[string]string{"first.dev/v1": "Build"}, refuses: "*v1.Pod"}, []string{"job"}, []string{"+*v1.Job", "-*v1.Job", "-*v1.Pod"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := systemsOf(test.cluster)
			names, settling := available(s)
			assert.Equal(t, []string{"job"}, names)
			assert.True(t, settling)
			require.NoError(t, s.Start(t.Context()), "a build system in trouble does not end the operator")
			names, settling = available(s)
			assert.Equal(t, test.names, names)
			assert.False(t, settling)
			assert.Equal(t, test.watched, test.cluster.watched)
			assert.Equal(t, 1, test.cluster.changes)
		})
	}
}

func TestABuildSystemComesAndGoes(t *testing.T) {
	c := &cluster{kinds: map[string]string{}}
	s := systemsOf(c)
	require.NoError(t, s.Start(t.Context()))
	ask := func() {
		t.Helper()
		_, err := s.reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "first", Namespace: "2s"}})
		require.NoError(t, err)
	}
	for range 2 {
		c.watched = nil
		c.kinds["first.dev/v1"] = "Build"
		ask()
		ask()
		names, _ := available(s)
		assert.Equal(t, []string{"first", "job"}, names)
		assert.Equal(t, []string{"+*v1.Job", "+*v1.Pod"}, c.watched, "watched once")

		delete(c.kinds, "first.dev/v1")
		ask()
		ask()
		names, _ = available(s)
		assert.Equal(t, []string{"job"}, names)
		assert.Equal(t, []string{"+*v1.Job", "+*v1.Pod", "-*v1.Job", "-*v1.Pod"}, c.watched)
	}
	assert.Equal(t, 5, c.changes)
}

func TestTroubleIsTriedAgain(t *testing.T) {
	s := systemsOf(&cluster{err: errors.New("503")})
	_, err := s.reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "first"}})
	require.ErrorContains(t, err, "503")
	_, err = s.reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "nobody's"}})
	require.NoError(t, err)
}

func TestWhichCRDsAndAPIServicesMatter(t *testing.T) {
	s := systemsOf(&cluster{})
	for name, want := range map[string][]string{
		"builds.first.dev": {"first"}, "v1.first.dev": {"first"}, "builds.second.dev": {"second"},
		"builds.third.dev": nil, "first.dev": nil, "": nil,
	} {
		object := CRDs()
		object.Name = name
		assert.Equal(t, want, s.strategiesOf(object), name)
	}
}

func TestAChangeIsAskedAboutAtOnceAndLater(t *testing.T) {
	s := systemsOf(&cluster{})
	q := &delays{}
	crd := CRDs()
	crd.Name = "builds.first.dev"
	s.whenChanged().Delete(t.Context(), event.DeleteEvent{Object: crd}, q)
	assert.Equal(t, []time.Duration{0, 2 * time.Second, 15 * time.Second}, q.after)
	assert.Len(t, q.names, 3, "requests of one name would become one")
}

// delays keeps when a request is due.
type delays struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request]
	after []time.Duration
	names map[string]bool
}

func (d *delays) Add(r reconcile.Request) { d.AddAfter(r, 0) }

func (d *delays) AddAfter(r reconcile.Request, after time.Duration) {
	if d.names == nil {
		d.names = map[string]bool{}
	}
	d.names[r.String()], d.after = true, append(d.after, after)
}
