package gitserver

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The two trees below Root.
const (
	PublicTree  = "public"
	PrivateTree = "private"
	// noFilter is the folder in either tree below which partial clones are refused.
	noFilter = "nofilter"
)

// Server serves the repositories below one directory.
type Server struct {
	// Root holds the trees.
	Root string
	// Username and Password open the private tree over http.
	Username string
	Password string
	// Realm is told to clients that are asked for the password.
	Realm string
}

// errNoRepository is all that a client is told about a path it may not have.
var errNoRepository = errors.New("repository not found")

// repository returns the directory of the repository that a client's path names. Nothing outside Root is ever returned,
// neither by ".." nor by a symbolic link.
func (s Server) repository(path string) (string, error) {
	relative := strings.TrimPrefix(filepath.Clean("/"+path), "/")
	if tree, _, _ := strings.Cut(relative, "/"); tree != PublicTree && tree != PrivateTree {
		return "", errNoRepository
	}
	root, err := filepath.EvalSymlinks(s.Root)
	if err != nil {
		return "", err
	}
	dir, err := filepath.EvalSymlinks(filepath.Join(root, relative))
	if errors.Is(err, fs.ErrNotExist) {
		return "", errNoRepository
	}
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(dir, root+"/") {
		return "", errNoRepository
	}
	if _, err := os.Stat(filepath.Join(dir, "HEAD")); err != nil {
		return "", errNoRepository
	}
	return dir, nil
}

// environment is what git runs with for a path: settings of the server, which win over those of a repository.
func environment(path string) []string {
	filter := strconv.FormatBool(!slices.Contains(strings.Split(path, "/"), noFilter))
	settings := [][2]string{
		{"uploadpack.allowFilter", filter},
		{"uploadpack.allowReachableSHA1InWant", "true"},
		{"uploadpack.allowTipSHA1InWant", "true"},
		{"http.receivepack", "false"},
		{"safe.directory", "*"}, // tests make repositories as whoever they are
	}
	env := []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_COUNT=" + strconv.Itoa(len(settings))}
	for i, setting := range settings {
		n := strconv.Itoa(i)
		env = append(env, "GIT_CONFIG_KEY_"+n+"="+setting[0], "GIT_CONFIG_VALUE_"+n+"="+setting[1])
	}
	return env
}
