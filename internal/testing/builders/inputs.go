package builders

import (
	"time"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// Inputs are what a strategy gets for a generated Dockerfile, with the edits made in their order.
func Inputs(edits ...func(*buildstrategy.Inputs)) buildstrategy.Inputs {
	in := buildstrategy.Inputs{
		Name: "iris-build-1", Namespace: "team", Labels: map[string]string{"app.kubernetes.io/name": "notebook-validator"},
		Annotations:  map[string]string{"mlops.mlops.dev/environment": "0123"},
		Source:       buildstrategy.Source{URL: "https://git.example.com/team/notebooks.git", Ref: "main", Commit: Commit},
		NotebookPath: "tier1/iris.ipynb", BaseImage: "docker.io/library/python:3.12",
		DockerfileConfigMap: "iris-build-1", DockerfileKey: "Dockerfile", ContextDir: ".", Image: "registry.example.com/team/iris:build-1",
		BuilderImage: "registry.example.com/buildah:1", OperatorImage: "registry.example.com/operator:1",
		Timeout: 15 * time.Minute,
	}
	for _, edit := range edits {
		edit(&in)
	}
	return in
}
