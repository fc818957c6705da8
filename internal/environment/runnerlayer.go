package environment

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// addMissing installs those packages of its arguments that cannot be imported. Modules of the working directory do not
// count, since the notebook is run in another one, and neither do those of root's home. Its lists are written as JSON,
// which is Python as well.
var addMissing = fmt.Sprintf(`import importlib, os, subprocess, sys, traceback
sys.path[:] = [entry for entry in sys.path if entry]
def lacking(names):
    importlib.invalidate_caches()
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException:
            traceback.print_exc()
            yield name
missing = list(lacking(sys.argv[1:]))
if missing:
    settings = dict(os.environ, **dict(entry.split("=", 1) for entry in %s))
    if subprocess.call(%s + missing, env=settings):
        sys.exit("Running a notebook takes " + ", ".join(missing) + ", which cannot be installed into this image.")
    if list(lacking(missing)):
        sys.exit("Running a notebook takes " + ", ".join(missing) + ", which cannot be imported in this image.")`,
	array(installEnvironment...), array(pipInstall([]string{"-I"})...))

// literalUser matches what USER can be told once more as it stands: no variable, no quote.
var literalUser = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)

// AddRunner returns a Dockerfile with a last layer that installs what executing a notebook takes, where the image does
// not have it. The layer runs as root and hands the image back to the user that the Dockerfile left it to, or to the
// given one where the text does not say who that is.
func AddRunner(dockerfile, user string) (string, error) {
	before, err := instructions(dockerfile)
	if err != nil {
		return "", err
	}
	added := []string{
		"USER 0",
		"RUN " + array(slices.Concat([]string{"python3", "-s", "-c", addMissing}, runnerNeeds)...),
		"USER " + finalUser(before, user),
	}
	text := withLineBreak(dockerfile) + strings.Join(added, "\n") + "\n"
	after, err := instructions(text)
	if err != nil {
		return "", err
	}
	// An instruction that goes on after the last line would swallow the first one of the layer.
	if len(after) != len(before)+len(added) || after[len(before)].Original != added[0] {
		return "", &Error{DockerfileInvalid, "The Dockerfile ends in the middle of an instruction. Take the line continuation from its last line."}
	}
	return text, nil
}

// AddLabel returns a Dockerfile with a label more. Nothing in it is expanded, and no value ends its instruction.
func AddLabel(dockerfile, name, value string) string {
	return withLineBreak(dockerfile) + "LABEL " + quote(name) + "=" + quote(value) + "\n"
}

func withLineBreak(text string) string { return strings.TrimSuffix(text, "\n") + "\n" }

func instructions(dockerfile string) ([]*parser.Node, error) {
	parsed, err := parser.Parse(strings.NewReader(dockerfile))
	if err != nil {
		return nil, &Error{DockerfileInvalid, fmt.Sprintf("The Dockerfile cannot be read: %v. Correct it.", err)}
	}
	if !slices.ContainsFunc(parsed.AST.Children, func(n *parser.Node) bool { return is(n, "FROM") }) {
		return nil, &Error{DockerfileInvalid, "The Dockerfile has no FROM. Begin it with the image that it starts from."}
	}
	return parsed.AST.Children, nil
}

func is(node *parser.Node, instruction string) bool {
	return strings.EqualFold(node.Value, instruction)
}

// finalUser is the user of the last stage, which may come from the stage that it starts from.
func finalUser(nodes []*parser.Node, unknown string) string {
	var user, stage string
	users := map[string]string{}
	for _, node := range nodes {
		switch {
		case is(node, "FROM"):
			words := arguments(node)
			user, stage = "", ""
			if len(words) > 0 {
				user = users[strings.ToLower(words[0])]
			}
			if len(words) == 3 && strings.EqualFold(words[1], "AS") {
				stage = strings.ToLower(words[2])
			}
		case is(node, "USER"):
			user = strings.Join(arguments(node), " ")
		}
		if stage != "" {
			users[stage] = user
		}
	}
	if !literalUser.MatchString(user) {
		return unknown
	}
	return user
}

func arguments(node *parser.Node) []string {
	var words []string
	for next := node.Next; next != nil; next = next.Next {
		words = append(words, next.Value)
	}
	return words
}
