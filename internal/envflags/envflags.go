// Package envflags lets every flag of a command be given by an environment variable too, for those who can set the
// variables of a container and not its arguments, as a Subscription of OLM can. A flag that is given as an argument wins.
package envflags

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// Variables tells by which environment variables the flags of a command can be given.
type Variables struct {
	// Prefix of the variable that each flag has: PREFIX_FLAG_NAME.
	Prefix string
	// Also are further variables of single flags, by the name of the flag. They come after the one with the prefix.
	Also map[string]string

	given map[string]string
}

// Name is the variable of a flag.
func (v *Variables) Name(flag string) string {
	return v.Prefix + "_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// Apply sets the flags that were not given as arguments and whose variable is not empty. Call it when the arguments have
// been read.
func (v *Variables) Apply(flags *pflag.FlagSet) error {
	v.given = map[string]string{}
	var failed error
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Changed || flag.Name == "help" || failed != nil {
			return
		}
		variable, value := v.lookup(flag.Name)
		if value == "" {
			return
		}
		if err := flags.Set(flag.Name, value); err != nil {
			failed = fmt.Errorf("environment variable %s is %q: %w", variable, value, err)
			return
		}
		v.given[flag.Name] = variable
	})
	return failed
}

func (v *Variables) lookup(flag string) (variable, value string) {
	for _, variable := range []string{v.Name(flag), v.Also[flag]} {
		if value := os.Getenv(variable); value != "" {
			return variable, value
		}
	}
	return "", ""
}

// Origin is where the value of a flag came from, in the words of whoever gave it: the variable, or --flag.
func (v *Variables) Origin(flag string) string {
	if variable, ok := v.given[flag]; ok {
		return variable
	}
	return "--" + flag
}
