package integration

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/controllers"
	"mlops.dev/notebook-validator-operator/controllers/build"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/openshift"
	"mlops.dev/notebook-validator-operator/internal/registry"
	"mlops.dev/notebook-validator-operator/internal/settings"
	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// theSettings are those of every operator here.
var theSettings = settings.Settings{
	OperatorImage: "registry.example.com/notebook-validator:1",
	RunAsUser:     ptr.To[int64](65532),
	BaseImage:     builders.BaseImage,
	BuilderImage:  "registry.example.com/buildah:1",
	Registry:      v1alpha1.ImageRegistry{Repository: "registry.example.com/notebooks"},
}

// operator is one process of the operator, whose requests are counted.
type operator struct {
	line   *line
	cancel context.CancelFunc
	ended  chan error
}

// startOperator starts an operator that sees the given namespaces and no others, so that tests do not meet. It is the
// manager command without its flags.
func startOperator(t testing.TB, line *line, namespaces ...string) *operator {
	t.Helper()
	return startOperatorWith(t, line, setup{settings: theSettings, images: &registries{}}, namespaces...)
}

// setup is what an operator is started with.
type setup struct {
	settings settings.Settings
	images   build.Images
}

// registries have every image but those that were lost.
type registries struct {
	mu   sync.Mutex
	lost map[string]bool
}

func (r *registries) lose(image string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost = map[string]bool{image: true}
}

func (r *registries) Pin(_ context.Context, reference string, _ registry.Access) (string, error) {
	return "", &registry.Error{Reason: registry.NotFound, Message: "The registry has no image " + reference + "."}
}

func (r *registries) Exists(_ context.Context, image string, _ registry.Access) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.lost[image], nil
}

func startOperatorWith(t testing.TB, line *line, with setup, namespaces ...string) *operator {
	t.Helper()
	operatorConfig := rest.CopyConfig(operatorUser)
	operatorConfig.QPS = -1
	operatorConfig.Wrap(line.wrap)
	sees := controllers.CacheOptions()
	sees.DefaultNamespaces = map[string]cache.Config{}
	for _, namespace := range namespaces {
		sees.DefaultNamespaces[namespace] = cache.Config{}
	}
	manager, err := ctrl.NewManager(operatorConfig, ctrl.Options{
		Scheme:  controllers.Scheme(),
		Cache:   sees,
		Metrics: metricsserver.Options{BindAddress: "0"},
		// A panic ends the test, and many operators share this process.
		Controller: config.Controller{RecoverPanic: ptr.To(false), SkipNameValidation: ptr.To(true)},
	})
	require.NoError(t, err)
	clientset, err := kubernetes.NewForConfig(operatorConfig)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	streams, err := openshift.NewBaseImages(operatorConfig, manager.GetHTTPClient())
	require.NoError(t, err)
	require.NoError(t, controllers.Setup(ctx, manager, controllers.Dependencies{
		Settings: with.settings, Resolver: &source.Resolver{}, Images: with.images, ImageStreams: streams,
		Discovery: clientset.Discovery(), Logs: clientset.CoreV1(),
	}))
	o := &operator{line: line, cancel: cancel, ended: make(chan error, 1)}
	go func() { o.ended <- manager.Start(ctx) }()
	t.Cleanup(func() { o.stop(t) })
	return o
}

// stop ends the process; stopping it twice is fine.
func (o *operator) stop(t testing.TB) {
	t.Helper()
	o.cancel()
	if err, open := <-o.ended; open {
		close(o.ended)
		if !o.line.isCut() {
			require.NoError(t, err)
		}
	}
}

// line is the way from an operator to the API server. It counts what passes, and can be cut after a number of writes: an
// operator that gets nothing through any more has died between two lines of its code.
type line struct {
	mu       sync.Mutex
	requests []string
	writes   int
	// limit of writes; negative for none.
	limit int
	cut   chan struct{}
}

func newLine() *line { return cutAfter(-1) }

func cutAfter(writes int) *line { return &line{limit: writes, cut: make(chan struct{})} }

var errCut = errors.New("the operator is dead")

func (l *line) wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if !l.pass(r) {
			return nil, errCut
		}
		return next.RoundTrip(r)
	})
}

func (l *line) pass(r *http.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isCut() {
		return false
	}
	// Events are sent by the way, in no order with the rest.
	if r.Method != http.MethodGet && !strings.Contains(r.URL.Path, "/events") {
		if l.writes == l.limit {
			close(l.cut)
			return false
		}
		l.writes++
	}
	l.requests = append(l.requests, r.Method+" "+r.URL.RequestURI())
	return true
}

func (l *line) isCut() bool {
	select {
	case <-l.cut:
		return true
	default:
		return false
	}
}

// seen are all requests so far.
func (l *line) seen() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.requests...)
}

// written is how many requests changed something.
func (l *line) written() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writes
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
