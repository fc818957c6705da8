package buildpod

import (
	"strings"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// invalidPod is in the message of an API server that does not take the pod as it is.
const invalidPod = " is invalid: "

// RefusedInTekton says why Tekton did not get the build's pod into the cluster, for the strategies that build through
// Tekton. It gives up at any error, as of a webhook that is away for a moment, so that whatever is not known to stay may
// pass.
func RefusedInTekton(message string) buildstrategy.Outcome {
	reason, sentence, permanent := Rejected(message)
	if permanent {
		return Failure(reason, sentence)
	}
	outcome := Failure(buildstrategy.BuilderFailed, "The build's pod cannot be made. Tekton says: "+message)
	outcome.Temporary = !strings.Contains(message, invalidPod)
	return outcome
}
