package kit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// program is what the kernel calls the operator's process: the name of its file, cut to 15 characters.
const program = "notebook-valida"

// KillOperator sends SIGKILL to the operator's process and waits until the node has noticed. The node must be this
// machine.
func (c *Cluster) KillOperator(ctx context.Context) error {
	pod, err := c.operatorPod(ctx)
	if err != nil {
		return err
	}
	before, err := c.Incarnation(ctx)
	if err != nil {
		return err
	}
	pid, err := processOf(string(pod.UID))
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill process %d: %w", pid, err)
	}
	return wait.PollUntilContextTimeout(ctx, 250*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		now, err := c.Incarnation(ctx)
		return err == nil && now.Restarts > before.Restarts, err
	})
}

// processOf finds the operator among the processes of a pod, which stand in a control group of that pod's uid.
func processOf(uid string) (int, error) {
	groups, err := filepath.Glob("/proc/[0-9]*/cgroup")
	if err != nil {
		return 0, err
	}
	for _, file := range groups {
		group, err := os.ReadFile(file)
		if err != nil || !strings.Contains(strings.ReplaceAll(string(group), "_", "-"), uid) {
			continue // processes come and go
		}
		name, err := os.ReadFile(filepath.Join(filepath.Dir(file), "comm"))
		if err == nil && strings.TrimSpace(string(name)) == program {
			return strconv.Atoi(filepath.Base(filepath.Dir(file)))
		}
	}
	return 0, errors.New("the operator's process is not on this machine: the test that kills it needs a node on this machine")
}
