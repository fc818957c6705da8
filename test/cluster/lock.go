package main

import (
	"os"
	"path/filepath"
	"syscall"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/progress"
)

// locked does the work while no other command changes the cluster or the cache. The lock is in the cache because the
// state directory comes and goes; the kernel releases it when the command ends, however it ends.
func locked(paths config.Paths, work func() error) error {
	if err := os.MkdirAll(paths.Cache, 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(paths.Cache, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	err = progress.Step("wait for another command of the harness", func() error {
		return syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
	})
	if err != nil {
		return err
	}
	return work()
}
