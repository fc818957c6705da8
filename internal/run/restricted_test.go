package run_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/internal/run"
)

// TestPodsSatisfyTheRestrictedPodSecurityStandard holds the pods of the golden files against each rule of the standard's
// profile restricted, which includes those of baseline.
func TestPodsSatisfyTheRestrictedPodSecurityStandard(t *testing.T) {
	for name, in := range map[string]run.Inputs{"minimal": minimal(), "everything": everything()} {
		t.Run(name, func(t *testing.T) {
			job := run.Job(in)
			checkPod(t, job.Spec.Template.Spec)
			for _, c := range containers(job) {
				checkContainer(t, c)
			}
		})
	}
}

func checkPod(t *testing.T, spec corev1.PodSpec) {
	t.Helper()
	assert.False(t, spec.HostNetwork || spec.HostPID || spec.HostIPC, "host namespaces")
	context := spec.SecurityContext
	if !assert.NotNil(t, context) {
		return
	}
	assert.True(t, ptr.Deref(context.RunAsNonRoot, false), "runs as non-root")
	assert.NotEqual(t, int64(0), ptr.Deref(context.RunAsUser, 1), "does not run as user 0")
	if assert.NotNil(t, context.SeccompProfile) {
		assert.Contains(t, []corev1.SeccompProfileType{corev1.SeccompProfileTypeRuntimeDefault, corev1.SeccompProfileTypeLocalhost}, context.SeccompProfile.Type)
	}
	assert.Nil(t, context.SELinuxOptions)
	assert.Nil(t, context.WindowsOptions)
	assert.Nil(t, context.AppArmorProfile)
	assert.Empty(t, context.Sysctls)
	for _, volume := range spec.Volumes {
		s := volume.VolumeSource
		allowed := s.ConfigMap != nil || s.CSI != nil || s.DownwardAPI != nil || s.EmptyDir != nil || s.Ephemeral != nil ||
			s.PersistentVolumeClaim != nil || s.Projected != nil || s.Secret != nil
		assert.True(t, allowed, "volume %s has a type that is not allowed", volume.Name)
		assert.Nil(t, s.HostPath)
	}
}

func checkContainer(t *testing.T, c corev1.Container) {
	t.Helper()
	context := c.SecurityContext
	if !assert.NotNil(t, context, c.Name) {
		return
	}
	assert.False(t, ptr.Deref(context.Privileged, false), "%s is not privileged", c.Name)
	assert.False(t, ptr.Deref(context.AllowPrivilegeEscalation, true), "%s cannot gain privileges", c.Name)
	assert.True(t, ptr.Deref(context.RunAsNonRoot, true), "%s does not loosen the pod's rule", c.Name)
	assert.NotEqual(t, int64(0), ptr.Deref(context.RunAsUser, 1), c.Name)
	if assert.NotNil(t, context.Capabilities, c.Name) {
		assert.True(t, slices.Contains(context.Capabilities.Drop, "ALL"), "%s drops all capabilities", c.Name)
		assert.Empty(t, context.Capabilities.Add, c.Name)
	}
	if context.SeccompProfile != nil { // else the pod's own holds
		assert.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, context.SeccompProfile.Type, c.Name)
	}
	assert.Nil(t, context.ProcMount, c.Name)
	assert.Nil(t, context.SELinuxOptions, c.Name)
	assert.Nil(t, context.WindowsOptions, c.Name)
	for _, port := range c.Ports {
		assert.Zero(t, port.HostPort, c.Name)
	}
}

func TestWhatTheUserSetsInTheSecurityContextIsKept(t *testing.T) {
	tests := map[string]struct {
		user      *corev1.PodSecurityContext
		runAsUser *int64
		want      corev1.PodSecurityContext
	}{
		"nothing, and the platform chooses the user": {nil, nil, corev1.PodSecurityContext{}},
		"nothing, and the operator says the user":    {nil, ptr.To[int64](7), corev1.PodSecurityContext{RunAsUser: ptr.To[int64](7)}},
		"a user of the job's own":                    {&corev1.PodSecurityContext{RunAsUser: ptr.To[int64](9)}, ptr.To[int64](7), corev1.PodSecurityContext{RunAsUser: ptr.To[int64](9)}},
		"root, where the namespace allows it": {
			&corev1.PodSecurityContext{RunAsUser: ptr.To[int64](0), RunAsNonRoot: ptr.To(false)}, nil,
			corev1.PodSecurityContext{RunAsUser: ptr.To[int64](0), RunAsNonRoot: ptr.To(false)},
		},
		"a profile of its own": {
			&corev1.PodSecurityContext{SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeUnconfined}}, nil,
			corev1.PodSecurityContext{SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeUnconfined}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			in := minimal()
			in.Job.Spec.PodConfig.SecurityContext, in.RunAsUser = test.user, test.runAsUser
			want := test.want
			if want.RunAsNonRoot == nil {
				want.RunAsNonRoot = ptr.To(true)
			}
			if want.SeccompProfile == nil {
				want.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
			}
			before := test.user.DeepCopy()
			assert.Equal(t, &want, run.Job(in).Spec.Template.Spec.SecurityContext)
			assert.Equal(t, before, test.user, "the job itself is not changed")
		})
	}
}
