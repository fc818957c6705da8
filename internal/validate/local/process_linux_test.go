package local

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsLeftOfARunIsEnded(t *testing.T) {
	t.Parallel()
	start := func(run string) *exec.Cmd {
		// A session of its own is what a process has that wants to outlive its parent.
		command := exec.Command("sleep", "1000")
		command.Env = append(os.Environ(), runVariable+"="+run)
		command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		require.NoError(t, command.Start())
		t.Cleanup(func() { _ = command.Process.Kill() })
		return command
	}
	run := t.TempDir()
	own, other := start(run), start(run+"0")
	ended := make(chan error, 1)
	go func() { ended <- own.Wait() }()
	require.Eventually(t, func() bool {
		endRest(run)
		select {
		case err := <-ended:
			var exit *exec.ExitError
			return assert.ErrorAs(t, err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
		default:
			return false // it has not become sleep yet
		}
	}, 10*time.Second, 10*time.Millisecond)
	assert.NoError(t, other.Process.Signal(syscall.Signal(0)), "that of another run lives on")
}
