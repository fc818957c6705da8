package buildpod

import (
	"fmt"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
)

// expansion begins what Tekton replaces, wherever it stands. It knows no way to write that literally.
const expansion = "$("

// CheckInTekton refuses, besides what Check does, what Tekton would replace by something else, for the strategies that build
// through Tekton.
func CheckInTekton(in buildstrategy.Inputs) error {
	if err := Check(in); err != nil {
		return err
	}
	for _, text := range append(Texts(in), Text{"operator's image", in.OperatorImage}, Text{"builder's image", in.BuilderImage}) {
		if strings.Contains(text.Value, expansion) {
			return fmt.Errorf("the %s %q has %q in it, which Tekton would replace by something else. Rename it, or choose another "+
				"build strategy", text.What, text.Value, expansion)
		}
	}
	return nil
}

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
