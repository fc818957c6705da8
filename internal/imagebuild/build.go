package imagebuild

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	"mlops.dev/notebook-validator-operator/internal/buildstrategy"
	"mlops.dev/notebook-validator-operator/internal/environment"
	"mlops.dev/notebook-validator-operator/internal/podspec"
)

// isolation is what works in a container.
const isolation = "--isolation=chroot"

var (
	errTimeout    = errors.New("the build's time is up")
	digestPattern = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// run pulls, builds, adds what is missing and pushes, and returns the digest that the registry confirmed.
func run(ctx context.Context, o options, output io.Writer) (string, *Failed) {
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, errTimeout)
	defer cancel()
	if err := errors.Join(o.writeDockerfile(), o.check()); err != nil {
		return "", mistake(err)
	}
	if failed := checkAuth(o); failed != nil {
		return "", failed
	}
	home, err := os.MkdirTemp("", "build-")
	if err != nil {
		return "", mistake(err)
	}
	defer os.RemoveAll(home)
	b := &buildah{output: output, home: home}
	if err := trustRegistry(home, o); err != nil {
		return "", mistake(err)
	}
	b.driver = chooseDriver(ctx, b, o.storageDriver)
	for _, step := range []func(context.Context, *buildah, options) *Failed{pullBase, build, completeOwn, push} {
		if failed := step(ctx, b, o); failed != nil {
			return "", failed
		}
	}
	return pushedDigest(b)
}

// mistake is a build that cannot begin, or go on, whatever the environment is.
func mistake(err error) *Failed {
	return &Failed{podspec.ExitPermanent, buildstrategy.Result{Reason: buildstrategy.BuilderFailed, Message: "The build cannot begin: " + err.Error() + "."}}
}

// checkAuth says that the push secret is missing; it may have been made together with the job and come a moment later.
func checkAuth(o options) *Failed {
	if o.authfile == "" {
		return nil
	}
	if _, err := os.Stat(o.authfile); err != nil {
		return &Failed{podspec.ExitTemporary, buildstrategy.Result{Reason: buildstrategy.PushFailed, Message: "The push secret does not exist, or " +
			"has no key .dockerconfigjson. Create a Secret of type kubernetes.io/dockerconfigjson in the job's namespace."}}
	}
	return nil
}

// trustRegistry lets buildah talk to the image's own registry as the operator's configuration allows, and to no other. A
// flag of buildah would let it do so with every registry that a Dockerfile names.
func trustRegistry(home string, o options) error {
	if !o.insecure {
		return nil
	}
	tag, err := name.NewTag(o.image)
	if err != nil {
		return err
	}
	dir := filepath.Join(home, ".config", "containers", "registries.conf.d")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	text := fmt.Sprintf("[[registry]]\nlocation = %q\ninsecure = true\n", tag.RegistryStr())
	return os.WriteFile(filepath.Join(dir, "target.conf"), []byte(text), 0o600)
}

// pullBase brings the base image of a generated Dockerfile and learns what it is set to. A Dockerfile of the repository
// names its own base images, which the build pulls.
func pullBase(ctx context.Context, b *buildah, o options) *Failed {
	if o.baseImage == "" {
		return nil
	}
	if err := b.run(ctx, o.withAuth("pull", "--", o.baseImage)...); err != nil {
		return b.failed(ctx, err, classifyPull)
	}
	settings, err := b.capture(ctx, "inspect", "--type=image", "--format={{.OCIv1.Config.User}}\n{{.OCIv1.Config.WorkingDir}}", "--", o.baseImage)
	if err != nil {
		return b.failed(ctx, err, classifyPull)
	}
	user, workDir, _ := strings.Cut(strings.TrimSuffix(settings, "\n"), "\n")
	b.baseUser, b.baseWorkDir = user, workDir
	return nil
}

func build(ctx context.Context, b *buildah, o options) *Failed {
	args := []string{"build", isolation, "--layers", "--format=docker", "--file=" + o.dockerfile, "--tag=" + o.image, "--iidfile=" + b.idFile()}
	for _, label := range o.labels {
		args = append(args, "--label="+label)
	}
	if o.baseImage != "" {
		// The repository's ignore file is about its own Dockerfile; here it could hide the requirements.
		args = append(args, "--pull-never", "--ignorefile=/dev/null")
		if b.baseUser != "" {
			args = append(args, "--build-arg="+environment.BaseUserArg+"="+b.baseUser)
		}
		if b.baseWorkDir != "" {
			args = append(args, "--build-arg="+environment.BaseWorkDirArg+"="+b.baseWorkDir)
		}
	}
	if err := b.run(ctx, o.withAuth(append(args, "--", o.context)...)...); err != nil {
		return b.failed(ctx, err, classifyBuild)
	}
	return b.takeID()
}

func push(ctx context.Context, b *buildah, o options) *Failed {
	args := o.withAuth("push", "--digestfile="+b.digestFile(), "--", b.image, "docker://"+o.image)
	if err := b.run(ctx, args...); err != nil {
		return b.failed(ctx, err, classifyPush)
	}
	return nil
}

// withAuth puts the credentials behind buildah's own subcommand.
func (o options) withAuth(args ...string) []string {
	if o.authfile == "" {
		return args
	}
	return append([]string{args[0], "--authfile=" + o.authfile}, args[1:]...)
}

// pushedDigest reads the digest that the registry confirmed.
func pushedDigest(b *buildah) (string, *Failed) {
	digest, err := os.ReadFile(b.digestFile())
	if err != nil {
		return "", noDigest("left no digest of it")
	}
	text := strings.TrimSpace(string(digest))
	if !digestPattern.MatchString(text) {
		return "", noDigest(fmt.Sprintf("gave %.100q as its digest", text))
	}
	return text, nil
}

// noDigest is a push that cannot be told by its result.
func noDigest(what string) *Failed {
	return &Failed{podspec.ExitPermanent, buildstrategy.Result{Reason: buildstrategy.PushFailed, Message: "The image was pushed, but buildah " + what +
		". Configure a builder image with another version of buildah."}}
}
