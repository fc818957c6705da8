package settings_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/settings"
)

func limits(memory string) corev1.ResourceRequirements {
	return corev1.ResourceRequirements{Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(memory)}}
}

var operator = settings.Settings{
	BaseImage: "python:3.12", BuilderImage: "buildah:1", BuilderResources: limits("2Gi"),
	Registry: v1alpha1.ImageRegistry{Repository: "registry.example.com/notebooks", PushSecret: "push", Insecure: true},
}

func TestWhatTheOperatorSaysHoldsWhereABuildSaysNothing(t *testing.T) {
	none := v1alpha1.BuildOptions{}
	assert.Equal(t, "python:3.12", operator.BaseImageFor(none))
	assert.Equal(t, "buildah:1", operator.BuilderImageFor(none))
	assert.Equal(t, limits("2Gi"), operator.BuilderResourcesFor(none))
}

func TestWhatABuildSaysComesFirst(t *testing.T) {
	resources := limits("8Gi")
	own := v1alpha1.BuildOptions{BaseImage: "python:3.9", BuilderImage: "buildah:2", Resources: &resources}
	assert.Equal(t, "python:3.9", operator.BaseImageFor(own))
	assert.Equal(t, "buildah:2", operator.BuilderImageFor(own))
	assert.Equal(t, limits("8Gi"), operator.BuilderResourcesFor(own))
	unbounded := v1alpha1.BuildOptions{Resources: &corev1.ResourceRequirements{}}
	assert.Equal(t, corev1.ResourceRequirements{}, operator.BuilderResourcesFor(unbounded), "empty resources are an answer too")
}

func TestRegistryFor(t *testing.T) {
	own := v1alpha1.ImageRegistry{Repository: "registry.example.com/mine"}
	tests := map[string]struct {
		settings settings.Settings
		options  v1alpha1.BuildOptions
		want     v1alpha1.ImageRegistry
	}{
		"every namespace has its own place": {
			operator, v1alpha1.BuildOptions{}, v1alpha1.ImageRegistry{Repository: "registry.example.com/notebooks/team", PushSecret: "push", Insecure: true},
		},
		"a build's own is taken whole, with no secret of the operator's": {operator, v1alpha1.BuildOptions{Registry: &own}, own},
		"nobody says where":                             {settings.Settings{}, v1alpha1.BuildOptions{}, v1alpha1.ImageRegistry{}},
		"a build's own where the operator says nothing": {settings.Settings{}, v1alpha1.BuildOptions{Registry: &own}, own},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, test.settings.RegistryFor("team", test.options)) })
	}
	assert.Equal(t, "registry.example.com/notebooks", operator.Registry.Repository, "the settings themselves stay")
}

func TestNobodySaysAnything(t *testing.T) {
	assert.Empty(t, settings.Settings{}.BaseImageFor(v1alpha1.BuildOptions{}))
	assert.Empty(t, settings.Settings{}.BuilderImageFor(v1alpha1.BuildOptions{}))
}
