package e2e

import (
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
	"mlops.dev/notebook-validator-operator/test/notebooks"
)

// Secrets of the tests with private repositories.
const (
	passwordSecret     = "git-password"
	wrongSecret        = "git-wrong-password"
	noAuthoritySecret  = "git-password-without-authority"
	sshSecret          = "git-ssh"
	sshNoHostsSecret   = "git-ssh-without-known-hosts"
	sshOtherHostSecret = "git-ssh-other-host-key"
)

// privateScene is a scene whose repository is in the private tree, with the Secrets that open it or do not.
func privateScene(t *testing.T) (s *scene, https, ssh string) {
	t.Helper()
	files, err := notebooks.Repository("colours")
	require.NoError(t, err)
	endings, err := notebooks.Repository("endings")
	require.NoError(t, err)
	maps.Copy(files, endings)
	s = newSceneOf(t, kit.Baseline, kit.Tree{Files: files})
	s.commit, err = cluster.Repository(s.ctx, kit.Private, s.repository, kit.Tree{Files: files})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.RemoveRepository(kit.Private, s.repository)) })
	for name, data := range gitSecrets(t) {
		require.NoError(t, cluster.Secret(s.ctx, s.namespace, name, corev1.SecretTypeOpaque, data))
	}
	git := cluster.Env.Git
	return s, git.HTTPSPrivate + "/" + s.repository + ".git", git.SSH + "/private/" + s.repository + ".git"
}

func gitSecrets(t *testing.T) map[string]map[string][]byte {
	t.Helper()
	git := cluster.Env.Git
	key, err := os.ReadFile(git.SSHPrivateKeyFile)
	require.NoError(t, err)
	address, _, _ := strings.Cut(git.KnownHosts, " ")
	const otherKey = " ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPpfUM8gY5xdOH4mBPSMGPImiqPfVEJxzXlNhLYj2TbK\n"
	return map[string]map[string][]byte{
		passwordSecret:     {"username": []byte(git.Username), "password": []byte(git.Password), "ca.crt": []byte(git.CABundle)},
		wrongSecret:        {"username": []byte(git.Username), "password": []byte("not-the-password"), "ca.crt": []byte(git.CABundle)},
		noAuthoritySecret:  {"username": []byte(git.Username), "password": []byte(git.Password)},
		sshSecret:          {"ssh-privatekey": key, "known_hosts": []byte(git.KnownHosts)},
		sshNoHostsSecret:   {"ssh-privatekey": key},
		sshOtherHostSecret: {"ssh-privatekey": key, "known_hosts": []byte(address + otherKey)},
	}
}

func from(url, secret string) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.Notebook.Git.URL, spec.Notebook.Git.CredentialsSecret = url, secret
	}
}

func TestPrivateRepositoryIsReadByBuildAndRun(t *testing.T) {
	t.Parallel()
	s, https, ssh := privateScene(t)
	t.Run("built over https", func(t *testing.T) {
		t.Parallel()
		job := s.validate(t, s.job("https", "heights.ipynb", kit.Build, from(https, passwordSecret)))
		requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
		assert.Equal(t, s.commit, job.Status.Validation.Commit)
	})
	t.Run("built over ssh", func(t *testing.T) {
		t.Parallel()
		job := s.validate(t, s.job("ssh", "heights.ipynb", kit.Build, from(ssh, sshSecret)))
		requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
		assert.Equal(t, s.commit, job.Status.BuildStatus.Commit)
	})
	t.Run("without a build over ssh with any host key", func(t *testing.T) {
		t.Parallel()
		job := s.validate(t, s.job("any-host-key", "passes.ipynb", from(ssh, sshNoHostsSecret), func(spec *v1alpha1.NotebookValidationJobSpec) {
			spec.Notebook.Git.InsecureIgnoreHostKey = true
		}))
		requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
	})
	t.Run("without a build over https", func(t *testing.T) {
		t.Parallel()
		job := s.validate(t, s.job("given-image", "passes.ipynb", from(https, passwordSecret)))
		requireEnd(t, job, v1alpha1.PhaseSucceeded, v1alpha1.ReasonPassed)
		requireSecretForFetchOnly(t, s, job.Name)
	})
}

// requireSecretForFetchOnly checks that the notebook never sees the credentials of its repository.
func requireSecretForFetchOnly(t *testing.T, s *scene, job string) {
	t.Helper()
	for _, pod := range s.Pods(job, kit.ComponentRun) {
		for _, container := range append(pod.Spec.InitContainers, pod.Spec.Containers...) {
			mounted := false
			for _, mount := range container.VolumeMounts {
				mounted = mounted || strings.Contains(mount.Name, "credentials")
			}
			assert.Equal(t, container.Name == "fetch", mounted, "container %s", container.Name)
		}
	}
}

type sourceFault struct {
	change change
	reason string
	// message is part of what the user is told to do.
	message string
}

func sourceFaults(https, ssh string) map[string]sourceFault {
	ref := func(name string) change {
		return func(spec *v1alpha1.NotebookValidationJobSpec) { spec.Notebook.Git.Ref = name }
	}
	return map[string]sourceFault{
		"wrong password":               {from(https, wrongSecret), v1alpha1.ReasonAuthenticationFailed, "credentials"},
		"no credentials":               {from(cluster.Env.Git.HTTPPrivate+"/x.git", ""), v1alpha1.ReasonAuthenticationFailed, "credentialsSecret"},
		"authority that nobody knows":  {from(https, noAuthoritySecret), v1alpha1.ReasonCertificateUntrusted, "ca.crt"},
		"ssh without known_hosts":      {from(ssh, sshNoHostsSecret), v1alpha1.ReasonHostKeyUnverified, "known_hosts"},
		"ssh with another host's key":  {from(ssh, sshOtherHostSecret), v1alpha1.ReasonHostKeyMismatch, ""},
		"branch that is not there":     {ref("no-such-branch"), v1alpha1.ReasonRefNotFound, "no-such-branch"},
		"commit that is not there":     {ref("0123456789abcdef0123456789abcdef01234567"), v1alpha1.ReasonRefNotFound, ""},
		"repository that is not there": {from(cluster.Env.Git.HTTPPublic+"/no-such-repository.git", ""), v1alpha1.ReasonRepositoryNotFound, "git.url"},
		"notebook that is not there":   {func(spec *v1alpha1.NotebookValidationJobSpec) { spec.Notebook.Path = "no/such.ipynb" }, v1alpha1.ReasonNotebookNotFound, "no/such.ipynb"},
		"host that nobody listens on":  {from("http://"+cluster.Env.Node.Address+":9/x.git", ""), v1alpha1.ReasonSourceUnreachable, ":9"},
		"host whose name nobody knows": {from("https://git.no-such-host.example/x.git", ""), v1alpha1.ReasonSourceUnreachable, "git.no-such-host.example"},
	}
}

// Each fault is met twice: by the controller that resolves the ref for a build, and by the pod that fetches the commit.
func TestSourceThatCannotBeReadHasItsReason(t *testing.T) {
	t.Parallel()
	s, https, ssh := privateScene(t)
	for name, tc := range sourceFaults(https, ssh) {
		t.Run(name+" before a build", func(t *testing.T) {
			t.Parallel()
			job := s.validate(t, s.job("build-"+suffix(t), "heights.ipynb", kit.Build, buildTimeout(20*time.Second), tc.change))
			requireEnd(t, job, v1alpha1.PhaseFailed, v1alpha1.ReasonBuildFailed)
			assert.Contains(t, job.Status.Message, tc.reason+": ")
			assert.Contains(t, job.Status.Message, tc.message)
			assert.Empty(t, s.Pods(job.Name, kit.ComponentBuild))
			assert.Empty(t, s.Runs(job.Name))
		})
		t.Run(name+" in a run", func(t *testing.T) {
			t.Parallel()
			job := s.validate(t, s.job("run-"+suffix(t), "passes.ipynb", tc.change))
			requireEnd(t, job, v1alpha1.PhaseFailed, tc.reason)
			assert.Contains(t, job.Status.Message, tc.message)
		})
	}
}

func buildTimeout(d time.Duration) change {
	return func(spec *v1alpha1.NotebookValidationJobSpec) {
		spec.PodConfig.BuildConfig.Timeout = &metav1.Duration{Duration: d}
	}
}
