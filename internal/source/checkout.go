package source

import (
	"bufio"
	"context"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/go-git/go-git/v5/plumbing/filemode"

	"mlops.dev/notebook-validator-operator/internal/source/pack"
)

// The notebook may run as any user, in another container than the one that
// brings the files, and writes beside them. The volume belongs to the pod
// alone, so that open permissions let nobody else in.
const (
	directoryMode  = 0o777
	fileMode       = 0o666
	executableMode = 0o777
)

// Checkout writes the whole tree of a commit, given by its full SHA, into the
// directory dest, which must be empty or absent. Submodules stay empty and LFS
// pointers what they are; there is no .git. Every error is an *Error.
func Checkout(ctx context.Context, repository Repository, commit, dest string, limits Limits) error {
	if !fullSHA.MatchString(commit) {
		return problem(InvalidSource, "The commit %s is not a full SHA of 40 digits.", quoted(commit))
	}
	limits = limits.or(CheckoutLimits())
	return operate(ctx, repository, limits, func(ctx context.Context, s *session) error {
		if err := prepare(dest); err != nil {
			return err
		}
		root, err := os.OpenRoot(dest)
		if err != nil {
			return err
		}
		defer root.Close()
		spool, err := os.MkdirTemp(dest, ".incoming-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(spool)
		s.spoolDir, s.store = spool, func() (packStore, error) { return newFileStore(spool) }
		result, err := s.find(ctx, commit)
		if err != nil {
			return err
		}
		t, err := readTree(ctx, result.pack, result.commit, limits)
		if err != nil {
			return err
		}
		return (&writer{root: root, pack: result.pack, left: limits.Bytes}).write(ctx, t)
	})
}

func prepare(dest string) error {
	if err := os.MkdirAll(dest, directoryMode); err != nil {
		return err
	}
	entries, err := os.ReadDir(dest)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return problem(SourceUnavailable, "The directory %s for the source is not empty. Give an empty one.", dest)
	}
	return nil
}

// writer puts a tree on disk. All of it goes through an os.Root, so that not
// even a mistake in the checks of paths leads out of the directory.
type writer struct {
	root *os.Root
	pack *pack.Pack
	left int64
}

func (w *writer) write(ctx context.Context, t *tree) error {
	for _, name := range append(slices.Clone(t.directories), t.submodules...) {
		if err := w.root.Mkdir(name, directoryMode); err != nil {
			return err
		}
		if err := w.root.Chmod(name, directoryMode); err != nil { // the umask took some of it away
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.files)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if entry := t.files[name]; entry.mode != filemode.Symlink {
			if err := w.file(name, entry); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.links)) { // last: nothing is written through them
		if err := w.root.Symlink(t.links[name], name); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) file(name string, entry file) (err error) {
	if object, ok := w.pack.Lookup(entry.hash); ok {
		if w.left -= object.Size; w.left < 0 {
			return errTooManyBytes
		}
	}
	mode := os.FileMode(fileMode)
	if entry.mode == filemode.Executable {
		mode = executableMode
	}
	out, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	defer func() {
		if closed := out.Close(); err == nil {
			err = closed
		}
	}()
	if err := out.Chmod(mode); err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(out, 32<<10)
	if err := w.pack.Copy(io.Writer(buffered), entry.hash); err != nil {
		return err
	}
	return buffered.Flush()
}
