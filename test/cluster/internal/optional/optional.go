// Package optional is what a test may add to the running cluster and take away again: build systems and the Operator
// Lifecycle Manager, each made of its own module's programs and installed from its own module's manifests.
package optional

import (
	"fmt"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/component"
)

// System is something that can be installed and removed.
type System struct {
	// Name is what the command line calls it.
	Name string
	// Namespace is where its programs run.
	Namespace string
	// Component has its programs, and the requirement on its module.
	Component component.Component
	// Module has its manifests.
	Module string
	// Folders of the module hold the manifests, in the order in which they are applied.
	Folders []string
	// Without are file names in those folders that are left out.
	Without []string
	// Chart is the folder of the module whose values fill the manifests, which are templates then.
	Chart string
	// Values are what the cluster changes in the chart's values.
	Values func(env *clusterenv.Env, images map[string]string) map[string]any
	// ShellFlags are the programs' flags that take an image with a shell.
	ShellFlags []string
	// Together is the program in whose image all the others are too; empty when each has an image of its own.
	Together string
	// Folder is where the programs lie in their images.
	Folder string
	// User is the numeric user that the images run as; root when empty.
	User string
	// Packages are the Debian packages that a program finds beside itself, by the program's name.
	Packages map[string][]string
	// Files are texts added to every image.
	Files map[string]string
	// Writable are the folders in which everybody may make files, in every image.
	Writable []string
	// SingleVersion says that nobody converts between the versions of its kinds, so that only the stored one is of use.
	SingleVersion bool
	// Mark is the label of what its programs make outside of every namespace and may not have taken away when they stop.
	Mark string
	// On is the name of the system that it needs.
	On string
	// Admits proves that the system's admission webhook has its say; nil when it has no such webhook.
	Admits func(Kubectl) error
}

// Kubectl runs kubectl as the administrator with a text on standard input and returns what it printed.
type Kubectl func(input string, args ...string) (string, error)

// Find returns a system by its name.
func Find(name string) (System, error) {
	var names []string
	for _, system := range Systems() {
		if system.Name == name {
			return system, nil
		}
		names = append(names, system.Name)
	}
	return System{}, fmt.Errorf("there is no %q to install; choose one of %s", name, strings.Join(names, ", "))
}

// Names returns the names of all systems.
func Names() []string {
	var names []string
	for _, system := range Systems() {
		names = append(names, system.Name)
	}
	return names
}

// dependents returns the systems that run on this one.
func (s System) dependents() []System {
	return slices.DeleteFunc(Systems(), func(other System) bool { return other.On != s.Name })
}

// built returns what the environment knows about the system's images.
func (s System) built(env *clusterenv.Env) (clusterenv.Optional, error) {
	for _, known := range env.Optional {
		if known.Name == s.Name {
			return known, nil
		}
	}
	return clusterenv.Optional{}, fmt.Errorf("the cluster was brought up without the programs of %s: run `go run ./test/cluster up` again", s.Name)
}
