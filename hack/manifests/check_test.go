package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/hack/objects"
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
- {apiGroups: [coordination.k8s.io], resources: [leases], resourceNames: [ours], verbs: [update]}
- {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: build}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: build}
subjects: [{kind: ServiceAccount, name: manager, namespace: system}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: budget, namespace: system}
spec: {maxUnavailable: 1, selector: {matchLabels: {a: b}}}
---
apiVersion: v1
kind: Service
metadata: {name: metrics, namespace: system}
spec: {selector: {a: b}, ports: [{port: 8443, targetPort: metrics}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: manager, namespace: system}
spec:
  replicas: 2
  strategy: {rollingUpdate: {maxUnavailable: 0}}
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: host, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {a: b}}}]
      securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: manager
        image: example.com/validator:v1
        ports: [{name: metrics, containerPort: 8443}]
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
		"any lease of the namespace":             {old: "resourceNames: [ours], ", new: "", problem: "resourceNames"},
		"a binding to no role":                   {old: "kind: ClusterRole, name: build", new: "kind: ClusterRole, name: built", problem: "not there"},
		"a binding for somebody else":            {old: "name: manager, namespace: system}]", new: "name: manager, namespace: default}]", problem: "none of [system/manager]"},
		"a budget for other pods":                {old: "maxUnavailable: 1, selector: {matchLabels: {a: b}}", new: "maxUnavailable: 1, selector: {matchLabels: {a: c}}", problem: "PodDisruptionBudget budget does not select"},
		"a budget in another namespace":          {old: "{name: budget, namespace: system}", new: "{name: budget, namespace: other}", problem: "PodDisruptionBudget budget does not select"},
		"a budget for all pods":                  {old: "maxUnavailable: 1, selector: {matchLabels: {a: b}}", new: "maxUnavailable: 1, selector: {}", problem: "PodDisruptionBudget budget does not select"},
		"a budget that holds up drains":          {old: "maxUnavailable: 1,", new: "minAvailable: 1,", problem: "let a drain take one pod"},
		"a service for other pods":               {old: "spec: {selector: {a: b}", new: "spec: {selector: {a: c}", problem: "Service metrics does not select"},
		"a service that leads nowhere":           {old: "targetPort: metrics", new: "targetPort: metric", problem: "which no container has"},
		"pods that are spread among others":      {old: "labelSelector: {matchLabels: {a: b}}", new: "labelSelector: {matchLabels: {a: c}}", problem: "topology spread"},
		"one replica":                            {old: "replicas: 2", new: "replicas: 1", problem: "two replicas"},
		"an update that ends the old one first":  {old: "{maxUnavailable: 0}", new: "{maxUnavailable: 1}", problem: "wait for the new replica"},
		"a kind that is missing":                 {old: "kind: ServiceAccount", new: "kind: ConfigMap", problem: "no ServiceAccount"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, sound, test.old)
			all, err := objects.Read(strings.NewReader(strings.ReplaceAll(sound, test.old, test.new)))
			if test.old == "" {
				all, err = objects.Read(strings.NewReader(sound))
			}
			require.NoError(t, err)
			problems := check(all, test.image)
			if test.problem == "" {
				assert.Empty(t, problems)
				return
			}
			require.NotEmpty(t, problems)
			assert.Contains(t, strings.Join(problems, "\n"), test.problem)
		})
	}
}
