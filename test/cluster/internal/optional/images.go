package optional

import (
	"os"
	"path/filepath"
	"strings"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/image"
)

// folder is where the tool that usually makes these systems' images puts a program; the systems call each other's programs
// there.
const folder = "ko-app"

// Recipes returns the images of the programs in a directory.
func (s System) Recipes(programs, version string) ([]image.Recipe, error) {
	entries, err := os.ReadDir(programs)
	if err != nil {
		return nil, err
	}
	var recipes []image.Recipe
	for _, entry := range entries {
		recipes = append(recipes, image.Recipe{
			Name: s.imageName(entry.Name()), Tag: version, Packages: s.Packages[entry.Name()],
			Program: filepath.Join(programs, entry.Name()), Folder: folder, Files: s.Files, Writable: s.Writable,
		})
	}
	return recipes, nil
}

// imageName puts the system's name before the program's, unless it is there already.
func (s System) imageName(program string) string {
	if strings.HasPrefix(program, s.Name+"-") {
		return program
	}
	return s.Name + "-" + program
}

// Describe tells tests and the installation about the system, given the references of all images by name.
func (s System) Describe(recipes []image.Recipe, version string, references map[string]string) clusterenv.Optional {
	images := map[string]string{}
	for _, recipe := range recipes {
		images[filepath.Base(recipe.Program)] = references[recipe.Name]
	}
	return clusterenv.Optional{Name: s.Name, Namespace: s.Namespace, Version: version, Images: images}
}
