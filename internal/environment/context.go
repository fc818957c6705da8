package environment

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/moby/buildkit/frontend/dockerfile/command"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// contextDir is the directory that a Dockerfile of the repository copies from. Nothing in a Dockerfile says which one its
// author builds it in, but what it copies does: it is the Dockerfile's own directory where all of that is there, else the
// root where all of it is there. A Dockerfile that tells neither is built in its own directory when it was found, as
// docker build DIRECTORY does, and at the root when it was named, as docker build --file NAME does.
func contextDir(files Files, found choice, text []byte) (string, error) {
	sources, err := contextSources(text)
	if err != nil {
		return "", &Error{DockerfileInvalid, fmt.Sprintf("%s is not a Dockerfile that can be built: %v. Correct it.", shown(found.path), err)}
	}
	own := path.Dir(found.path)
	candidates := []string{own, "."}
	if found.named && len(sources) == 0 {
		candidates = []string{"."}
	}
	for _, dir := range candidates {
		if hasAll(files, dir, sources) {
			return dir, nil
		}
	}
	if found.named {
		return ".", nil
	}
	return own, nil
}

// linkOutOf refuses a Dockerfile that is a link out of the directory that it is built in: a build may not tell it from one
// that leads to a secret of its pod. A link leads to one of the files that have its content.
func linkOutOf(files Files, dockerfile, dir string) *Error {
	if dir == "." || files.Mode(dockerfile) != filemode.Symlink {
		return nil
	}
	id := files.ObjectID(dockerfile)
	var targets []string
	for _, name := range files.Paths() {
		if files.ObjectID(name) != id || files.Mode(name) == filemode.Symlink {
			continue
		}
		if strings.HasPrefix(name, dir+"/") {
			return nil
		}
		targets = append(targets, name)
	}
	target := "the file that it leads to"
	if len(targets) == 1 {
		target = shown(targets[0])
	}
	return &Error{DockerfileInvalid, fmt.Sprintf("%s is a link that leads out of %s, the directory that it would be built in. Name %s "+
		"in buildConfig.dockerfile, or commit the file itself in place of the link.", shown(dockerfile), shown(dir), target)}
}

func hasAll(files Files, dir string, sources []string) bool {
	for _, source := range sources {
		if !files.Exists(path.Join(dir, source)) {
			return false
		}
	}
	return true
}

// contextSources are the files and directories that a Dockerfile takes from its context, as far as it names them.
func contextSources(text []byte) ([]string, error) {
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, located(err)
	}
	c := &copies{lex: shell.NewLex(parsed.EscapeToken), seen: map[string]bool{}}
	c.lex.SkipUnsetEnv = true
	stages := 0
	for _, node := range parsed.AST.Children {
		instruction := strings.ToLower(node.Value)
		if _, known := command.Commands[instruction]; !known {
			return nil, fmt.Errorf("line %d has an instruction that no builder knows: %s", node.StartLine, shown(node.Value))
		}
		switch instruction {
		case command.From:
			stages++
		case command.Copy, command.Add:
			c.instruction(node)
		case command.Run:
			c.mounts(node.Flags)
		}
	}
	if stages == 0 {
		return nil, errors.New("it has no FROM")
	}
	return c.sources, nil
}

// located tells the line of a parser's error.
func located(err error) error {
	var at *parser.LocationError
	if errors.As(err, &at) && len(at.Locations) > 0 && len(at.Locations[0]) > 0 {
		return fmt.Errorf("line %d: %s", max(1, at.Locations[0][0].Start.Line), shortened(err.Error()))
	}
	return errors.New(shortened(err.Error()))
}

// copies collects what instructions take from the context.
type copies struct {
	lex     *shell.Lex
	sources []string
	seen    map[string]bool
}

// instruction reads a COPY or ADD; the last word is where it goes.
func (c *copies) instruction(node *parser.Node) {
	for _, flag := range node.Flags {
		if strings.HasPrefix(flag, "--from=") {
			return
		}
	}
	for word := node.Next; word != nil && word.Next != nil; word = word.Next {
		if doc, err := parser.ParseHeredoc(word.Value); err == nil && doc != nil && len(node.Heredocs) > 0 {
			continue
		}
		plain, _, err := c.lex.ProcessWord(word.Value, noVariables{})
		if err == nil {
			c.add(plain)
		}
	}
}

// mounts reads the bind mounts of a RUN, which show it files of the context.
func (c *copies) mounts(flags []string) {
	for _, flag := range flags {
		mount, ok := strings.CutPrefix(flag, "--mount=")
		if !ok {
			continue
		}
		fields := map[string]string{"type": "bind"}
		for field := range strings.SplitSeq(mount, ",") {
			key, value, _ := strings.Cut(field, "=")
			fields[strings.ToLower(key)] = value
		}
		if fields["type"] == "bind" && fields["from"] == "" {
			c.add(fields["source"])
			c.add(fields["src"])
		}
	}
}

// add notes a source. Of a pattern or a variable only the directories before it are known, and the context itself is in
// every directory.
func (c *copies) add(source string) {
	if remote(source) {
		return
	}
	if i := strings.IndexAny(source, "*?[$"); i >= 0 {
		source = source[:strings.LastIndex(source[:i], "/")+1]
	}
	source = path.Clean("/" + source)[1:] // a source cannot lead out of the context
	if source != "" && !c.seen[source] {
		c.seen[source] = true
		c.sources = append(c.sources, source)
	}
}

func remote(source string) bool {
	return strings.Contains(source, "://") || strings.HasPrefix(source, "git@")
}

// noVariables leaves variables as they are written: their values are known to the builder alone.
type noVariables struct{}

func (noVariables) Get(string) (string, bool) { return "", false }

func (noVariables) Keys() []string { return nil }
