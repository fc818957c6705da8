package shipwright

import (
	"cmp"

	buildv1beta1 "github.com/shipwright-io/build/pkg/apis/build/v1beta1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/buildstrategy/buildpod"
)

// Parameters of the strategy.
const (
	operatorImageParam = "operator-image"
	builderImageParam  = "builder-image"
	fetchArgsParam     = "fetch-args"
	buildArgsParam     = "build-args"
	dockerfileParam    = "dockerfile"
)

// Child returns the BuildRun that builds the inputs. The build is part of it, so that there is one child.
func (s Strategy) Child(in buildstrategy.Inputs) (client.Object, error) {
	if err := check(in); err != nil {
		return nil, err
	}
	return &buildv1beta1.BuildRun{
		TypeMeta:   metav1.TypeMeta{APIVersion: buildv1beta1.SchemeGroupVersion.String(), Kind: s.Kind().Kind},
		ObjectMeta: metav1.ObjectMeta{Name: in.Name, Namespace: in.Namespace, Labels: in.Labels, Annotations: in.Annotations},
		Spec: buildv1beta1.BuildRunSpec{
			Build:          buildv1beta1.ReferencedBuild{Spec: buildSpec(in)},
			ServiceAccount: serviceAccount(in),
		},
	}, nil
}

// buildSpec has no source, which leaves the fetch to the strategy. Its output has no labels, for which Shipwright would
// take the pushed image and push another, and no push secret; the builder gets both from the strategy.
func buildSpec(in buildstrategy.Inputs) *buildv1beta1.BuildSpec {
	return &buildv1beta1.BuildSpec{
		Strategy:     buildv1beta1.Strategy{Name: strategyFor(in), Kind: ptr.To(strategyKind)},
		ParamValues:  params(in),
		Output:       buildv1beta1.Image{Image: in.Image, Insecure: ptr.To(in.Registry.Insecure)},
		Timeout:      &metav1.Duration{Duration: in.Timeout},
		Volumes:      secrets(in),
		NodeSelector: in.NodeSelector,
		Tolerations:  tolerations(in),
	}
}

func strategyFor(in buildstrategy.Inputs) string {
	if in.Privileged {
		return privilegedStrategy
	}
	return clusterStrategy
}

func serviceAccount(in buildstrategy.Inputs) *string {
	if in.ServiceAccountName == "" {
		return nil
	}
	return ptr.To(in.ServiceAccountName)
}

// params are the containers' images and arguments. The strategy itself adds where Shipwright looks for the results.
func params(in buildstrategy.Inputs) []buildv1beta1.ParamValue {
	asked := buildpod.Asked{Timeout: buildpod.OwnTimeout(in.Timeout)}
	fetch, build := buildpod.FetchContainer(in, asked), buildpod.BuildContainer(in, asked)
	all := []buildv1beta1.ParamValue{
		single(operatorImageParam, buildv1beta1.SingleValue{Value: &fetch.Image}),
		single(builderImageParam, buildv1beta1.SingleValue{Value: &build.Image}),
		array(fetchArgsParam, fetch.Args),
		array(buildArgsParam, build.Args),
	}
	for _, volume := range buildpod.Volumes(in) {
		if volume.ConfigMap != nil {
			all = append(all, single(dockerfileParam, buildv1beta1.SingleValue{
				ConfigMapValue: &buildv1beta1.ObjectKeyRef{Name: volume.ConfigMap.Name, Key: in.DockerfileKey}}))
		}
	}
	return all
}

func single(name string, value buildv1beta1.SingleValue) buildv1beta1.ParamValue {
	return buildv1beta1.ParamValue{Name: name, SingleValue: &value}
}

func array(name string, items []string) buildv1beta1.ParamValue {
	values := make([]buildv1beta1.SingleValue, len(items))
	for i := range items {
		values[i].Value = &items[i]
	}
	return buildv1beta1.ParamValue{Name: name, Values: values}
}

// secrets take the place of the strategy's empty volumes. The other volumes are the strategy's own.
func secrets(in buildstrategy.Inputs) []buildv1beta1.BuildVolume {
	var overrides []buildv1beta1.BuildVolume
	for _, volume := range buildpod.Volumes(in) {
		if volume.Secret != nil {
			overrides = append(overrides, buildv1beta1.BuildVolume{Name: volume.Name, VolumeSource: volume.VolumeSource})
		}
	}
	return overrides
}

// tolerations name the operator that Kubernetes takes for an empty one, which Shipwright refuses.
func tolerations(in buildstrategy.Inputs) []corev1.Toleration {
	var named []corev1.Toleration
	for _, toleration := range in.Tolerations {
		toleration.Operator = cmp.Or(toleration.Operator, corev1.TolerationOpEqual)
		named = append(named, toleration)
	}
	return named
}
