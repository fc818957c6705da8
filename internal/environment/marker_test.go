package environment_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/internal/environment"
)

func TestMarkersThatCanHoldInABuild(t *testing.T) {
	tests := map[string]struct {
		marker string
		can    bool
	}{
		"Windows":                        {"sys_platform == 'win32'", false},
		"macOS":                          {`platform_system == "Darwin"`, false},
		"not POSIX":                      {"os_name == 'nt'", false},
		"Linux":                          {"sys_platform == 'linux'", true},
		"Linux, as platform has it":      {"platform_system=='Linux'", true},
		"POSIX":                          {"os_name == 'posix'", true},
		"Linux in the other's words":     {"platform_system == 'linux'", false},
		"old names":                      {"os.name == 'nt'", false},
		"the other way round":            {"'win32' == sys_platform", false},
		"everything but Linux":           {"sys_platform != 'linux'", false},
		"everything but Windows":         {"sys_platform != 'win32'", true},
		"part of a name is left to pip":  {"'win' in sys_platform", true},
		"not in is left to pip":          {"sys_platform not in 'win32 darwin'", true},
		"a Python":                       {"python_version < '3.8'", true},
		"a Python whose name is Windows": {"implementation_name == 'win32'", true},
		"Windows and a Python":           {"sys_platform == 'win32' and python_version < '3.8'", false},
		"a Python and Windows":           {"python_version < '3.8' and sys_platform == 'win32'", false},
		"Windows or a Python":            {"sys_platform == 'win32' or python_version < '3.8'", true},
		"Windows or macOS":               {"sys_platform == 'win32' or sys_platform == 'darwin'", false},
		"and binds closer than or":       {"os_name == 'nt' and python_version < '3' or python_version > '3'", true},
		"unless there are parentheses":   {"os_name == 'nt' and (python_version < '3' or python_version > '3')", false},
		"parentheses in parentheses":     {"((os_name == 'nt' or (sys_platform == 'cygwin'))) and python_version > '3'", false},
		"an or between quotes":           {"extra == ' or ' and os_name == 'nt'", false},
		"an open parenthesis":            {"(os_name == 'posix'", true},
		"a parenthesis too many":         {"os_name == 'nt')", true},
		"an and too many":                {"os_name == 'posix' and", true},
		"nonsense":                       {"(((", true},
		"nothing":                        {"", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.can, environment.CanHold(test.marker))
		})
	}
}
