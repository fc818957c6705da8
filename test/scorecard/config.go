package scorecard

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

const (
	// configKey is the annotation of a bundle that says where its configuration is.
	configKey        = "operators.operatorframework.io.test.config.v1"
	defaultConfigDir = "tests/scorecard"
	configFile       = "config.yaml"
)

// LoadConfig reads the configuration of the bundle in the folder.
func LoadConfig(bundle string) (v1alpha3.Configuration, error) {
	var config v1alpha3.Configuration
	var metadata struct {
		Annotations map[string]string `json:"annotations"`
	}
	if err := readYAML(filepath.Join(bundle, "metadata", "annotations.yaml"), yaml.Unmarshal, &metadata); err != nil {
		return config, err
	}
	dir := metadata.Annotations[configKey]
	if dir == "" {
		dir = defaultConfigDir
	}
	if err := readYAML(filepath.Join(bundle, filepath.FromSlash(dir), configFile), yaml.UnmarshalStrict, &config); err != nil {
		return config, err
	}
	return config, validate(config)
}

func readYAML(path string, unmarshal func([]byte, any, ...yaml.JSONOpt) error, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// validate refuses what would run nothing, or something else than scorecard runs.
func validate(config v1alpha3.Configuration) error {
	// Scorecard's own scaffolds spell it apiversion, which is the same to it.
	if config.Kind != v1alpha3.ConfigurationKind || config.APIVersion != v1alpha3.GroupVersion.String() {
		return fmt.Errorf("the configuration is a %s of %s instead of a %s of %s", config.Kind, config.APIVersion,
			v1alpha3.ConfigurationKind, v1alpha3.GroupVersion)
	}
	if len(config.Stages) == 0 {
		return errors.New("the configuration has no stages")
	}
	for i, stage := range config.Stages {
		for k, test := range stage.Tests {
			switch {
			case test.Image == "" || len(test.Entrypoint) == 0:
				return fmt.Errorf("stage %d, test %d: it has no image or no entrypoint", i, k)
			case test.Storage.Spec.MountPath.Path != "":
				return fmt.Errorf("stage %d, test %d: storage for what a test writes is not supported here", i, k)
			}
		}
	}
	return nil
}

// selected are the tests of a stage whose labels the selector matches; without a selector, all.
func selected(stage v1alpha3.StageConfiguration, selector labels.Selector) []v1alpha3.TestConfiguration {
	var tests []v1alpha3.TestConfiguration
	for _, test := range stage.Tests {
		if selector == nil || selector.Matches(labels.Set(test.Labels)) {
			tests = append(tests, test)
		}
	}
	return tests
}
