package checks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	soundBundle = "testdata/bundle"
	csvFile     = "manifests/notebook-validator-operator.clusterserviceversion.yaml"
	jobsFile    = "manifests/mlops.mlops.dev_notebookvalidationjobs.yaml"
	roleFile    = "manifests/reader_clusterrole.yaml"
	metaFile    = "metadata/annotations.yaml"
)

// copyOf is a copy of the sound bundle that a test may break.
func copyOf(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(soundBundle)))
	return dir
}

// edit replaces a text that occurs in a file of the bundle, where it occurs first.
func edit(t testing.TB, dir, file, from, to string) {
	t.Helper()
	path := filepath.Join(dir, file)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(content), from, "the sound bundle has changed, this test breaks nothing any more")
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(content), from, to, 1)), 0o600))
}

// brokenBundle is one way to break what a check guards.
type brokenBundle struct{ file, from, to, want string }

func assertFails(t *testing.T, check func(*Bundle) v1alpha3.TestResult, bundles map[string]brokenBundle) {
	t.Helper()
	for name, breaks := range bundles {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t)
			edit(t, dir, breaks.file, breaks.from, breaks.to)
			bundle, err := Load(dir)
			require.NoError(t, err)
			result := check(bundle)
			assert.Equal(t, v1alpha3.FailState, result.State)
			assert.Contains(t, strings.Join(result.Errors, "\n"), breaks.want)
			assert.NotEmpty(t, result.Suggestions)
		})
	}
}

func TestConditionsFailsWhere(t *testing.T) {
	assertFails(t, Conditions, map[string]brokenBundle{
		"status is not a subresource":                       {jobsFile, "subresources:\n      status: {}", "subresources: {}", "notebookvalidationjobs.mlops.mlops.dev v1alpha1: status is not a subresource"},
		"conditions are a list without a type":              {jobsFile, "array\n                x-kubernetes-list-type: map\n                x-kubernetes-list-map-keys: [type]\n", "array\n", "not a list map"},
		"conditions are an atomic list":                     {jobsFile, "list-type: map\n                x-kubernetes-list-map-keys: [type]", "list-type: atomic", "not a list map"},
		"conditions are a list map by reason":               {jobsFile, "list-map-keys: [type]", "list-map-keys: [reason]", "not a list map"},
		"conditions are a list map by two keys":             {jobsFile, "list-map-keys: [type]", "list-map-keys: [type, reason]", "not a list map"},
		"conditions have no observedGeneration":             {jobsFile, "observedGeneration:", "generation:", "no observedGeneration"},
		"observedGeneration is a string":                    {jobsFile, "type: integer\n", "type: string\n", "no observedGeneration"},
		"there are no conditions":                           {jobsFile, "conditions:", "facts:", "no status.conditions"},
		"there is no status":                                {jobsFile, "          status:\n            type: object", "          state:\n            type: object", "no status.conditions"},
		"conditions do not say what they are of":            {jobsFile, "                items:", "                anything:", "what its items are"},
		"a definition is not owned":                         {csvFile, "    - name: notebookbuilds.mlops.mlops.dev\n      kind: NotebookBuild\n      version: v1alpha1\n", "", "does not own notebookbuilds"},
		"an owned definition is not there":                  {csvFile, "notebookbuilds.mlops.mlops.dev", "others.mlops.mlops.dev", "others.mlops.mlops.dev, which is not in the bundle"},
		"a definition has no version":                       {jobsFile, "versions:", "variants:", "has no version"},
		"a definition has no schema":                        {jobsFile, "schema:", "shape:", "there is no schema"},
		"an example has a condition of no known generation": {csvFile, `"observedGeneration": 1, `, "", "example NotebookValidationJob squares: condition 0 has no observedGeneration"},
	})
}

func TestReasonsFailsWhere(t *testing.T) {
	assertFails(t, Reasons, map[string]brokenBundle{
		"an example has a reason that does not exist": {csvFile, `"reason": "Passed"`, `"reason": "AllGood"`, `the reason "AllGood", which does not exist`},
		"an example has a condition without a reason": {csvFile, `"reason": "Passed", `, "", `the reason "", which does not exist`},
		"no example of a kind has conditions": {csvFile, `"phase": "Succeeded",
            "conditions"`, `"facts"`, "no example of NotebookValidationJob shows its conditions"},
		"there are no examples": {csvFile, "alm-examples", "examples", "no example of NotebookBuild shows its conditions"},
	})
}

func TestPermissionsFailsWhere(t *testing.T) {
	const (
		namespaced = "        - apiGroups: [\"\"]\n          resources: [secrets]\n          verbs: [get]\n"
		cluster    = "        - nonResourceURLs: [/readyz]\n          verbs: [get]\n"
	)
	rule := func(group, resource, verb string) string {
		return "        - apiGroups: ['" + group + "']\n          resources: ['" + resource + "']\n          verbs: ['" + verb + "']\n"
	}
	assertFails(t, Permissions, map[string]brokenBundle{
		"secrets are listed":                      {csvFile, namespaced, rule("", "secrets", "list"), "permissions of controller-manager, rule 0: list of secrets"},
		"secrets are watched":                     {csvFile, namespaced, rule("", "secrets", "watch"), "watch of secrets"},
		"secrets are listed in the whole cluster": {csvFile, cluster, rule("", "secrets", "list"), "clusterPermissions of controller-manager, rule 1: list of secrets"},
		"secrets are read in the whole cluster":   {csvFile, cluster, rule("", "secrets", "get"), "secrets is in namespaces"},
		"pods are watched in the whole cluster":   {csvFile, cluster, rule("", "pods/log", "get"), "pods is in namespaces"},
		"its own kinds are watched everywhere":    {csvFile, cluster, rule("mlops.mlops.dev", "notebookbuilds", "watch"), "mlops.mlops.dev/notebookbuilds is in namespaces"},
		"there is a wildcard verb":                {csvFile, namespaced, rule("", "pods", "*"), "verbs has the wildcard *"},
		"there is a wildcard resource":            {csvFile, namespaced, rule("", "*", "get"), "resources has the wildcard *"},
		"there is a wildcard subresource":         {csvFile, namespaced, rule("", "pods/*", "get"), "resources has the wildcard pods/*"},
		"there is a wildcard group":               {csvFile, namespaced, rule("*", "pods", "get"), "apiGroups has the wildcard *"},
		"there is a wildcard URL":                 {csvFile, "[/readyz]", "['/*']", "nonResourceURLs has the wildcard /*"},
		"it uses an SCC":                          {csvFile, cluster, rule("security.openshift.io", "securitycontextconstraints", "use"), "use of securitycontextconstraints"},
		"it changes an SCC":                       {csvFile, cluster, rule("security.openshift.io", "securitycontextconstraints", "patch"), "patch of securitycontextconstraints"},
		"it escalates":                            {csvFile, cluster, rule("rbac.authorization.k8s.io", "clusterroles", "escalate"), "the verb escalate"},
		"it binds":                                {csvFile, namespaced, rule("rbac.authorization.k8s.io", "roles", "bind"), "the verb bind"},
		"it impersonates":                         {csvFile, cluster, rule("authentication.k8s.io", "tokenreviews", "impersonate"), "the verb impersonate"},
		"it changes nodes":                        {csvFile, cluster, rule("", "nodes", "patch"), "patch of nodes"},
		"it writes the status of nodes":           {csvFile, cluster, rule("", "nodes/status", "update"), "update of nodes/status"},
		"it talks to kubelets":                    {csvFile, cluster, rule("", "nodes/proxy", "get"), "get of nodes/proxy"},
		"a Role is to grant nodes":                {csvFile, namespaced, rule("", "nodes", "get"), "nodes is not in namespaces"},
		"a Role is to grant a URL":                {csvFile, namespaced, "        - nonResourceURLs: [/healthz]\n          verbs: [get]\n", "/healthz is not in namespaces"},
		"a role beside the CSV has a wildcard":    {roleFile, "[/metrics]", "['*']", "ClusterRole notebook-validator-metrics-reader, rule 0: nonResourceURLs has the wildcard *"},
	})
	t.Run("the CSV grants nothing", func(t *testing.T) {
		dir := copyOf(t)
		edit(t, dir, csvFile, "      permissions:\n", "      rights:\n")
		edit(t, dir, csvFile, "      clusterPermissions:\n", "      clusterRights:\n")
		bundle, err := Load(dir)
		require.NoError(t, err)
		assert.Contains(t, Permissions(bundle).Errors, "the CSV grants the operator nothing, so that it cannot work")
	})
}

func TestChannelsFailsWhere(t *testing.T) {
	const (
		replaces = "replaces: notebook-validator-operator.v0.1.0"
		skips    = "skips: [notebook-validator-operator.v0.1.1]"
	)
	assertFails(t, Channels, map[string]brokenBundle{
		"the label has other channels":             {dockerfileName, `"stable,candidate"`, `"stable"`, `channels.v1 is "stable,candidate" in annotations.yaml and "stable" in bundle.Dockerfile`},
		"the label has another default channel":    {dockerfileName, "default.v1=stable", "default.v1=candidate", "channel.default.v1"},
		"the label has another package":            {dockerfileName, `"notebook-validator-operator"`, `"notebook-validator"`, "package.v1"},
		"a label is missing":                       {dockerfileName, "LABEL operators.operatorframework.io.bundle.mediatype.v1=registry+v1", "", "mediatype.v1"},
		"a label is one too many":                  {dockerfileName, "COPY", "LABEL operators.operatorframework.io.test.config.v1=tests/\nCOPY", "test.config.v1"},
		"the CSV says other channels":              {csvFile, "    olm.skipRange", "    operators.operatorframework.io.bundle.channels.v1: beta\n    olm.skipRange", `"beta" in the CSV`},
		"there are no channels":                    {metaFile, "stable,candidate", `""`, "not a list of names"},
		"there is a blank between channels":        {metaFile, "stable,candidate", "stable, candidate", "not a list of names"},
		"a channel is named twice":                 {metaFile, "stable,candidate", "stable,candidate,stable", "names stable twice"},
		"there is no default channel":              {metaFile, "default.v1: stable", `default.v1: ""`, `default.v1 is "", which is none of the channels`},
		"the default is none of the channels":      {metaFile, "default.v1: stable", "default.v1: alpha", `default.v1 is "alpha", which is none of the channels`},
		"there is no package":                      {metaFile, "package.v1: notebook-validator-operator", `package.v1: ""`, "does not name the package"},
		"the package is not that of the CSV":       {metaFile, "package.v1: notebook-validator-operator", "package.v1: notebook-validator", `instead of "notebook-validator.v0.2.0"`},
		"the format is another one":                {metaFile, "registry+v1", "plain+v0", "mediatype"},
		"the manifests are elsewhere":              {metaFile, "manifests/", "deploy/", "manifests.v1"},
		"the version is not that of the name":      {csvFile, "version: 0.2.0", "version: 0.3.0", `instead of "notebook-validator-operator.v0.3.0"`},
		"there is no version":                      {csvFile, "  version: 0.2.0\n", "", "the CSV has no version"},
		"it replaces itself":                       {csvFile, replaces, "replaces: notebook-validator-operator.v0.2.0", "which is the version itself"},
		"it replaces a newer version":              {csvFile, replaces, "replaces: notebook-validator-operator.v0.10.0", "which is newer"},
		"it replaces another package":              {csvFile, replaces, "replaces: another-operator.v0.1.0", "not a version of the package"},
		"it replaces what is no version":           {csvFile, replaces, "replaces: notebook-validator-operator.v1", "not a version of the package"},
		"it skips itself":                          {csvFile, skips, "skips: [notebook-validator-operator.v0.2.0]", "which is the version itself"},
		"it skips a newer version":                 {csvFile, skips, "skips: [notebook-validator-operator.v0.2.1]", "which is newer"},
		"it skips a version twice":                 {csvFile, skips, "skips: [notebook-validator-operator.v0.1.1, notebook-validator-operator.v0.1.1]", "twice"},
		"the range of skipped versions has itself": {csvFile, "<0.2.0'", "<=0.2.0'", "has the version itself in it"},
		"the range of skipped versions is none":    {csvFile, "'>=0.1.5 <0.2.0'", "'before 0.2.0'", "not a range of versions"},
	})
}

func exampleShapes(b *Bundle) v1alpha3.TestResult {
	return verdict(NameExamplesSchema, append(exampleKinds(b), shapeProblems(b)...), "as ExamplesSchema")
}

func TestExamplesSchemaFailsWithoutAClusterWhere(t *testing.T) {
	assertFails(t, exampleShapes, map[string]brokenBundle{
		"a value has another type":                   {csvFile, `"timeout": "10m"`, `"timeout": 600`, "example NotebookValidationJob squares: spec.timeout"},
		"there is no such field":                     {csvFile, `"timeout"`, `"timeOut"`, "spec.timeOut: there is no such field"},
		"the status has a value that does not exist": {csvFile, `"phase": "Succeeded"`, `"phase": "Done"`, "status.phase"},
		"the status has a field that does not exist": {csvFile, `"phase"`, `"stage"`, "status.stage: there is no such field"},
		"a condition lacks a field":                  {csvFile, `"message": "Built.", `, "", "status.conditions[0].message: Required value"},
		"there is no spec": {csvFile, `"spec": {
            "notebook"`, `"specification": {
            "notebook"`, "spec: Required value"},
		"the version is not there":  {csvFile, "mlops.mlops.dev/v1alpha1", "mlops.mlops.dev/v1", "the bundle does not define mlops.mlops.dev/v1, Kind=NotebookValidationJob"},
		"the kind is not there":     {csvFile, `"kind": "NotebookBuild"`, `"kind": "NotebookBuilds"`, "there is no example of NotebookBuild"},
		"there are no examples":     {csvFile, "alm-examples", "examples", "the CSV has no examples"},
		"the schema cannot be used": {jobsFile, "type: integer", "type: number?", "example NotebookValidationJob squares"},
	})
}
