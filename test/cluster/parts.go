package main

import (
	"errors"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/component"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/image"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/optional"
)

// parts are what the cluster is made of, all of it built or found in the cache.
type parts struct {
	// kubernetes is the directory of the Kubernetes programs.
	kubernetes string
	recipes    []image.Recipe
	made       map[string]v1.Image
	optional   []installable
}

// installable is a system whose programs are built, so that it can be installed in a moment.
type installable struct {
	system  optional.System
	version string
	recipes []image.Recipe
}

// build makes the images of Debian packages, which mostly wait for the network, while the compiler has the processors.
func build(paths config.Paths) (*parts, error) {
	store := image.Store{Cache: filepath.Join(paths.Cache, "images")}
	p := &parts{made: map[string]v1.Image{}}
	systems := []image.Recipe{image.NotebookBase(), image.Builder()}
	done := make(chan error, 1)
	go func() { done <- p.make(store, systems) }()
	programs, err := p.compile(paths)
	if err := errors.Join(err, <-done); err != nil {
		return nil, err
	}
	return p, p.make(store, programs)
}

func (p *parts) make(store image.Store, recipes []image.Recipe) error {
	for _, recipe := range recipes {
		made, err := store.Ensure(recipe)
		if err != nil {
			return err
		}
		p.recipes, p.made[recipe.Name] = append(p.recipes, recipe), made
	}
	return nil
}

// compile builds the programs and returns the recipes of the images that some of them are for.
func (p *parts) compile(paths config.Paths) ([]image.Recipe, error) {
	builder, err := builder(paths)
	if err != nil {
		return nil, err
	}
	if p.kubernetes, err = builder.Ensure(component.Kubernetes); err != nil {
		return nil, err
	}
	dns, err := builder.Ensure(component.CoreDNS)
	if err != nil {
		return nil, err
	}
	pause, err := builder.Ensure(component.Pause)
	if err != nil {
		return nil, err
	}
	opm, err := opmRecipe(builder)
	if err != nil {
		return nil, err
	}
	recipes := []image.Recipe{image.Pause(filepath.Join(pause, "pause")), image.CoreDNS(filepath.Join(dns, "coredns")), opm}
	for _, system := range optional.Systems() {
		made, err := prepare(builder, system)
		if err != nil {
			return nil, err
		}
		p.optional, recipes = append(p.optional, made), append(recipes, made.recipes...)
	}
	return recipes, nil
}

// opmRecipe builds opm and returns the recipe of its image.
func opmRecipe(builder component.Builder) (image.Recipe, error) {
	programs, err := builder.Ensure(component.Opm)
	if err != nil {
		return image.Recipe{}, err
	}
	module, err := builder.Module(component.Opm, "github.com/operator-framework/operator-registry")
	return image.Opm(programs, module.Version), err
}

// prepare builds the programs of a system.
func prepare(builder component.Builder, system optional.System) (installable, error) {
	programs, err := builder.Ensure(system.Component)
	if err != nil {
		return installable{}, err
	}
	module, err := builder.Module(system.Component, system.Module)
	if err != nil {
		return installable{}, err
	}
	recipes, err := system.Recipes(programs, module.Version)
	return installable{system: system, version: module.Version, recipes: recipes}, err
}

// push makes the registry have every image and returns their references by name.
func (p *parts) push(registry image.Registry) (map[string]string, error) {
	references := map[string]string{}
	for _, recipe := range p.recipes {
		reference, err := registry.Ensure(recipe, p.made[recipe.Name])
		if err != nil {
			return nil, err
		}
		references[recipe.Name] = reference
	}
	return references, nil
}

// images tells tests about the images.
func (p *parts) images(references map[string]string) clusterenv.Images {
	base, builder := image.NotebookBase(), image.Builder()
	return clusterenv.Images{
		NotebookBase: references[base.Name], NotebookBaseTag: base.Reference(),
		Builder: references[builder.Name], BuilderTag: builder.Reference(),
		Opm: references["opm"], Pause: references["pause"],
	}
}

// describe tells tests about the systems that can be installed.
func (p *parts) describe(references map[string]string) []clusterenv.Optional {
	var all []clusterenv.Optional
	for _, made := range p.optional {
		all = append(all, made.system.Describe(made.recipes, made.version, references))
	}
	return all
}
