package kubejob

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

// resultFile is where the kubelet looks for a container's last words.
const resultFile = "/dev/termination-log"

func podSpec(in buildstrategy.Inputs) corev1.PodSpec {
	asked := buildpod.Asked{Timeout: buildpod.OwnTimeout(in.Timeout), ResultFile: resultFile}
	return corev1.PodSpec{
		RestartPolicy:                corev1.RestartPolicyNever,
		AutomountServiceAccountToken: ptr.To(false),
		EnableServiceLinks:           ptr.To(false),
		ServiceAccountName:           in.ServiceAccountName,
		NodeSelector:                 in.NodeSelector,
		Tolerations:                  in.Tolerations,
		InitContainers:               []corev1.Container{buildpod.FetchContainer(in, asked)},
		Containers:                   []corev1.Container{buildpod.BuildContainer(in, asked)},
		Volumes:                      buildpod.Volumes(in),
	}
}
