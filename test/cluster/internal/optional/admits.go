package optional

import (
	"errors"
	"fmt"
	"strings"
)

// pipelineRun is a run whose only step has an image or, to be refused, nothing at all.
const pipelineRun = `{"apiVersion": "tekton.dev/v1", "kind": "PipelineRun", "metadata": {"name": "probe", "namespace": "default"},
"spec": {"pipelineSpec": {"tasks": [{"name": "probe", "taskSpec": {"steps": [%s]}}]}}}`

// tektonAdmits sends two PipelineRuns that are only tried: a good one, which the webhook completes, and one that it has to
// refuse. Its program is available before the API server asks it about anything.
func tektonAdmits(kubectl Kubectl) error {
	try := []string{"create", "--dry-run=server", "--output=jsonpath={.spec.timeouts.pipeline}", "-f", "-"}
	timeout, err := kubectl(fmt.Sprintf(pipelineRun, `{"name": "probe", "image": "probe"}`), try...)
	if err != nil {
		return err
	}
	if timeout == "" {
		return errors.New("the webhook of Tekton does not complete a PipelineRun")
	}
	_, err = kubectl(fmt.Sprintf(pipelineRun, ""), try...)
	if err == nil {
		return errors.New("the webhook of Tekton does not refuse a PipelineRun without a step")
	}
	if !strings.Contains(err.Error(), "denied the request") {
		return err
	}
	return nil
}
