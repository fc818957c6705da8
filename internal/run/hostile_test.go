package run_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/run"
)

// flags are what stands before the equals sign of every argument.
func flags(args []string) []string {
	var names []string
	for _, arg := range args {
		name, _, _ := strings.Cut(arg, "=")
		names = append(names, name)
	}
	return names
}

// expand is what the kubelet makes of an argument: $(NAME) is a variable of the container, $$ is a dollar sign.
func expand(arg string) string {
	const dollar = "\x00"
	arg = strings.ReplaceAll(arg, "$$", dollar)
	for _, name := range []string{"HOME", "HOSTNAME", "PASSWORD"} {
		arg = strings.ReplaceAll(arg, "$("+name+")", "<the value of "+name+">")
	}
	return strings.ReplaceAll(arg, dollar, "$")
}

func TestHostileValuesStaySingleArguments(t *testing.T) {
	for name, value := range map[string]string{
		"an expansion":            "$(HOME)/$(PASSWORD).ipynb",
		"an escaped expansion":    "$$(HOME).ipynb",
		"three dollars":           "$$$(HOME).ipynb",
		"a command substitution":  "`id`$(id).ipynb",
		"a command after another": "a.ipynb;rm -rf /.ipynb",
		"quotes":                  `a"b'c.ipynb`,
		"spaces":                  " two words .ipynb",
		"a leading dash":          "-c import os.ipynb",
		"a leading option":        "--output-dir=.ipynb",
		"another script":          "zürich/データ 🚲.ipynb",
	} {
		t.Run(name, func(t *testing.T) {
			plain, hostile := minimal(), minimal()
			plain.Commit, hostile.Commit = "0", value
			git := &hostile.Job.Spec.Notebook
			git.Path, git.Git.URL, git.Git.Ref, hostile.Image = value, value, value, value
			for _, c := range []string{run.ContainerFetch, run.ContainerExecute, run.ContainerReport} {
				want, got := container(t, run.Job(plain), c), container(t, run.Job(hostile), c)
				require.Equal(t, flags(want.Args), flags(got.Args))
				require.Equal(t, flags(want.Command), flags(got.Command), "no value becomes an option of its own")
			}
		})
		t.Run(name+", after the kubelet", func(t *testing.T) {
			in := minimal()
			in.Commit = value
			in.Job.Spec.Notebook.Path, in.Job.Spec.Notebook.Git.URL, in.Job.Spec.Notebook.Git.Ref = value, value, value
			var seen []string
			for _, arg := range container(t, run.Job(in), run.ContainerFetch).Args {
				seen = append(seen, expand(arg))
			}
			assert.Subset(t, seen, []string{"--url=" + value, "--ref=" + value, "--notebook=" + value, "--commit=" + value})
			seen = nil
			for _, arg := range container(t, run.Job(in), run.ContainerExecute).Command {
				seen = append(seen, expand(arg))
			}
			assert.Contains(t, seen, "--notebook=/workspace/source/"+value)
		})
	}
}

func TestNothingIsGivenToAShell(t *testing.T) {
	for _, in := range []run.Inputs{minimal(), everything()} {
		for _, c := range containers(run.Job(in)) {
			for _, word := range append(append([]string{}, c.Command...), c.Args...) {
				assert.NotContains(t, []string{"sh", "bash", "/bin/sh", "/bin/bash", "-c", "env"}, word)
			}
		}
	}
}
