package openshift_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	buildv1 "github.com/openshift/api/build/v1"
	imagev1 "github.com/openshift/api/image/v1"
	imagefake "github.com/openshift/client-go/image/clientset/versioned/fake"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubefake "k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/rest"
	clienttesting "k8s.io/client-go/testing"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy/openshift"
	"mlops.dev/notebook-validator-operator/internal/registry"
)

// cluster is a made-up OpenShift: its objects, what it refuses, and what its builds may pull from other namespaces.
type cluster struct {
	objects []runtime.Object
	refuses error
	allows  bool
	asked   *authorizationv1.SubjectAccessReviewSpec
}

func (c *cluster) images() *openshift.BaseImages {
	images, kube := imagefake.NewSimpleClientset(c.objects...), kubefake.NewClientset()
	if c.refuses != nil {
		images.PrependReactor("*", "*", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, c.refuses })
	}
	kube.PrependReactor("create", "subjectaccessreviews", func(action clienttesting.Action) (bool, runtime.Object, error) {
		review := action.(clienttesting.CreateAction).GetObject().(*authorizationv1.SubjectAccessReview).DeepCopy()
		c.asked = &review.Spec
		review.Status.Allowed = c.allows
		return true, review, nil
	})
	return &openshift.BaseImages{Images: images.ImageV1(), Reviews: kube.AuthorizationV1().SubjectAccessReviews()}
}

func tagged(namespace, name, image string) *imagev1.ImageStreamTag {
	return &imagev1.ImageStreamTag{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Image: imagev1.Image{DockerImageReference: image}}
}

var tagResource = schema.GroupResource{Group: "image.openshift.io", Resource: "imagestreamtags"}

func TestATagOfAnImageStreamIsPinned(t *testing.T) {
	inside, outside := internalRegistry+"/team/base@"+digest, "registry.example.com/ubi9/python@"+digest
	tests := map[string]struct {
		reference string
		allows    bool
		want      string
		reason    registry.Trouble
		says      string
	}{
		"of the namespace":                  {"imagestreamtag:base:1", false, inside, "", ""},
		"of the namespace by name":          {"imagestreamtag:team/base:1", false, inside, "", ""},
		"of another namespace":              {"imagestreamtag:openshift/python:3.12-ubi9", true, outside, "", ""},
		"of Docker Hub":                     {"imagestreamtag:hub:1", false, "docker.io/library/python@" + digest, "", ""},
		"of a namespace that does not let":  {"imagestreamtag:openshift/python:3.12-ubi9", false, "", registry.Unauthorized, "oc policy add-role-to-user system:image-puller system:serviceaccount:team:builder -n openshift"},
		"hidden whether it is there or not": {"imagestreamtag:openshift/absent:1", false, "", registry.Unauthorized, "may not pull"},
		"absent":                            {"imagestreamtag:absent:1", false, "", registry.NotFound, "oc describe imagestream absent -n team"},
		"without a digest":                  {"imagestreamtag:moving:1", false, "", registry.NotFound, "no image with a digest"},
		"without a tag":                     {"imagestreamtag:base", false, "", registry.ReferenceInvalid, "imagestreamtag:NAME:TAG"},
		"without a name":                    {"imagestreamtag::1", false, "", registry.ReferenceInvalid, "no tag of an image stream"},
		"without anything":                  {"imagestreamtag:", false, "", registry.ReferenceInvalid, "no tag of an image stream"},
		"with a path":                       {"imagestreamtag:a/b/c:1", true, "", registry.ReferenceInvalid, "no tag of an image stream"},
		"with a way out":                    {"imagestreamtag:../base:1", true, "", registry.ReferenceInvalid, "no tag of an image stream"},
		"with a query":                      {"imagestreamtag:base:1?watch=1", true, "", registry.ReferenceInvalid, "no tag of an image stream"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := &cluster{allows: test.allows, objects: []runtime.Object{
				tagged("team", "base:1", inside), tagged("openshift", "python:3.12-ubi9", outside),
				tagged("team", "moving:1", "registry.example.com/a:1"), tagged("team", "hub:1", "library/python@"+digest),
			}}
			got, handled, err := c.images().Pin(t.Context(), "team", test.reference)
			assert.True(t, handled)
			assert.Equal(t, test.want, got)
			if test.reason == "" {
				require.NoError(t, err)
				return
			}
			var problem *registry.Error
			require.ErrorAs(t, err, &problem)
			assert.Equal(t, test.reason, problem.Reason)
			assert.False(t, problem.Temporary)
			assert.Contains(t, err.Error(), test.says)
		})
	}
}

// TestTheTagOfABuildIsOneThatTheImageStreamsTell has the digest of a Build that tells none asked for.
func TestTheTagOfABuildIsOneThatTheImageStreamsTell(t *testing.T) {
	build := withStatus(t, buildv1.BuildPhaseComplete, "", "", toImageStream)
	build.Status.OutputDockerImageReference = internalRegistry + "/team/iris-build-1:latest"
	image := internalRegistry + "/team/iris-build-1@" + digest
	pushed := &cluster{objects: []runtime.Object{tagged("team", "iris-build-1:latest", image)}}
	pinned, handled, err := pushed.images().Pin(t.Context(), build.Namespace, outcome(build).Tag)
	require.NoError(t, err)
	assert.True(t, handled)
	assert.Equal(t, image, pinned)
	assert.Nil(t, pushed.asked, "a namespace may read its own")
}

func TestTheBuilderOfTheNamespaceIsAskedFor(t *testing.T) {
	c := &cluster{allows: true, objects: []runtime.Object{tagged("openshift", "python:1", "registry.example.com/p@"+digest)}}
	_, _, err := c.images().Pin(t.Context(), "team", "imagestreamtag:openshift/python:1")
	require.NoError(t, err)
	require.NotNil(t, c.asked)
	assert.Equal(t, "system:serviceaccount:team:builder", c.asked.User)
	assert.Equal(t, &authorizationv1.ResourceAttributes{Namespace: "openshift", Verb: "get", Group: "image.openshift.io", Resource: "imagestreams",
		Subresource: "layers", Name: "python"}, c.asked.ResourceAttributes)

	own := &cluster{objects: []runtime.Object{tagged("team", "python:1", "registry.example.com/p@"+digest)}}
	_, _, err = own.images().Pin(t.Context(), "team", "imagestreamtag:python:1")
	require.NoError(t, err)
	assert.Nil(t, own.asked, "a namespace may read its own")
}

func TestOtherReferencesAreLeftToRegistries(t *testing.T) {
	for _, reference := range []string{"", "python:3.12", "registry.example.com/imagestreamtag:1", "imagestreamtag", internalRegistry + "/team/base:1"} {
		_, handled, err := (&cluster{refuses: errors.New("nobody may ask")}).images().Pin(t.Context(), "team", reference)
		require.NoError(t, err)
		assert.False(t, handled, reference)
	}
}

func TestWhatTheClusterRefusesIsExplained(t *testing.T) {
	tests := map[string]struct {
		refuses   error
		reason    registry.Trouble
		says      string
		temporary bool
	}{
		"no right":      {apierrors.NewForbidden(tagResource, "base:1", errors.New("no")), registry.Unauthorized, "ClusterRole build-openshift", false},
		"no login":      {apierrors.NewUnauthorized("no"), registry.Unauthorized, "ClusterRole build-openshift", false},
		"too busy":      {apierrors.NewTooManyRequests("later", 1), registry.Unreachable, "later", true},
		"not reached":   {errors.New("connection refused"), registry.Unreachable, "connection refused", true},
		"no such API":   {apierrors.NewGenericServerResponse(404, "get", tagResource, "base:1", "404 page not found", 0, true), registry.NotFound, "has no image streams", false},
		"broken inside": {apierrors.NewInternalError(errors.New("etcd")), registry.Unreachable, "etcd", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			images := (&cluster{refuses: test.refuses}).images()
			_, pinHandled, pinErr := images.Pin(t.Context(), "team", "imagestreamtag:base:1")
			exists, existsHandled, existsErr := images.Exists(t.Context(), "team", internalRegistry+"/team/iris@"+digest)
			assert.True(t, pinHandled)
			assert.True(t, existsHandled)
			assert.False(t, exists)
			for _, err := range []error{pinErr, existsErr} {
				var problem *registry.Error
				require.ErrorAs(t, err, &problem)
				assert.Equal(t, test.reason, problem.Reason)
				assert.Equal(t, test.temporary, problem.Temporary)
				assert.Contains(t, err.Error(), test.says)
				assert.ErrorIs(t, err, test.refuses)
			}
		})
	}
}

// TestAClusterWithoutImageStreamsIsRecognised asks a server that knows no such path, as any other Kubernetes answers.
func TestAClusterWithoutImageStreamsIsRecognised(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	images, err := openshift.NewBaseImages(&rest.Config{Host: server.URL}, server.Client())
	require.NoError(t, err)
	for _, reference := range []string{"imagestreamtag:base:1", "imagestreamtag:other/base:1"} {
		_, handled, err := images.Pin(t.Context(), "team", reference)
		assert.True(t, handled)
		var problem *registry.Error
		require.ErrorAs(t, err, &problem)
		assert.Equal(t, registry.NotFound, problem.Reason)
		assert.Contains(t, err.Error(), "has no image streams")
	}
}

func TestWhetherAnImageIsStillThere(t *testing.T) {
	tests := map[string]struct {
		image           string
		exists, handled bool
	}{
		"there":                       {internalRegistry + "/team/iris-build-1@" + digest, true, true},
		"there by the longer name":    {"image-registry.openshift-image-registry.svc.cluster.local:5000/team/iris-build-1@" + digest, true, true},
		"another digest":              {internalRegistry + "/team/iris-build-1@" + baseDigest, false, true},
		"another stream":              {internalRegistry + "/team/gone@" + digest, false, true},
		"of another namespace":        {internalRegistry + "/other/iris-build-1@" + digest, false, false},
		"deeper than streams go":      {internalRegistry + "/team/a/b@" + digest, false, false},
		"of another registry":         {"registry.example.com/team/iris-build-1@" + digest, false, false},
		"of a registry in a cluster":  {"registry.team.svc:5000/team/iris-build-1@" + digest, false, false},
		"of a registry with its name": {"openshift-image-registry.svc.example.com/team/iris-build-1@" + digest, false, false},
		"a tag":                       {internalRegistry + "/team/iris-build-1:latest", false, false},
		"nothing":                     {"", false, false},
	}
	objects := []runtime.Object{&imagev1.ImageStreamImage{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "iris-build-1@" + digest}}}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			exists, handled, err := (&cluster{objects: objects}).images().Exists(t.Context(), "team", test.image)
			require.NoError(t, err)
			assert.Equal(t, test.exists, exists)
			assert.Equal(t, test.handled, handled)
		})
	}
}

// FuzzPin holds that no reference asks the cluster for anything but a tag of an image stream.
func FuzzPin(f *testing.F) {
	for _, seed := range []string{"imagestreamtag:a:1", "imagestreamtag:b/a:1", "imagestreamtag:../a:1", "imagestreamtag:a:1/../b", "python", "imagestreamtag:%2e:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, reference string) {
		fake := imagefake.NewSimpleClientset()
		kube := kubefake.NewClientset()
		images := &openshift.BaseImages{Images: fake.ImageV1(), Reviews: kube.AuthorizationV1().SubjectAccessReviews()}
		pinned, _, _ := images.Pin(t.Context(), "team", reference)
		require.Empty(t, pinned)
		for _, action := range fake.Actions() {
			get, ok := action.(clienttesting.GetAction)
			require.True(t, ok)
			require.Equal(t, "imagestreamtags", get.GetResource().Resource)
			require.Equal(t, "team", get.GetNamespace(), "no other one without an answer that allows it")
			require.Regexp(t, `^[a-z0-9._-]+:[A-Za-z0-9_.-]+$`, get.GetName())
		}
	})
}
