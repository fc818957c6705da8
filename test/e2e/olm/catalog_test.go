package olm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/hack/objects"
	"mlops.dev/notebook-validator-operator/test/kit"
)

// graph is the project's own catalog, with versions that come after it. The bundles are named by digest: OLM never unpacks an
// image of a name again that it has seen.
type graph struct {
	releases releases
	later    []string
}

func (r releases) graph(later ...string) graph { return graph{r, later} }

// text is the file-based catalog.
func (g graph) text(ctx context.Context) ([]byte, error) {
	file, err := os.Open(filepath.Join(g.releases.root, "catalog", packageName, "catalog.yaml"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	documents, err := objects.Read(file)
	if err != nil {
		return nil, err
	}
	for _, version := range g.later {
		bundle, err := g.render(ctx, version)
		if err != nil {
			return nil, err
		}
		documents = append(documents, bundle)
		for _, document := range documents {
			if document.Object["schema"] == "olm.channel" {
				document.Object["entries"] = append(document.Object["entries"].([]any), entry(version))
			}
		}
	}
	var text bytes.Buffer
	for _, document := range documents {
		if document.Object["schema"] == "olm.bundle" {
			if err := g.pin(document.Object); err != nil {
				return nil, err
			}
		}
		content, err := yaml.Marshal(document.Object)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&text, "---\n%s", content)
	}
	return text.Bytes(), nil
}

// entry of a later version in a channel, as catalog/template.yaml says that one is written.
func entry(version string) map[string]any {
	entry := map[string]any{"name": csvName(version), "replaces": csvName(current)}
	if version == mended {
		entry["skips"] = []any{csvName(broken)}
	}
	return entry
}

// render returns what opm makes of a bundle.
func (g graph) render(ctx context.Context, version string) (unstructured.Unstructured, error) {
	none := unstructured.Unstructured{}
	opm, err := execute(ctx, g.releases.root, "go", "run", "./test/cluster", "opm")
	if err != nil {
		return none, err
	}
	text, err := execute(ctx, g.releases.root, opm, "render", "--output=yaml", g.releases.bundles[version])
	if err != nil {
		return none, err
	}
	documents, err := objects.Read(strings.NewReader(text))
	if err != nil || len(documents) != 1 {
		return none, errors.Join(fmt.Errorf("opm renders %d documents of the bundle of %s instead of one", len(documents), version), err)
	}
	return documents[0], nil
}

// pin names the image of a bundle by digest.
func (g graph) pin(bundle map[string]any) error {
	for version, image := range g.releases.images {
		if bundle["name"] == csvName(version) {
			bundle["image"] = image
			return nil
		}
	}
	return fmt.Errorf("nobody has published %v", bundle["name"])
}

// serve has the cluster's catalog be this one, until another is served.
func serve(t *testing.T, g graph) {
	t.Helper()
	require.NoError(t, serveCatalog(t.Context(), g))
}

// catalogs are the images that were made already, by their text.
var catalogs = map[string]kit.Image{}

// serveCatalog makes the catalog's image and waits until OLM has read it.
func serveCatalog(ctx context.Context, g graph) error {
	text, err := g.text(ctx)
	if err != nil {
		return err
	}
	image, made := catalogs[string(text)]
	if !made {
		if image, err = g.image(ctx, text); err != nil {
			return err
		}
		catalogs[string(text)] = image
	}
	source := &operatorsv1alpha1.CatalogSource{ObjectMeta: metav1.ObjectMeta{Namespace: catalogNamespace, Name: catalogName}}
	if err := place(ctx, source, image.Published); err != nil {
		return err
	}
	return awaitCatalog(ctx, source, image.Published)
}

// image has the catalog in it. The project's own is built from its Dockerfile; what the tests add needs no build.
func (g graph) image(ctx context.Context, text []byte) (kit.Image, error) {
	sum := sha256.Sum256(text)
	tag := hex.EncodeToString(sum[:])[:16]
	if len(g.later) > 0 {
		return cluster.PushCatalog(ctx, tag, text)
	}
	files, err := os.MkdirTemp("", "nbv-catalog-")
	if err != nil {
		return kit.Image{}, err
	}
	defer os.RemoveAll(files)
	folder := filepath.Join(files, "catalog", packageName)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return kit.Image{}, err
	}
	if err := os.WriteFile(filepath.Join(folder, "catalog.yaml"), text, 0o644); err != nil {
		return kit.Image{}, err
	}
	return cluster.BuildCatalog(ctx, tag, files)
}

// place makes the CatalogSource name the image.
func place(ctx context.Context, source *operatorsv1alpha1.CatalogSource, image string) error {
	err := cluster.Client.Get(ctx, client.ObjectKeyFromObject(source), source)
	if err == nil {
		patch := client.MergeFrom(source.DeepCopy())
		source.Spec.Image = image
		return cluster.Client.Patch(ctx, source, patch)
	}
	if !apierrors.IsNotFound(err) {
		return err
	}
	source.Spec = operatorsv1alpha1.CatalogSourceSpec{
		SourceType: operatorsv1alpha1.SourceTypeGrpc, Image: image,
		GrpcPodConfig: &operatorsv1alpha1.GrpcPodConfig{SecurityContextConfig: operatorsv1alpha1.Restricted},
	}
	return cluster.Client.Create(ctx, source)
}

// awaitCatalog waits until the pod that serves the image is the one that OLM is connected to.
func awaitCatalog(ctx context.Context, source *operatorsv1alpha1.CatalogSource, image string) error {
	var last string
	err := wait.PollUntilContextTimeout(ctx, time.Second/2, patience, true, func(ctx context.Context) (bool, error) {
		if err := cluster.Client.Get(ctx, client.ObjectKeyFromObject(source), source); err != nil {
			return false, err
		}
		pods := &corev1.PodList{}
		if err := cluster.Client.List(ctx, pods, client.InNamespace(catalogNamespace), client.MatchingLabels{"olm.catalogSource": catalogName}); err != nil {
			return false, err
		}
		last = fmt.Sprintf("%d pods, %+v", len(pods.Items), source.Status.GRPCConnectionState)
		state := source.Status.GRPCConnectionState
		if len(pods.Items) != 1 || !serves(pods.Items[0], image) || state == nil {
			return false, nil
		}
		// An older connection is to the pod before.
		return state.LastObservedState == "READY" && !state.LastConnectTime.Before(&pods.Items[0].CreationTimestamp), nil
	})
	if err != nil {
		return fmt.Errorf("the catalog is not served (%s): %w", last, err)
	}
	return nil
}

// serves says whether a pod's container runs the image and is ready.
func serves(pod corev1.Pod, image string) bool {
	states := pod.Status.ContainerStatuses
	return len(states) == 1 && states[0].Ready && pod.Spec.Containers[0].Image == image
}
