package checks

import (
	"context"
	"fmt"
	"strings"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
)

// Names of the checks, as bundle/tests/scorecard/config.yaml gives them to the image.
const (
	NameConditions      = "conditions"
	NameReasons         = "reasons"
	NamePermissions     = "permissions"
	NameChannels        = "channels"
	NameExamplesSchema  = "examples-schema"
	NameExamplesSucceed = "examples-succeed"
)

// offline are the checks that need the bundle only.
var offline = map[string]func(*Bundle) v1alpha3.TestResult{
	NameConditions: Conditions, NameReasons: Reasons, NamePermissions: Permissions, NameChannels: Channels,
}

// online are those that need a cluster with the bundle's definitions; the last also needs the operator.
var online = map[string]func(context.Context, *Bundle, Cluster) v1alpha3.TestResult{
	NameExamplesSchema: ExamplesSchema, NameExamplesSucceed: ExamplesSucceed,
}

// Names of all checks, those without a cluster first.
func Names() []string {
	return []string{NameConditions, NameReasons, NamePermissions, NameChannels, NameExamplesSchema, NameExamplesSucceed}
}

// Run makes the check of that name on the bundle in the folder. It connects to a cluster only if the check needs one.
func Run(ctx context.Context, name, dir string, connect func() (Cluster, error)) v1alpha3.TestStatus {
	return v1alpha3.TestStatus{Results: []v1alpha3.TestResult{run(ctx, name, dir, connect)}}
}

func run(ctx context.Context, name, dir string, connect func() (Cluster, error)) v1alpha3.TestResult {
	withoutCluster, withCluster := offline[name], online[name]
	if withoutCluster == nil && withCluster == nil {
		result := verdict(name, []string{fmt.Sprintf("there is no test %q", name)}, "The tests are "+strings.Join(Names(), ", ")+".")
		return result
	}
	bundle, err := Load(dir)
	if err != nil {
		return broken(name, fmt.Errorf("load the bundle: %w", err))
	}
	if withoutCluster != nil {
		return withoutCluster(bundle)
	}
	cluster, err := connect()
	if err != nil {
		return broken(name, fmt.Errorf("connect to the cluster: %w", err))
	}
	return withCluster(ctx, bundle, cluster)
}
