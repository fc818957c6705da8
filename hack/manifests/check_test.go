package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const sound = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
---
apiVersion: v1
kind: Namespace
metadata: {name: system, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: manager, namespace: system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: build}
rules:
- {apiGroups: [""], resources: [secrets], verbs: [get]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: manager, namespace: system}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: manager
        image: example.com/validator:v1
        env: [{name: OPERATOR_IMAGE, value: "example.com/validator:v1"}]
        resources: {requests: {cpu: 50m, memory: 128Mi}}
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
`

func TestCheck(t *testing.T) {
	tests := map[string]struct {
		old, new string
		image    string
		problem  string
	}{
		"sound manifests pass":                   {},
		"the image that was asked for passes":    {image: "example.com/validator:v1"},
		"another image than asked for":           {image: "example.com/validator:v2", problem: "instead of"},
		"a wildcard verb":                        {old: "verbs: [get]", new: "verbs: ['*']", problem: "wildcard"},
		"a wildcard resource":                    {old: "resources: [secrets]", new: "resources: ['*']", problem: "wildcard"},
		"a list of secrets":                      {old: "verbs: [get]", new: "verbs: [get, list]", problem: "by name only"},
		"a field that is no field of a role":     {old: "verbs: [get]", new: "verb: [get]", problem: "unknown field"},
		"a namespace that lets any pod in":       {old: "enforce: restricted", new: "enforce: baseline", problem: "restricted"},
		"a pod that may be root":                 {old: "runAsNonRoot: true", new: "runAsNonRoot: false", problem: "root"},
		"a user without a number":                {old: "runAsUser: 65532, ", new: "", problem: "number"},
		"no seccomp profile":                     {old: ", seccompProfile: {type: RuntimeDefault}", new: "", problem: "seccomp"},
		"a root file system that can be written": {old: "readOnlyRootFilesystem: true", new: "readOnlyRootFilesystem: false", problem: "read-only"},
		"privilege escalation by default":        {old: "allowPrivilegeEscalation: false, ", new: "", problem: "escalation"},
		"capabilities that are kept":             {old: "drop: [ALL]", new: "drop: [NET_RAW]", problem: "capabilities"},
		"no requests":                            {old: "cpu: 50m, ", new: "", problem: "requests"},
		"pods that would run another image":      {old: "value: \"example.com/validator:v1\"", new: "value: old", problem: "OPERATOR_IMAGE"},
		"pods that would run no image":           {old: "OPERATOR_IMAGE", new: "OTHER", problem: "OPERATOR_IMAGE"},
		"a kind that is missing":                 {old: "kind: ServiceAccount", new: "kind: ConfigMap", problem: "no ServiceAccount"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, sound, test.old)
			objects, err := read(strings.NewReader(strings.ReplaceAll(sound, test.old, test.new)))
			if test.old == "" {
				objects, err = read(strings.NewReader(sound))
			}
			require.NoError(t, err)
			problems := check(objects, test.image)
			if test.problem == "" {
				assert.Empty(t, problems)
				return
			}
			require.NotEmpty(t, problems)
			assert.Contains(t, strings.Join(problems, "\n"), test.problem)
		})
	}
}

func TestReadRefusesWhatIsNotYAML(t *testing.T) {
	_, err := read(strings.NewReader("a: [\n"))
	assert.Error(t, err)
}
