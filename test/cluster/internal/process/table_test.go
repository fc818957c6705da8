package process

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newTable(t *testing.T) Table {
	t.Helper()
	table := Table{Records: filepath.Join(t.TempDir(), "records"), Logs: t.TempDir()}
	t.Cleanup(func() {
		for _, name := range table.Names() {
			assert.NoError(t, table.Stop(name))
		}
	})
	return table
}

func sleeper(ready func() error) Spec {
	return Spec{Name: "sleeper", Args: []string{"sleep", "600"}, Ready: ready, Patience: 5 * time.Second}
}

func always() error { return nil }

func pid(t *testing.T, table Table) int {
	t.Helper()
	r, known, err := readRecord(table.path("sleeper"))
	require.NoError(t, err)
	require.True(t, known)
	return r.PID
}

func TestARunningProgramIsLeftAlone(t *testing.T) {
	table := newTable(t)
	require.NoError(t, table.Ensure(sleeper(always)))
	first := pid(t, table)

	require.NoError(t, table.Ensure(sleeper(always)))

	assert.Equal(t, first, pid(t, table))
	assert.True(t, table.Running("sleeper"))
}

func TestAProgramIsStartedAnewWhen(t *testing.T) {
	cases := map[string]func(t *testing.T, table Table, spec *Spec, file string){
		"it was killed": func(t *testing.T, table Table, _ *Spec, _ string) {
			process, err := os.FindProcess(pid(t, table))
			require.NoError(t, err)
			require.NoError(t, process.Kill())
			require.Eventually(t, func() bool { return !table.Running("sleeper") }, 5*time.Second, 10*time.Millisecond)
		},
		"a file that it reads has changed": func(t *testing.T, _ Table, _ *Spec, file string) {
			require.NoError(t, os.WriteFile(file, []byte("new"), 0o600))
		},
		"its environment has changed": func(_ *testing.T, _ Table, spec *Spec, _ string) {
			spec.Env = []string{"A=b"}
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			table, spec := newTable(t), sleeper(always)
			file := filepath.Join(t.TempDir(), "config")
			require.NoError(t, os.WriteFile(file, []byte("old"), 0o600))
			spec.Reads = []string{file}
			require.NoError(t, table.Ensure(spec))
			first := pid(t, table)
			change(t, table, &spec, file)

			require.NoError(t, table.Ensure(spec))

			assert.NotEqual(t, first, pid(t, table))
			assert.True(t, table.Running("sleeper"))
		})
	}
}

func TestAProgramThatEndsAtOnceIsAnErrorWithItsLastWords(t *testing.T) {
	spec := Spec{Name: "broken", Args: []string{"sh", "-c", "echo no disk left >&2; exit 3"}, Ready: func() error { return errors.New("not yet") }}

	err := newTable(t).Ensure(spec)

	assert.ErrorContains(t, err, "no disk left")
}

func TestAProcessThatOnlyHasTheSameNumberIsNotKilled(t *testing.T) {
	table := newTable(t)
	require.NoError(t, table.Ensure(sleeper(always)))
	victim, _, err := readRecord(table.path("sleeper"))
	require.NoError(t, err)
	for name, impostor := range map[string]record{
		"another program":  {PID: victim.PID, StartTime: victim.StartTime, Args: []string{"etcd"}},
		"another lifetime": {PID: victim.PID, StartTime: "1", Args: victim.Args},
	} {
		require.NoError(t, impostor.write(table.path("impostor")), name)
		require.NoError(t, table.Stop("impostor"), name)
		assert.True(t, victim.alive(), name)
	}
}

func TestATornRecordNamesNoProcess(t *testing.T) {
	table := newTable(t)
	require.NoError(t, os.MkdirAll(table.Records, 0o755))
	require.NoError(t, os.WriteFile(table.path("sleeper"), []byte(`{"pid":1`), 0o600))

	require.NoError(t, table.Ensure(sleeper(always)))

	assert.True(t, table.Running("sleeper"))
}
