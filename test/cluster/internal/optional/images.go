package optional

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/image"
)

// Recipes returns the images of the programs in a directory.
func (s System) Recipes(programs, version string) ([]image.Recipe, error) {
	entries, err := os.ReadDir(programs)
	if err != nil {
		return nil, err
	}
	var recipes []image.Recipe
	beside := map[string]string{}
	for _, entry := range entries {
		program := filepath.Join(programs, entry.Name())
		if s.Together != "" && s.Together != entry.Name() {
			beside[path.Join(s.Folder, entry.Name())] = program
			continue
		}
		recipes = append(recipes, image.Recipe{
			Name: s.imageName(entry.Name()), Tag: version, Packages: s.Packages[entry.Name()],
			Program: program, Folder: s.Folder, Beside: beside, Files: s.Files, Writable: s.Writable, User: s.User,
		})
	}
	return recipes, nil
}

// imageName puts the system's name before the program's, unless it is there already.
func (s System) imageName(program string) string {
	if program == s.Name || strings.HasPrefix(program, s.Name+"-") {
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
