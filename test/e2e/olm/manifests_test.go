package olm

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/blang/semver/v4"
	"github.com/operator-framework/api/pkg/lib/version"
	operatorsv1alpha1 "github.com/operator-framework/api/pkg/operators/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"
)

// manifests are a bundle in a folder of a test's own.
type manifests struct {
	dir string
	// image of the operator.
	image string
	csv   *operatorsv1alpha1.ClusterServiceVersion
}

// rewrite puts the image by digest into the ClusterServiceVersion, and whatever else the change does.
func (m manifests) rewrite(change func(manifests) error) error {
	paths, err := filepath.Glob(filepath.Join(m.dir, "manifests", "*clusterserviceversion.yaml"))
	if err != nil || len(paths) != 1 {
		return errors.Join(errors.New("the bundle has not one ClusterServiceVersion"), err)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		return err
	}
	m.csv = &operatorsv1alpha1.ClusterServiceVersion{}
	if err := yaml.UnmarshalStrict(text, m.csv); err != nil {
		return err
	}
	if err := change(m); err != nil {
		return err
	}
	m.operator().Image = m.image
	for i, variable := range m.operator().Env {
		if variable.Name == "OPERATOR_IMAGE" {
			m.operator().Env[i].Value = m.image
		}
	}
	if text, err = yaml.Marshal(m.csv); err != nil {
		return err
	}
	return os.WriteFile(paths[0], text, 0o600)
}

// operator is the container of the ClusterServiceVersion's one deployment.
func (m manifests) operator() *corev1.Container {
	deployments := m.csv.Spec.InstallStrategy.StrategySpec.DeploymentSpecs
	return &deployments[0].Spec.Template.Spec.Containers[0]
}

func unchanged(manifests) error { return nil }

// withArguments gives the first version this cluster's settings: there was no other way to tell it of them yet.
func withArguments(m manifests) error {
	m.operator().Args = append(m.operator().Args, cluster.Arguments()...)
	return nil
}

// successor makes of the current version a later one that replaces it. OLM gives up on a version that does not come up after
// half a minute, instead of ten.
func successor(number string) func(manifests) error {
	return func(m manifests) error {
		parsed, err := semver.Parse(number)
		if err != nil {
			return err
		}
		m.csv.Name, m.csv.Spec.Version = csvName(number), version.OperatorVersion{Version: parsed}
		m.csv.Spec.Replaces, m.csv.Spec.Skips = csvName(current), nil
		if number == mended {
			m.csv.Spec.Skips = []string{csvName(broken)}
		}
		m.csv.Spec.InstallStrategy.StrategySpec.DeploymentSpecs[0].Spec.ProgressDeadlineSeconds = ptr.To[int32](30)
		return nil
	}
}
