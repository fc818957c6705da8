package imagebuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/environment"
)

// probe prints which packages python3 cannot import, as a list in JSON. It looks where the python3 of a notebook's pod
// looks: not into the working directory, nor, with -s, into the home of the image's user, which that pod replaces.
const probe = `import importlib, json, sys, traceback
sys.path[:] = [entry for entry in sys.path if entry]
missing = []
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException:
        traceback.print_exc()
        missing.append(name)
print()
print(json.dumps(missing))
`

// completeOwn adds what running a notebook takes to the image of a repository's own Dockerfile, if it is missing. It goes
// on in a container of the image instead of with a second Dockerfile, which would have to set back the image's user. An
// image with ONBUILD instructions is left alone: whatever opens it runs them.
func completeOwn(ctx context.Context, b *buildah, o options) *Failed {
	if o.baseImage != "" {
		return nil
	}
	onBuild, err := b.capture(ctx, "inspect", "--type=image", "--format={{range .Docker.Config.OnBuild}}{{.}}\n{{end}}", "--", b.image)
	if err != nil {
		return b.failed(ctx, err, classifyOpen)
	}
	if strings.TrimSpace(onBuild) != "" {
		fmt.Fprintln(b.output, "The image has ONBUILD instructions, so it is not looked into, and left as the Dockerfile makes it.")
		return nil
	}
	name, err := b.capture(ctx, "from", "--pull-never", "--", b.image)
	if err != nil {
		return b.failed(ctx, err, classifyOpen)
	}
	return b.complete(ctx, strings.TrimSpace(name))
}

// complete adds to a container's image what the container is missing.
func (b *buildah) complete(ctx context.Context, container string) *Failed {
	missing, failed := b.missing(ctx, container)
	if failed != nil {
		return failed
	}
	if len(missing) == 0 {
		fmt.Fprintln(b.output, "The image has what running a notebook takes; it is left as the Dockerfile makes it.")
		return nil
	}
	fmt.Fprintf(b.output, "The image lacks %s, which running a notebook takes; it is installed in one more layer.\n", strings.Join(missing, ", "))
	return b.addLayer(ctx, container, missing)
}

// missing asks the container's own python3, as the image's own user.
func (b *buildah) missing(ctx context.Context, container string) ([]string, *Failed) {
	args := []string{"run", isolation, "--", container, "python3", "-s", "-c", probe}
	printed, err := b.capture(ctx, append(args, environment.RunnerNeeds()...)...)
	if err != nil {
		return nil, b.failed(ctx, err, classifyProbe)
	}
	lines := strings.Split(strings.TrimSpace(printed), "\n")
	slices.Reverse(lines) // what the image prints by itself may stand around the answer
	for _, line := range lines {
		var missing []string
		if json.Unmarshal([]byte(line), &missing) == nil {
			return slices.DeleteFunc(environment.RunnerNeeds(), func(need string) bool { return !slices.Contains(missing, need) }), nil
		}
	}
	return nil, b.failed(ctx, errors.New("no answer"), classifyProbe)
}

// addLayer installs packages as root, and keeps everything else that the image is set to.
func (b *buildah) addLayer(ctx context.Context, container string, packages []string) *Failed {
	command, environ := environment.InstallCommand(packages...)
	args := []string{"run", isolation, "--user=0"}
	for _, variable := range environ {
		args = append(args, "--env="+variable)
	}
	if err := b.run(ctx, slices.Concat(args, []string{"--", container}, command)...); err != nil {
		return b.failed(ctx, err, classifyAddition(packages))
	}
	still, failed := b.missing(ctx, container)
	if failed != nil {
		return failed
	}
	if len(still) > 0 {
		return b.failed(ctx, errors.New("not importable"), classifyBroken(still))
	}
	if err := b.run(ctx, "config", "--created-by="+strings.Join(command, " "), "--", container); err != nil {
		return b.failed(ctx, err, classifyOpen)
	}
	if err := b.run(ctx, "commit", "--format=docker", "--iidfile="+b.idFile(), "--", container); err != nil {
		return b.failed(ctx, err, classifyOpen)
	}
	return b.takeID()
}
