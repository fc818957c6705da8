package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/settings"
	"mlops.dev/notebook-validator-operator/internal/source"
)

// silent is the manager command without its usage text.
func silent(t *testing.T, args ...string) *cobra.Command {
	t.Helper()
	cmd := managerCommand()
	cmd.SetArgs(args)
	cmd.SetOut(io.Discard)
	cmd.SetErr(io.Discard)
	return cmd
}

func TestEveryFlagOfTheManagerIsInTheDocumentation(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "install.md"))
	require.NoError(t, err)
	managerCommand().Flags().VisitAll(func(flag *pflag.Flag) {
		assert.Contains(t, string(page), "`--"+flag.Name+"`", "docs/install.md")
	})
}

func TestEveryFlagOfTheManagerFillsItsSetting(t *testing.T) {
	f := newManagerFlags()
	flags := pflag.NewFlagSet("manager", pflag.ContinueOnError)
	f.bind(flags)
	require.NoError(t, flags.Parse([]string{
		"--max-builds=7", "--max-builds-per-namespace=0", "--builder-privileged", "--run-as-user=1001",
		"--builder-requests=cpu=500m,memory=1Gi", "--builder-limits=memory=4Gi", "--max-source-bytes=1048576", "--source-timeout=1m30s",
		"--operator-image=o:1", "--registry=r.example.com/x", "--push-secret=push", "--insecure-registry", "--base-image=b:1", "--builder-image=i:1",
		"--leader-elect", "--leader-elect-namespace=system", "--health-probe-bind-address=:9", "--watch-namespaces=team-b, team-a,team-b,",
		"--metrics-bind-address=:7", "--metrics-cert-dir=" + certificate(t),
	}))
	require.NoError(t, f.complete(nil), "a user by number needs no cluster")
	assert.Equal(t, settings.Settings{
		OperatorImage: "o:1", BaseImage: "b:1", BuilderImage: "i:1", BuilderPrivileged: true,
		Registry:  v1alpha1.ImageRegistry{Repository: "r.example.com/x", PushSecret: "push", Insecure: true},
		MaxBuilds: 7, MaxBuildsPerNamespace: 0, RunAsUser: ptr.To[int64](1001),
		BuilderResources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("500m"), corev1.ResourceMemory: resource.MustParse("1Gi")}, // the defaults are replaced, not added to
			Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("4Gi")},
		},
	}, f.settings)
	assert.Equal(t, source.Limits{Bytes: 1 << 20, Timeout: 90 * time.Second}, f.sourceLimits)
	assert.True(t, f.leaderElect)
	assert.Equal(t, "system", f.leaseNamespace)
	assert.Equal(t, ":9", f.probeAddress)
	assert.Equal(t, ":7", f.metricsAddress)
	assert.NotEmpty(t, f.metricsCertDir)
	assert.Equal(t, []string{"team-a", "team-b"}, f.namespaces)
	flags.VisitAll(func(flag *pflag.Flag) { assert.True(t, flag.Changed, "--%s is not set here", flag.Name) })
}

// A manager that is told nonsense ends before it asks the cluster for anything.
func TestSettingsThatMakeNoSenseAreToldByTheirFlag(t *testing.T) {
	t.Setenv("KUBECONFIG", kubeconfigOf(t, "https://127.0.0.1:1"))
	t.Setenv("OPERATOR_IMAGE", "")
	const image = "--operator-image=registry.example.com/notebook-validator:1"
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"no image of the operator":      {nil, "set --operator-image or OPERATOR_IMAGE"},
		"a request that is no quantity": {[]string{image, "--builder-requests=cpu=many"}, "--builder-requests: cpu=many: quantities must match"},
		"a limit that is no quantity":   {[]string{image, "--builder-limits=cpu=1,memory=2GiB"}, "--builder-limits: memory=2GiB: "},
		"a limit without a value":       {[]string{image, "--builder-limits=memory"}, "memory must be formatted as key=value"},
		"a user by name":                {[]string{image, "--run-as-user=jovyan"}, `--run-as-user is "jovyan": give a user number, or auto`},
		"a negative user":               {[]string{image, "--run-as-user=-1"}, `--run-as-user is "-1": give a user number, or auto`},
		"a namespace that cannot be":    {[]string{image, "--watch-namespaces=a,B_c"}, `--watch-namespaces: "B_c" is no namespace: `},
		"a certificate that is missing": {[]string{image, "--metrics-cert-dir=/nonexistent"}, "--metrics-cert-dir: stat /nonexistent/tls.crt: no such file"},
		"a lease of no namespace":       {[]string{image, "--run-as-user=1", "--leader-elect"}, "set --leader-elect-namespace"},
		"a number of builds in words":   {[]string{image, "--max-builds=ten"}, `invalid argument "ten" for "--max-builds" flag`},
		"bytes with a unit":             {[]string{image, "--max-source-bytes=32MiB"}, `invalid argument "32MiB" for "--max-source-bytes" flag`},
		"a time without a unit":         {[]string{image, "--source-timeout=30"}, `missing unit in duration "30"`},
		"a flag that does not exist":    {[]string{image, "--max-build=1"}, "unknown flag: --max-build"},
		"an argument":                   {[]string{image, "please"}, `unknown command "please"`},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, silent(t, test.args...).ExecuteContext(t.Context()), test.says)
		})
	}
}

// The same nonsense in a variable is told by the variable's name, for whoever set it never wrote a flag.
func TestVariablesThatMakeNoSenseAreToldByTheirName(t *testing.T) {
	for variable, test := range map[string]struct{ value, says string }{
		"NOTEBOOK_VALIDATOR_MAX_BUILDS":       {"ten", `environment variable NOTEBOOK_VALIDATOR_MAX_BUILDS is "ten": `},
		"NOTEBOOK_VALIDATOR_LEADER_ELECT":     {"perhaps", `environment variable NOTEBOOK_VALIDATOR_LEADER_ELECT is "perhaps": `},
		"NOTEBOOK_VALIDATOR_SOURCE_TIMEOUT":   {"30", `environment variable NOTEBOOK_VALIDATOR_SOURCE_TIMEOUT is "30": `},
		"NOTEBOOK_VALIDATOR_BUILDER_REQUESTS": {"cpu=many", "NOTEBOOK_VALIDATOR_BUILDER_REQUESTS: cpu=many: quantities must match"},
		"NOTEBOOK_VALIDATOR_RUN_AS_USER":      {"jovyan", `NOTEBOOK_VALIDATOR_RUN_AS_USER is "jovyan": give a user number, or auto`},
		"NOTEBOOK_VALIDATOR_WATCH_NAMESPACES": {"A", `NOTEBOOK_VALIDATOR_WATCH_NAMESPACES: "A" is no namespace: `},
		"WATCH_NAMESPACE":                     {"a b", `WATCH_NAMESPACE: "a b" is no namespace: `},
		"NOTEBOOK_VALIDATOR_METRICS_CERT_DIR": {"/nonexistent", "NOTEBOOK_VALIDATOR_METRICS_CERT_DIR: stat /nonexistent/tls.crt: "},
	} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv("KUBECONFIG", kubeconfigOf(t, "https://127.0.0.1:1"))
			t.Setenv("OPERATOR_IMAGE", "registry.example.com/notebook-validator:1")
			t.Setenv(variable, test.value)
			require.ErrorContains(t, silent(t).ExecuteContext(t.Context()), test.says)
		})
	}
}

func TestEveryFlagOfTheManagerHasItsVariable(t *testing.T) {
	values := map[string]string{
		"builder-requests": "cpu=1", "builder-limits": "cpu=1", "insecure-registry": "true", "builder-privileged": "true", "leader-elect": "true",
		"max-builds": "3", "max-builds-per-namespace": "3", "max-source-bytes": "3", "source-timeout": "3s",
	}
	flags := managerCommand().Flags()
	flags.VisitAll(func(flag *pflag.Flag) {
		f, set := newManagerFlags(), pflag.NewFlagSet("manager", pflag.ContinueOnError)
		f.bind(set)
		value := values[flag.Name]
		if value == "" {
			value = "text"
		}
		t.Run(flag.Name, func(t *testing.T) {
			t.Setenv("NOTEBOOK_VALIDATOR_"+strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_")), value)
			require.NoError(t, f.variables.Apply(set))
			assert.True(t, set.Changed(flag.Name))
			assert.Contains(t, set.Lookup(flag.Name).Value.String(), value)
		})
	})
}

func TestTheVariablesThatDeploymentsOfOperatorsHave(t *testing.T) {
	t.Setenv("OPERATOR_IMAGE", "o:1")
	t.Setenv("WATCH_NAMESPACE", "team-a,team-b")
	f, flags := newManagerFlags(), pflag.NewFlagSet("manager", pflag.ContinueOnError)
	f.bind(flags)
	require.NoError(t, flags.Parse([]string{"--run-as-user=1"}))
	require.NoError(t, f.variables.Apply(flags))
	require.NoError(t, f.complete(nil))
	assert.Equal(t, "o:1", f.settings.OperatorImage)
	assert.Equal(t, []string{"team-a", "team-b"}, f.namespaces)
}

// certificate is a folder that has what a certificate is made of, as far as flags are concerned.
func certificate(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"tls.crt", "tls.key"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	return dir
}

func TestSettingsAreMadeOfTheFlags(t *testing.T) {
	f := managerFlags{
		settings:        settings.Settings{OperatorImage: "registry.example.com/notebook-validator:1"},
		builderRequests: map[string]string{"cpu": "500m", "memory": " 1Gi"},
		builderLimits:   map[string]string{"memory": "4Gi"},
		runAsUser:       "0",
	}
	require.NoError(t, f.complete(&rest.Config{Host: "https://127.0.0.1:1"}), "a number needs no cluster")
	resources := f.settings.BuilderResources
	assert.Equal(t, "500m", resources.Requests.Cpu().String())
	assert.Equal(t, "1Gi", resources.Requests.Memory().String())
	assert.Equal(t, "4Gi", resources.Limits.Memory().String())
	assert.NotContains(t, resources.Limits, corev1.ResourceCPU)
	assert.Equal(t, int64(0), *f.settings.RunAsUser)
}

func TestTheUserOfNotebooksIsLeftToAPlatformThatAssignsOne(t *testing.T) {
	image := settings.Settings{OperatorImage: "registry.example.com/notebook-validator:1"}
	plain := managerFlags{settings: image, runAsUser: runAsAuto}
	require.NoError(t, plain.complete(&rest.Config{Host: apiServer(t, "apps")}))
	assert.Equal(t, int64(defaultUser), *plain.settings.RunAsUser)

	openShift := managerFlags{settings: image, runAsUser: runAsAuto}
	require.NoError(t, openShift.complete(&rest.Config{Host: apiServer(t, "apps", openShiftGroup)}))
	assert.Nil(t, openShift.settings.RunAsUser)

	unknown := managerFlags{settings: image, runAsUser: runAsAuto}
	require.ErrorContains(t, unknown.complete(&rest.Config{Host: "http://127.0.0.1:1"}), "find out which APIs the cluster has")
}

// apiServer tells which groups of APIs it has, and knows nothing else.
func apiServer(t *testing.T, groups ...string) (address string) {
	t.Helper()
	list := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
	for _, name := range groups {
		version := metav1.GroupVersionForDiscovery{GroupVersion: name + "/v1", Version: "v1"}
		list.Groups = append(list.Groups, metav1.APIGroup{Name: name, Versions: []metav1.GroupVersionForDiscovery{version}, PreferredVersion: version})
	}
	answers := map[string]any{"/apis": list, "/api": metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, known := answers[r.URL.Path]
		if !known {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		assert.NoError(t, json.NewEncoder(w).Encode(answer))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func kubeconfigOf(t *testing.T, server string) (file string) {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["a"] = &clientcmdapi.Cluster{Server: server}
	config.Contexts["a"] = &clientcmdapi.Context{Cluster: "a"}
	config.CurrentContext = "a"
	file = filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(*config, file))
	return file
}
