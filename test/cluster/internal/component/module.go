package component

import (
	"encoding/json"
	"fmt"
)

// Module is a Go module in the module cache.
type Module struct {
	// Version is the one that the component requires.
	Version string
	// Dir is where its files are.
	Dir string
}

// Module returns a module that the component requires, fetching it when the cache lacks it. What installs a program is read
// from the same module as the program itself, so that the two belong together.
func (b Builder) Module(c Component, path string) (Module, error) {
	output, err := b.run(c, "mod", "download", "-json", path)
	if err != nil {
		return Module{}, err
	}
	var module Module
	if err := json.Unmarshal(output, &module); err != nil {
		return Module{}, fmt.Errorf("read what go says about %s: %w", path, err)
	}
	return module, nil
}
