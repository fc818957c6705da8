package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
)

const cgroups = "/sys/fs/cgroup"

// unified reports whether the machine has only the second generation of control groups.
func unified() bool {
	_, err := os.Stat(filepath.Join(cgroups, "cgroup.controllers"))
	return err == nil
}

// hierarchies are the places where the cluster's own group has to be: one, or one for each controller.
func hierarchies() ([]string, error) {
	if unified() {
		return []string{cgroups}, nil
	}
	entries, err := os.ReadDir(cgroups)
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, entry := range entries {
		if entry.IsDir() {
			dirs = append(dirs, filepath.Join(cgroups, entry.Name()))
		}
	}
	return dirs, nil
}

// EnsureCgroups makes the group below which every pod's groups are made, so that all of them can be found again.
func EnsureCgroups() error {
	dirs, err := hierarchies()
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		group := filepath.Join(dir, config.CgroupName)
		if err := os.MkdirAll(group, 0o755); err != nil {
			return err
		}
		if err := inherit(dir, group); err != nil {
			return err
		}
	}
	if !unified() {
		return nil
	}
	return delegate(cgroups, filepath.Join(cgroups, config.CgroupName))
}

// inherit fills the two files of the first generation's cpuset that have to be filled before a process can join.
func inherit(parent, group string) error {
	for _, name := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(parent, name))
		if errors.Is(err, fs.ErrNotExist) || unified() {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(group, name), value, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// delegate hands every controller of the second generation down to the children of the groups.
func delegate(groups ...string) error {
	content, err := os.ReadFile(filepath.Join(cgroups, "cgroup.controllers"))
	if err != nil {
		return err
	}
	for _, group := range groups {
		for _, controller := range strings.Fields(string(content)) {
			if err := os.WriteFile(filepath.Join(group, "cgroup.subtree_control"), []byte("+"+controller), 0o644); err != nil {
				return fmt.Errorf("hand the controller %s down from %s: %w", controller, group, err)
			}
		}
	}
	return nil
}

// RemoveCgroups kills what still runs in the cluster's groups and removes them, the innermost first.
func RemoveCgroups() error {
	dirs, err := hierarchies()
	if err != nil {
		return err
	}
	var failed []error
	for _, dir := range dirs {
		failed = append(failed, removeTree(filepath.Join(dir, config.CgroupName)))
	}
	return errors.Join(failed...)
}

func removeTree(root string) error {
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		groups := below(root)
		for _, group := range groups {
			killMembers(group)
		}
		var err error
		for _, group := range slices.Backward(groups) {
			err = syscall.Rmdir(group)
		}
		if err == nil || errors.Is(err, syscall.ENOENT) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("remove the control group %s: %w", root, err)
		}
	}
}

// below lists the group and all groups in it, parents first.
func below(root string) []string {
	var groups []string
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			groups = append(groups, path)
		}
		return nil // a group that vanishes while it is listed is what is wanted
	})
	return groups
}

func killMembers(group string) {
	content, err := os.ReadFile(filepath.Join(group, "cgroup.procs"))
	if err != nil {
		return
	}
	for _, word := range strings.Fields(string(content)) {
		if pid, err := strconv.Atoi(word); err == nil && pid > 1 {
			_ = syscall.Kill(pid, syscall.SIGKILL) // one that is gone already is fine
		}
	}
}
