package shipwright

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

// check refuses inputs that no BuildRun can carry, rather than leave a part of them out.
func check(in buildstrategy.Inputs) error {
	if err := buildpod.CheckInTekton(in); err != nil {
		return err
	}
	if err := checkResources(in.Resources); err != nil {
		return err
	}
	return checkTolerations(in.Tolerations)
}

// stepResources are those of the strategy's build step, which no BuildRun can change. They are the operator's defaults.
func stepResources() corev1.ResourceRequirements {
	return corev1.ResourceRequirements{Requests: corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("250m"), corev1.ResourceMemory: resource.MustParse("512Mi"),
	}}
}

// checkResources lets those pass that nobody asked for: none, or the defaults.
func checkResources(asked corev1.ResourceRequirements) error {
	none := equality.Semantic.DeepEqual(asked, corev1.ResourceRequirements{})
	if none || equality.Semantic.DeepEqual(asked, stepResources()) {
		return nil
	}
	return errors.New("the resources of a build with Shipwright are those of its ClusterBuildStrategy, and it cannot be given others. Remove " +
		"podConfig.buildConfig.resources and the operator's own --builder-requests and --builder-limits, or choose another " +
		"build strategy, such as job")
}

// checkTolerations refuses those that Shipwright refuses, narrows or drops.
func checkTolerations(tolerations []corev1.Toleration) error {
	seen := map[string]bool{}
	for _, t := range tolerations {
		switch {
		case t.Key == "":
			return errors.New("a build with Shipwright carries no toleration without a key. Name the key, or choose another build strategy")
		case t.Effect != corev1.TaintEffectNoSchedule || t.TolerationSeconds != nil:
			return fmt.Errorf("a build with Shipwright carries only tolerations with the effect NoSchedule and without tolerationSeconds, and that of "+
				"%q is another. Change it, or choose another build strategy", t.Key)
		case seen[t.Key]:
			return fmt.Errorf("a build with Shipwright carries only one toleration for each key, and there are two for %q. Use the operator Exists, "+
				"or choose another build strategy", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}
