package buildpod

import (
	"fmt"
	"time"
)

// Late is the sentence about a build that took longer than that.
func Late(timeout time.Duration) string {
	return fmt.Sprintf("The build took longer than its timeout of %s. Raise podConfig.buildConfig.timeout, or ask for "+
		"fewer packages.", timeout)
}
