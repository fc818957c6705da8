package integration

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/registry"
)

// tagged is a registry that says which image a tag is now.
type tagged struct {
	registries
	mu    sync.Mutex
	tags  map[string]string
	asked []string
}

func (r *tagged) tag(reference, image string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tags = map[string]string{reference: image}
}

func (r *tagged) questions() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.asked...)
}

func (r *tagged) Pin(ctx context.Context, reference string, access registry.Access) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, reference)
	if image, ok := r.tags[reference]; ok {
		return image, nil
	}
	return r.registries.Pin(ctx, reference, access)
}

// A tag is another image tomorrow: what is built starts from the image that it is today, and says which one that was.
func TestATagOfABaseImageIsADigestBeforeAnythingIsMadeOfIt(t *testing.T) {
	t.Parallel()
	const tag, repository = "registry.example.com/base:1", "registry.example.com/base"
	w, images := newWorldWithoutOperator(t), &tagged{}
	w.operator = startOperatorWith(t, newLine(), setup{settings: theSettings, images: images}, w.namespace)
	onTag := func(job *v1alpha1.NotebookValidationJob) { job.Spec.PodConfig.BuildConfig.BaseImage = tag }
	// built is a job's environment after its image was built from what the tag is.
	built := func(name, digit string) *v1alpha1.Environment {
		images.tag(tag, repository+"@"+digest(digit))
		job := w.create(name, withBuild, onTag)
		w.finishBuild(job, digit)
		ready := w.awaitGate(job, v1alpha1.ReasonBuildSucceeded)
		build := w.buildOf(job)
		assert.Equal(t, w.repository.head(t), build.Status.Commit)
		assert.Equal(t, repository+"@"+digest(digit), build.Status.Environment.BaseImage)
		assert.Equal(t, []string{"FROM " + repository + "@" + digest(digit)}, fromLines(w.dockerfileOf(build)))
		assert.Equal(t, build.Status.Environment, ready.Status.Environment)
		return ready.Status.Environment
	}
	today := built("today", "a")
	assert.Equal(t, []string{tag}, images.questions())
	again := w.awaitGate(w.create("again", withBuild, onTag), v1alpha1.ReasonBuildReused)
	assert.Equal(t, today.Hash, again.Status.Environment.Hash)

	tomorrow := built("tomorrow", "b")
	assert.NotEqual(t, today.Hash, tomorrow.Hash, "the same commit on another image")
}
