package integration

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

// program is the operator as it is shipped, built once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "integration-program-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "notebook-validator")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", file, "../..").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the operator: %w: %s", err, out)
	}
	return file, nil
})

// account is a service account of the cluster.
type account struct{ namespace, name string }

func newAccount(t testing.TB, namespace, name string) account {
	t.Helper()
	require.NoError(t, kube.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}))
	return account{namespace, name}
}

func (a account) token(t testing.TB) string {
	t.Helper()
	clientset, err := kubernetes.NewForConfig(admin)
	require.NoError(t, err)
	request, err := clientset.CoreV1().ServiceAccounts(a.namespace).CreateToken(t.Context(), a.name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(t, err)
	return request.Status.Token
}

func (a account) user() string { return "system:serviceaccount:" + a.namespace + ":" + a.name }

func (a account) subject() []rbacv1.Subject {
	return []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: a.namespace, Name: a.name}}
}

// may gives the account a ClusterRole in the whole cluster.
func (a account) may(t testing.TB, roles ...string) {
	t.Helper()
	for _, role := range roles {
		binding := &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{GenerateName: role + "-"}, Subjects: a.subject()}
		binding.RoleRef = rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}
		require.NoError(t, kube.Create(t.Context(), binding))
		t.Cleanup(func() { _ = kube.Delete(context.WithoutCancel(t.Context()), binding) }) // the cluster ends with the tests
		given := &rbacv1.ClusterRole{}
		require.NoError(t, kube.Get(t.Context(), client.ObjectKey{Name: role}, given))
		a.awaitRights(t, "", given.Rules)
	}
}

// mayIn gives the account a ClusterRole's rights in one namespace.
func (a account) mayIn(t testing.TB, namespace string, roles ...string) {
	t.Helper()
	for _, role := range roles {
		given := &rbacv1.ClusterRole{}
		require.NoError(t, kube.Get(t.Context(), client.ObjectKey{Name: role}, given))
		a.bindIn(t, namespace, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}, given.Rules)
	}
}

func (a account) bindIn(t testing.TB, namespace string, role rbacv1.RoleRef, rules []rbacv1.PolicyRule) {
	t.Helper()
	binding := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, GenerateName: role.Name + "-"}, Subjects: a.subject(), RoleRef: role}
	require.NoError(t, kube.Create(t.Context(), binding))
	a.awaitRights(t, namespace, rules)
}

// awaitRights waits until the API server grants what the rules say: it learns of roles and bindings by watches of its own.
func (a account) awaitRights(t testing.TB, namespace string, rules []rbacv1.PolicyRule) {
	t.Helper()
	for _, question := range questions(rules) {
		eventually(t, func(c *assert.CollectT) { assert.True(c, may(t, a.user(), namespace, question), question) })
	}
}

// questions ask for each verb of each rule, in the words of may.
func questions(rules []rbacv1.PolicyRule) []string {
	var all []string
	for _, rule := range rules {
		for _, verb := range rule.Verbs {
			if len(rule.NonResourceURLs) > 0 {
				all = append(all, verb+" "+rule.NonResourceURLs[0])
				continue
			}
			resource, sub, _ := strings.Cut(rule.Resources[0], "/")
			question := verb + " " + resource + "." + rule.APIGroups[0]
			if sub != "" {
				question += "/" + sub
			}
			if len(rule.ResourceNames) > 0 {
				question += " " + rule.ResourceNames[0]
			}
			all = append(all, question)
		}
	}
	return all
}

// controllerRoles are what the operator needs in the namespaces that it watches.
var controllerRoles = []string{"validation", "build", "aggregate", "build-tekton", "build-shipwright", "build-openshift"}

// newOperatorAccount has the rights of an operator in these namespaces, what it must ask of the whole cluster, and the lease
// of its own namespace.
func newOperatorAccount(t testing.TB, namespaces ...string) account {
	t.Helper()
	a := newAccount(t, newNamespace(t), "controller-manager")
	a.may(t, "discovery", "metrics-auth")
	for _, namespace := range namespaces {
		a.mayIn(t, namespace, controllerRoles...)
	}
	file, err := os.ReadFile(filepath.Join(rbacDir, "leader_election.yaml"))
	require.NoError(t, err)
	role := &rbacv1.Role{}
	require.NoError(t, yaml.Unmarshal(bytes.Split(file, []byte("\n---\n"))[0], role))
	role.Namespace = a.namespace
	require.NoError(t, kube.Create(t.Context(), role))
	a.bindIn(t, a.namespace, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name}, role.Rules)
	return a
}

// process is one replica of the operator, as it is shipped.
type process struct {
	cmd     *exec.Cmd
	ended   chan error
	probes  string
	metrics string

	mu  sync.Mutex
	log bytes.Buffer
}

func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(text)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// apiServer is where an API server is reached, and who vouches for it.
type apiServer struct {
	address     string
	authorities []byte
}

// directly is the way to the API server that leads past nobody.
func directly() apiServer { return apiServer{admin.Host, admin.CAData} }

// startProcess runs the manager for an account that reaches the API server in some way; variables are NAME=VALUE.
func startProcess(t testing.TB, a account, server apiServer, variables []string, args ...string) *process {
	t.Helper()
	file, err := program()
	require.NoError(t, err)
	p := &process{ended: make(chan error, 1), probes: freeAddress(t), metrics: freeAddress(t)}
	p.cmd = exec.Command(file, append([]string{
		"manager", "--health-probe-bind-address=" + p.probes, "--metrics-bind-address=" + p.metrics, "--base-image=" + builders.BaseImage,
		"--registry=" + theSettings.Registry.Repository,
	}, args...)...)
	p.cmd.Env = append(append(os.Environ(), "KUBECONFIG="+a.kubeconfig(t, server), "OPERATOR_IMAGE="+theSettings.OperatorImage), variables...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, p.cmd.Start())
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() {
		defer p.stop(t)
		if t.Failed() {
			t.Logf("the operator said:\n%s", p.said())
		}
	})
	return p
}

// stop ends the process as a kubelet does.
func (p *process) stop(t testing.TB) {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	if err, open := <-p.ended; open {
		close(p.ended)
		assert.NoError(t, err)
	}
}

func (a account) kubeconfig(t testing.TB, server apiServer) (file string) {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["a"] = &clientcmdapi.Cluster{Server: server.address, CertificateAuthorityData: server.authorities}
	config.AuthInfos["a"] = &clientcmdapi.AuthInfo{Token: a.token(t)}
	config.Contexts["a"] = &clientcmdapi.Context{Cluster: "a", AuthInfo: "a", Namespace: a.namespace}
	config.CurrentContext = "a"
	file = filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(*config, file))
	return file
}

// addresses counts those that were handed out.
var addresses atomic.Uint32

// freeAddress is where a process can listen. Each has a loopback address of its own: a port of 127.0.0.1 that is free now is soon
// taken by some connection to the API server.
func freeAddress(t testing.TB) string {
	t.Helper()
	n := addresses.Add(1)
	listener, err := net.Listen("tcp", fmt.Sprintf("127.1.%d.%d:0", n/250, 1+n%250))
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// ready is what /readyz answers.
func (p *process) ready() (status int, says string) {
	answer, err := http.Get("http://" + p.probes + "/readyz?verbose")
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body) // for people
	return answer.StatusCode, string(text)
}

func (p *process) awaitReady(t testing.TB) {
	t.Helper()
	eventually(t, func(c *assert.CollectT) {
		status, says := p.ready()
		require.Equal(c, http.StatusOK, status, says)
	})
}
