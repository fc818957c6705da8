package buildstrategy

import (
	"fmt"
	"strings"
)

// Auto is the name that takes the first strategy that the cluster offers.
const Auto = "auto"

// Unavailable is returned by Select when the cluster does not offer the strategy; its reason is StrategyUnavailable.
type Unavailable struct{ Message string }

// Error returns the sentence for the user.
func (e *Unavailable) Error() string { return e.Message }

// Select returns the strategy of that name among those that the cluster offers, best first. An empty name is auto.
func Select(name string, available []Strategy) (Strategy, error) {
	if len(available) == 0 {
		return nil, &Unavailable{"The cluster offers no way to build an image. Give the operator a builder image, or set " +
			"podConfig.buildConfig.enabled to false and name an image that has all the notebook needs."}
	}
	if name == "" || name == Auto {
		return available[0], nil
	}
	names := make([]string, 0, len(available))
	for _, strategy := range available {
		if strategy.Name() == name {
			return strategy, nil
		}
		names = append(names, strategy.Name())
	}
	return nil, &Unavailable{fmt.Sprintf("The build strategy %q is not available in this cluster, which offers %s. Install what "+
		"it needs, or set podConfig.buildConfig.strategy to %s.", name, strings.Join(names, ", "), Auto)}
}
