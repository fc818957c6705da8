package validatecmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatCannotBeUsedIsSaidBeforeAnythingRuns(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		arguments []string
		says      string
	}{
		"no notebook":                    {nil, "name notebooks, folders or patterns"},
		"an unknown flag":                {[]string{"--lvl=x", "a.ipynb"}, "unknown flag: --lvl: see validate --help"},
		"an unknown level":               {[]string{"--level=harsh", "a.ipynb"}, `--level: unsupported value: "harsh"`},
		"a notebook that is not there":   {[]string{"none.ipynb"}, "none.ipynb does not exist"},
		"a pattern of nothing":           {[]string{"none/*.ipynb"}, "no notebook matches none/*.ipynb"},
		"a mistake in the settings":      {[]string{"sub/b.ipynb"}, "sub/.notebook-validator.yaml:2: validationConfig.levle: unknown field; did you mean level?"},
		"settings that are not there":    {[]string{"--config=none.yaml", "a.ipynb"}, "none.yaml does not exist"},
		"fewer than no notebooks":        {[]string{"--jobs=-1", "a.ipynb"}, "--jobs: there must be at least one"},
		"an unknown format":              {[]string{"-o=yaml", "a.ipynb"}, "-o yaml: there are text, json, junit and html"},
		"a path of no format":            {[]string{"--output=x", "a.ipynb"}, "--output x: say with -o what to write there"},
		"two formats for one place":      {[]string{"-o=json", "-o=junit", "a.ipynb"}, "more than one -o goes to the same place"},
		"two formats for one file":       {[]string{"-o=json=x", "-o=junit=x", "a.ipynb"}, "x is to be written twice"},
		"a page of several notebooks":    {[]string{"-o=html", "a.ipynb", "c.ipynb"}, "-o html: several notebooks need a folder"},
		"a report in place of notebooks": {[]string{"-o=json=a.ipynb", "a.ipynb"}, "a.ipynb is a notebook to validate"},
		"executed in place of notebooks": {[]string{"--save-executed=.", "a.ipynb"}, "a.ipynb would be overwritten"},
		"a place that is a folder":       {[]string{"-o=json=sub", "a.ipynb"}, "sub is a folder"},
		"a place below a file":           {[]string{"-o=json=a.ipynb/x", "a.ipynb"}, "a.ipynb/x cannot be written"},
		"one golden for two":             {[]string{"--golden=a.ipynb", "a.ipynb", "c.ipynb"}, "--golden a.ipynb is one notebook, but there are 2"},
		"a golden that is not there":     {[]string{"--golden=none.ipynb", "a.ipynb"}, "--golden none.ipynb cannot be read"},
		"a Python that is not there":     {[]string{"--python=./none", "a.ipynb"}, "--python ./none cannot be started"},
		"a Python without Jupyter":       {[]string{"--python=./bare", "a.ipynb"}, "bare -m pip install nbclient ipykernel"},
		"a Python that is none":          {[]string{"--python=/bin/echo", "a.ipynb"}, "it does not behave like Python"},
		"a Python that fails":            {[]string{"--python=/bin/false", "a.ipynb"}, "/bin/false cannot be used: exit status 1"},
	}
	w := newWorld(t).notebook("a.ipynb", "1").notebook("c.ipynb", "1").notebook("sub/b.ipynb", "1").
		write("sub/.notebook-validator.yaml", "validationConfig:\n  levle: staging\n").
		write("bare", "#!/bin/sh\nexec "+python()+" -S -E \"$@\"\n")
	require.NoError(t, os.Chmod(w.path("bare"), 0o755))
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			command, stdout, stderr := w.command(test.arguments...)
			require.Error(t, command.Run())
			assert.Equal(t, 5, command.ProcessState.ExitCode(), "%s", stderr)
			assert.Contains(t, stderr.String(), test.says)
			assert.NotContains(t, stderr.String(), "running")
			assert.Empty(t, stdout.String())
			w.requireTidy()
			assertOnly(t, w.dir, ".git", "a.ipynb", "c.ipynb", "sub", "bare")
		})
	}
}

func TestAnInterruptEndsEverything(t *testing.T) {
	t.Parallel()
	for signal, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t).notebook("n.ipynb",
				"import os, subprocess\nchild = subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"+
					"open('pids', 'w').write('%d %d.' % (os.getpid(), child.pid))", "import time\ntime.sleep(1000)").notebook("m.ipynb", "1")
			command, stdout, stderr := w.command("--python", python(), "--jobs=1", "n.ipynb", "m.ipynb", "-o=json=out.json")
			require.NoError(t, command.Start())
			var pids string
			require.Eventually(t, func() bool {
				data, err := os.ReadFile(w.path("pids"))
				pids = string(data)
				return err == nil && strings.HasSuffix(pids, ".")
			}, time.Minute, 20*time.Millisecond)
			require.NoError(t, command.Process.Signal(signal))
			require.Error(t, command.Wait())
			assert.Equal(t, code, command.ProcessState.ExitCode(), "%s", stderr)
			assert.Contains(t, stderr.String(), "Error: interrupted: all kernels were ended, and there is no verdict")
			assert.Empty(t, stdout.String())
			for _, pid := range strings.Fields(strings.TrimSuffix(pids, ".")) {
				requireGone(t, pid)
			}
			w.requireTidy()
			assertOnly(t, w.dir, ".git", "n.ipynb", "m.ipynb", "pids")
		})
	}
}

// requireGone wants the process to be dead; a zombie, whose parent has yet to look at it, is.
func requireGone(t *testing.T, pid string) {
	t.Helper()
	require.Eventually(t, func() bool {
		stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
		if err != nil {
			return true
		}
		_, after, _ := strings.Cut(string(stat), ") ")
		return strings.HasPrefix(after, "Z")
	}, 10*time.Second, 10*time.Millisecond, "process %s is still alive", pid)
}
