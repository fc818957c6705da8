package scorecard

import (
	"strings"
	"testing"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

func TestParse(t *testing.T) {
	tests := map[string]struct {
		log   string
		state v1alpha3.State
		want  string
	}{
		"a test that passed":                      {`{"results":[{"name":"a","state":"pass"}]}`, v1alpha3.PassState, ""},
		"a test that failed":                      {`{"results":[{"name":"a","state":"fail","errors":["no"]}]}`, v1alpha3.FailState, "no"},
		"one of two results is an error":          {`{"results":[{"name":"a","state":"pass"},{"name":"b","state":"error","errors":["no"]}]}`, v1alpha3.ErrorState, "no"},
		"a log that is empty":                     {"", v1alpha3.FailState, "the log is not a result"},
		"a program that broke down":               {"panic: no", v1alpha3.FailState, "the log is not a result"},
		"a warning before the result":             {"W1 warning\n" + `{"results":[{"state":"pass"}]}`, v1alpha3.FailState, "the log is not a result"},
		"a word after the result":                 {`{"results":[{"state":"pass"}]} done`, v1alpha3.FailState, "the log is not a result"},
		"a result without results":                {`{}`, v1alpha3.FailState, "the test printed no result"},
		"results of another form":                 {`{"results":"pass"}`, v1alpha3.FailState, "the log is not a result"},
		"a state that does not exist":             {`{"results":[{"state":"Passed"}]}`, "Passed", ""},
		"a state that is missing":                 {`{"results":[{"name":"a"}]}`, "", ""},
		"null, which is valid JSON and no result": {"null", v1alpha3.FailState, "the test printed no result"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status := parse([]byte(test.log))
			require.NotEmpty(t, status.Results)
			is := v1alpha3.Test{Status: status}
			assert.Equal(t, test.state, State(is))
			assert.Equal(t, test.state == v1alpha3.PassState, Passed(v1alpha3.TestList{Items: []v1alpha3.Test{is}}))
			var all []string
			for _, result := range status.Results {
				all = append(all, result.Errors...)
			}
			assert.Contains(t, strings.Join(all, "\n"), test.want)
		})
	}
}

func TestNothingPassesWithoutAResult(t *testing.T) {
	assert.False(t, Passed(v1alpha3.TestList{}))
	assert.False(t, Passed(v1alpha3.TestList{Items: []v1alpha3.Test{{}}}))
	assert.Equal(t, "0 tests selected\n", Text(v1alpha3.TestList{}))
}

func TestTextTellsWhatFailed(t *testing.T) {
	test := v1alpha3.Test{Spec: v1alpha3.TestConfiguration{Image: "image"}, Status: failedStatus("no")}
	assert.Contains(t, Text(v1alpha3.TestList{Items: []v1alpha3.Test{test}}), "State: fail")
}

func failedStatus(text string) v1alpha3.TestStatus { return parse([]byte(text)) }

func TestProgressTellsWhatAPodWaitsFor(t *testing.T) {
	status := corev1.PodStatus{Phase: corev1.PodPending, InitContainerStatuses: []corev1.ContainerStatus{{
		Name: untarContainer, State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: "not found"}},
	}}}
	assert.Equal(t, "its phase is Pending, scorecard-untar waits: ImagePullBackOff not found", progress(status))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"results":[{"name":"a","state":"pass"}]}`))
	f.Add([]byte(`{"results":[{"name":"a","state":"fail","creationTimestamp":null}]}`))
	f.Fuzz(func(t *testing.T, log []byte) {
		assert.NotEmpty(t, parse(log).Results)
	})
}
