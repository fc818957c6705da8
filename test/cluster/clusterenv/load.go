package clusterenv

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// StateVariable is the environment variable that moves the state directory.
const StateVariable = "NBV_CLUSTER_STATE"

// defaultState is outside the home directory because containers run from it.
const defaultState = "/var/tmp/notebook-validator-cluster"

// FileName is the name of the file in the state directory that holds an Env.
const FileName = "cluster.json"

// ErrNotUp says that no test cluster is up.
var ErrNotUp = errors.New("no test cluster is up: run `go run ./test/cluster up`")

// StateDir returns the directory of the running cluster's state.
func StateDir() string {
	if dir := os.Getenv(StateVariable); dir != "" {
		return dir
	}
	return defaultState
}

// Load reads the Env of the cluster that is up. The error wraps ErrNotUp when there is none.
func Load() (*Env, error) {
	return LoadFrom(StateDir())
}

// LoadFrom reads the Env of the cluster whose state is in the directory.
func LoadFrom(state string) (*Env, error) {
	path := filepath.Join(state, FileName)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w (%s does not exist)", ErrNotUp, path)
	}
	if err != nil {
		return nil, err
	}
	env := &Env{}
	if err := json.Unmarshal(content, env); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return env, nil
}

// Save writes the Env to the state directory, readable by its owner only because it holds passwords.
func (e *Env) Save(state string) error {
	content, err := e.JSON()
	if err != nil {
		return err
	}
	path := filepath.Join(state, FileName)
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// JSON returns the Env as the text of cluster.json.
func (e *Env) JSON() ([]byte, error) {
	content, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(content, '\n'), nil
}
