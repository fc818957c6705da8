package imagebuild

import (
	"fmt"
	"os"
)

// writeDockerfile writes the text in the environment, if there is one, to the Dockerfile's place. It serves build systems
// that cannot mount the ConfigMap; a Dockerfile of the repository is there already, and nothing is in the environment.
func (o options) writeDockerfile() error {
	if o.dockerfileEnv == "" {
		return nil
	}
	text := os.Getenv(o.dockerfileEnv)
	if text == "" {
		return nil
	}
	if o.baseImage == "" {
		return fmt.Errorf("%s would overwrite a Dockerfile of the repository", o.dockerfileEnv)
	}
	return os.WriteFile(o.dockerfile, []byte(text), 0o644)
}
