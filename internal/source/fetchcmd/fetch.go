package fetchcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/runner"
	"mlops.dev/notebook-validator-operator/internal/source"
	"mlops.dev/notebook-validator-operator/internal/sourceinfo"
)

// maxNotebook is the largest notebook that is copied; the report reads no larger one.
const maxNotebook = 64 << 20

// fetch brings everything and returns the commit.
func (o options) fetch(ctx context.Context) (string, error) {
	repository, err := o.repository()
	if err != nil {
		return "", err
	}
	address, err := source.ParseURL(o.url)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	limits := source.Limits{Bytes: o.maxBytes, Timeout: o.timeout}
	commit := o.commit
	if commit == "" {
		if commit, err = o.resolve(ctx, repository); err != nil {
			return commit, err
		}
	}
	if err := clearDir(o.dest); err != nil {
		return commit, broken(err)
	}
	if err := source.Checkout(ctx, repository, commit, o.dest, limits); err != nil {
		return commit, err
	}
	return commit, o.leave(commit, address)
}

// resolve finds the commit, and out early that it has no such notebook.
func (o options) resolve(ctx context.Context, repository source.Repository) (string, error) {
	snapshot, err := (&source.Resolver{}).Resolve(ctx, repository)
	if err != nil {
		return "", err
	}
	return snapshot.Commit, snapshot.CheckNotebook(o.notebook)
}

// clearDir removes what an earlier attempt in the same pod left. The directory itself stays, for it may be a mount.
func clearDir(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		if err == nil {
			err = os.RemoveAll(filepath.Join(dir, entry.Name()))
		}
	}
	return err
}

func (o options) repository() (source.Repository, error) {
	repository := source.Repository{URL: o.url, Ref: o.ref, InsecureIgnoreHostKey: o.insecureIgnoreHostKey}
	if o.credentialsDir == "" {
		return repository, nil
	}
	credentials, err := source.CredentialsFromDir(o.credentialsDir)
	repository.Credentials = credentials
	return repository, err
}

// leave writes what the other containers need beside the files. The address in the note is without a user name, which may
// be a token.
func (o options) leave(commit string, address source.Address) error {
	info := sourceinfo.Info{URL: address.String(), Ref: o.ref, Commit: commit, Notebook: o.notebook}
	if err := o.keep(info, o.metaDir); err != nil {
		return err
	}
	if err := o.leaveGolden(info); err != nil {
		return err
	}
	if o.toolsDir != "" {
		if err := runner.WriteTo(o.toolsDir); err != nil {
			return broken(err)
		}
	}
	if o.selfDest == "" {
		return nil
	}
	if err := copySelf(o.selfDest); err != nil {
		return broken(err)
	}
	return nil
}

// leaveGolden keeps the golden notebook of the same commit. One that is not there is told by the report, which fails for
// it: the run itself can be had.
func (o options) leaveGolden(info sourceinfo.Info) error {
	if o.golden == "" {
		return nil
	}
	info.Notebook = o.golden
	err := o.keep(info, sourceinfo.GoldenDir(o.metaDir))
	var missing *source.Error
	if errors.As(err, &missing) && missing.Reason == source.NotebookNotFound {
		return nil
	}
	return err
}

// keep copies a notebook, with a note of where it came from.
func (o options) keep(info sourceinfo.Info, metaDir string) error {
	if err := o.copyNotebook(info, metaDir); err != nil {
		return err
	}
	if err := sourceinfo.Write(metaDir, info); err != nil {
		return broken(err)
	}
	return nil
}

// copyNotebook keeps the notebook as it was committed, where the run cannot reach it. It is opened below the tree's root:
// no link leads out.
func (o options) copyNotebook(of sourceinfo.Info, metaDir string) error {
	root, err := os.OpenRoot(o.dest)
	if err != nil {
		return broken(err)
	}
	defer func() { _ = root.Close() }()
	name := filepath.FromSlash(of.Notebook)
	info, err := root.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return source.NotebookMissing(of.Notebook, of.Commit, notebooks(root))
	}
	if info.Size() > maxNotebook {
		return &source.Error{Reason: source.RepositoryTooLarge, Message: fmt.Sprintf(
			"The notebook has %d bytes, more than the %d that are read. Clear its outputs and commit it again.", info.Size(), maxNotebook)}
	}
	from, err := root.Open(name)
	if err != nil {
		return broken(err)
	}
	defer func() { _ = from.Close() }()
	if err := os.MkdirAll(metaDir, 0o755); err != nil {
		return broken(err)
	}
	if err := copyTo(sourceinfo.NotebookPath(metaDir), from, 0o644); err != nil {
		return broken(err)
	}
	return nil
}

// notebooks are the paths among which the user's was probably meant to be.
func notebooks(root *os.Root) []string {
	var paths []string
	err := fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(strings.ToLower(path), ".ipynb") {
			paths = append(paths, path)
		}
		return nil // what cannot be read is no suggestion
	})
	if err != nil {
		return nil
	}
	return paths
}

// copySelf puts this program where a container of another image can run it.
func copySelf(dest string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	from, err := os.Open(self)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	if err := os.MkdirAll(filepath.Dir(dest), 0o755); err != nil {
		return err
	}
	return copyTo(dest, from, 0o755)
}

func copyTo(dest string, from io.Reader, mode os.FileMode) error {
	if err := os.Remove(dest); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // of an earlier attempt, and perhaps read-only
	}
	to, err := os.OpenFile(dest, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		_ = to.Close() // the copy is broken already
		return err
	}
	if err := to.Chmod(mode); err != nil {
		_ = to.Close()
		return err
	}
	return to.Close()
}

// broken is a pod that cannot hold the files.
func broken(err error) error {
	return &source.Error{Reason: source.SourceUnavailable, Message: fmt.Sprintf("The source cannot be kept in the pod: %v.", err), Err: err}
}
