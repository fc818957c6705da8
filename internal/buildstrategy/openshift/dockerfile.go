package openshift

import (
	"fmt"
	"strings"
	"unicode"

	buildv1 "github.com/openshift/api/build/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/environment"
)

// maxDockerfileBytes is the limit of the API for an inline Dockerfile.
const maxDockerfileBytes = 60_000

// dockerfileOf is the text that is built: the generated one, or the repository's own with what the runner needs.
func dockerfileOf(in buildstrategy.Inputs, labels []buildstrategy.ImageLabel) (string, error) {
	text := in.DockerfileText
	if len(text) > maxDockerfileBytes { // before anything reads it
		return "", tooLong(text)
	}
	if in.DockerfilePath != "" {
		var err error
		if text, err = environment.AddRunner(text, imageUser); err != nil {
			return "", err
		}
	}
	for _, label := range labels {
		text = environment.AddLabel(text, label.Name, label.Value)
	}
	if len(text) > maxDockerfileBytes {
		return "", tooLong(text)
	}
	return text, nil
}

func tooLong(text string) error {
	return fmt.Errorf("the Dockerfile has %d bytes with what the operator adds, and an OpenShift build takes %d. Move scripts into "+
		"files of the repository and COPY them, or choose another buildConfig.strategy", len(text), maxDockerfileBytes)
}

// splitLabels tells the labels that the Build can carry from those that have to be written into the Dockerfile: the API
// refuses a name with a slash, and OpenShift expands variables in a value.
func splitLabels(labels []buildstrategy.ImageLabel) (carried []buildv1.ImageLabel, inline []buildstrategy.ImageLabel) {
	for _, label := range labels {
		if len(validation.IsConfigMapKey(label.Name)) == 0 && isPlain(label.Value) {
			carried = append(carried, buildv1.ImageLabel{Name: label.Name, Value: label.Value})
			continue
		}
		inline = append(inline, label)
	}
	return carried, inline
}

func isPlain(value string) bool {
	return !strings.ContainsAny(value, `$"'\`) && !strings.ContainsFunc(value, unicode.IsControl)
}
