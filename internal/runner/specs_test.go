package runner_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/runner"
)

// Importing them would take as long again as the kernel takes to start.
func TestTheRunnerImportsNeitherIPythonNorItsKernel(t *testing.T) {
	t.Parallel()
	bench := newBench(t, "completes")
	bench.interpreter = append(bench.interpreter, "-X", "importtime")
	command, _, stderr := bench.command(t.Context())
	require.NoError(t, command.Run(), stderr)
	require.Contains(t, stderr.String(), "jupyter_client.kernelspec")
	for line := range strings.Lines(stderr.String()) {
		name := strings.TrimSpace(line[strings.LastIndex(line, "|")+1:])
		assert.NotContains(t, []string{"IPython", "ipykernel", "debugpy"}, name)
	}
}

// compareSpecs says whether the runner finds the kernels that Jupyter itself finds, in the same places.
const compareSpecs = `
import sys
sys.path.insert(0, sys.argv[1])
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbv import kernel
theirs, ours = KernelSpecManager(), kernel.Specs()
assert theirs.kernel_dirs == ours.kernel_dirs, (theirs.kernel_dirs, ours.kernel_dirs)
assert theirs.find_kernel_specs() == ours.find_kernel_specs()
names = sorted(theirs.find_kernel_specs())
for name in names:
    assert theirs.get_kernel_spec(name).to_dict() == ours.get_kernel_spec(name).to_dict(), name
try:
    ours.get_kernel_spec("none-such")
except NoSuchKernel:
    print(",".join(names))
`

func TestTheRunnerFindsTheKernelsThatJupyterFinds(t *testing.T) {
	t.Parallel()
	tools := t.TempDir()
	require.NoError(t, runner.WriteTo(tools))
	for name, test := range map[string]struct {
		environ func(folder string) string
		// kernels is where in the folder one is installed.
		kernels, want string
	}{
		"what the image has":     {func(string) string { return "" }, "elsewhere", "python3"},
		"IPython's folder":       {func(folder string) string { return "IPYTHONDIR=" + folder }, "kernels", "own,python3"},
		"IPython's own, at home": {func(folder string) string { return "HOME=" + folder }, filepath.Join(".ipython", "kernels"), "own,python3"},
		"a path of Jupyter's":    {func(folder string) string { return "JUPYTER_PATH=" + folder }, "kernels", "own,python3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			own := filepath.Join(folder, test.kernels, "own")
			require.NoError(t, os.MkdirAll(own, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(own, "kernel.json"), []byte(`{"argv": ["own"], "display_name": "Own", "language": "x"}`), 0o600))
			command := exec.Command(python(t), "-B", "-c", compareSpecs, tools)
			command.Env = append(os.Environ(), test.environ(folder))
			said, err := command.Output()
			require.NoError(t, err, string(said))
			assert.Equal(t, test.want, strings.TrimSpace(string(said)))
		})
	}
}
