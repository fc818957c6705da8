package kit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
)

// Names of what config/default makes.
const (
	OperatorNamespace  = "notebook-validator-system"
	OperatorDeployment = "notebook-validator-controller-manager"
	operatorContainer  = "manager"
	// baseDeployment is the Deployment before config/default has prefixed its name.
	baseDeployment = "controller-manager"
	// PushSecret is the Secret with the registry's credentials in every namespace that Namespace makes.
	PushSecret = "registry-credentials"
)

// Deploy makes the operator of this repository run in the cluster, as config/default says, with its own rights in its own
// namespace. Where it runs already there is nothing to do.
func (c *Cluster) Deploy(ctx context.Context) error {
	image, err := c.operatorImage(ctx)
	if err != nil {
		return err
	}
	overlay, err := os.MkdirTemp("", "nbv-overlay-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(overlay)
	if err := c.writeOverlay(overlay, image); err != nil {
		return err
	}
	c.Log("deploying %s", image)
	if _, err := c.Kubectl(ctx, "apply", "--kustomize="+overlay); err != nil {
		return err
	}
	return c.awaitOperator(ctx)
}

// Arguments are what this cluster adds to the operator's command line.
func (c *Cluster) Arguments() []string {
	registry := c.Env.Registry
	return []string{
		"--registry=" + registry.Host + "/notebooks",
		"--push-secret=" + PushSecret,
		fmt.Sprintf("--insecure-registry=%t", registry.Insecure),
		"--base-image=" + c.Env.Images.NotebookBase,
		"--builder-image=" + c.Env.Images.Builder,
	}
}

type patchOperation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value string `json:"value"`
}

// writeOverlay writes a kustomization of config/default with the image and the arguments.
func (c *Cluster) writeOverlay(dir, image string) error {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	base, err := filepath.Rel(real, filepath.Join(c.root, "config", "default"))
	if err != nil {
		return err
	}
	var patches []any
	for _, patch := range []any{operatorPatch(image), c.argumentsPatch()} {
		content, err := yaml.Marshal(patch)
		if err != nil {
			return err
		}
		patches = append(patches, map[string]any{
			"target": map[string]string{"kind": "Deployment", "name": baseDeployment},
			"patch":  string(content),
		})
	}
	content, err := yaml.Marshal(map[string]any{
		"apiVersion": "kustomize.config.k8s.io/v1beta1",
		"kind":       "Kustomization",
		"resources":  []string{base},
		"patches":    patches,
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "kustomization.yaml"), content, 0o600)
}

// operatorPatch sets what is found by its name. There is one replica, because tests kill the operator's one process and count
// its incarnations; what more of them do is for tests of their own.
func operatorPatch(image string) map[string]any {
	return map[string]any{
		"apiVersion": "apps/v1",
		"kind":       "Deployment",
		"metadata":   map[string]any{"name": baseDeployment},
		"spec": map[string]any{
			"replicas": 1,
			"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{
				"name":  operatorContainer,
				"image": image,
				"env":   []any{map[string]any{"name": "OPERATOR_IMAGE", "value": image}},
			}}}},
		},
	}
}

// argumentsPatch adds to the list of arguments, which a patch by name could only replace.
func (c *Cluster) argumentsPatch() []patchOperation {
	var patch []patchOperation
	for _, argument := range c.Arguments() {
		patch = append(patch, patchOperation{"add", "/spec/template/spec/containers/0/args/-", argument})
	}
	return patch
}
