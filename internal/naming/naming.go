// Package naming gives every object that the operator makes its name. Names are a function of what the object is
// made from: whoever looks for a child computes its name, nobody parses one, and a child made for another input can
// never be taken for the right one.
package naming

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

const (
	// maxLabel is the longest label value, and the longest name of a Kubernetes Job.
	maxLabel = 63
	// maxName is the longest name of most objects.
	maxName = 253
	hashLen = 10
)

// Build is the name of the NotebookBuild of a job: another one for another incarnation of the job and for every change
// of what is built. A rerun is such a change: the ref may have moved, and what failed is tried again.
func Build(job *v1alpha1.NotebookValidationJob) string {
	return withHash(job.Name, "build", job.UID, job.Spec.Notebook, job.Spec.PodConfig.BuildConfig, job.Spec.Rerun)
}

// Run is the name of the Kubernetes Job that runs the notebook: one for each generation.
func Run(job *v1alpha1.NotebookValidationJob) string {
	return withHash(job.Name, "run", job.UID, job.Generation)
}

// Report is the name of the ConfigMap with the report of a job.
func Report(job *v1alpha1.NotebookValidationJob) string {
	return suffixed(job.Name, "-report", maxName)
}

// BuildChild is the name of the object of the build system that does the work of a build: another one for every time that
// the work is begun anew.
func BuildChild(build *v1alpha1.NotebookBuild) string {
	return withHash(build.Name, "builder", build.UID, build.Status.Retries)
}

// Dockerfile is the name of the ConfigMap with the generated Dockerfile of a build.
func Dockerfile(build *v1alpha1.NotebookBuild) string {
	return withHash(build.Name, "dockerfile", build.UID)
}

// ImageTag is the tag that a build is pushed under; the image is used by digest.
func ImageTag(build *v1alpha1.NotebookBuild) string {
	return withHash(build.Name, "image", build.UID)
}

// Label makes a label value of an object's name: the name itself where it fits, else cut and made unique.
func Label(name string) string {
	return suffixed(name, "", maxLabel)
}

// withHash is base-role-hash, at most 63 characters, with no dots: it serves as the name of a Kubernetes Job, whose
// pods take it for their host name.
func withHash(base, role string, uid types.UID, inputs ...any) string {
	tail := "-" + role + "-" + hash(append([]any{uid}, inputs...)...)
	base = strings.ReplaceAll(base, ".", "-")
	if over := len(base) + len(tail) - maxLabel; over > 0 {
		base = strings.TrimRight(base[:len(base)-over], "-")
	}
	return base + tail
}

func suffixed(name, suffix string, limit int) string {
	if len(name)+len(suffix) <= limit {
		return name + suffix
	}
	tail := "-" + hash(name) + suffix
	return strings.TrimRight(name[:limit-len(tail)], "-.") + tail
}

func hash(inputs ...any) string {
	raw, err := json.Marshal(inputs)
	if err != nil { // API types and strings always marshal
		panic(fmt.Sprintf("naming: %v", err))
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])[:hashLen]
}
