// Package wheels holds the sources of the Python packages that the test cluster's package index offers. Below each package
// name there is a folder for each version, with a wheel.json and the modules.
package wheels

import "embed"

// Sources are the package sources.
//
//go:embed all:nbv-colours all:nbv-units all:nbv-brittle
var Sources embed.FS
