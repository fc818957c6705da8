package environment

import "slices"

// installEnvironment lets pip of a Debian Python install into the system, and spares a warning about root.
var installEnvironment = []string{"PIP_BREAK_SYSTEM_PACKAGES=1", "PIP_ROOT_USER_ACTION=ignore"}

// RunnerNeeds are the Python packages that executing a notebook takes, by the names that they are installed and imported
// under.
func RunnerNeeds() []string { return slices.Clone(runnerNeeds) }

// InstallCommand installs packages into an image that is there already, as a generated Dockerfile does: the program with
// its arguments, and what has to be in its environment besides. It has to run as root.
func InstallCommand(packages ...string) (command, environ []string) {
	return pipInstall(nil, packages...), slices.Clone(installEnvironment)
}
