package source

import (
	"path"
	"slices"
	"strings"
)

// maxLinks is how many links one path may go through, as in Linux.
const maxLinks = 40

// checkLinks refuses symbolic links that lead out of the tree, or round in a
// circle. One that leads to nothing inside the tree is harmless.
func (t *tree) checkLinks() error {
	names := make([]string, 0, len(t.links))
	for name := range t.links {
		names = append(names, name)
	}
	slices.Sort(names) // the same link is named every time
	for _, name := range names {
		if _, ok := t.follow(name); !ok {
			return problem(InvalidSource, "The symbolic link %s of the repository leads out of it, or round in a circle: its target is %s. Replace it by a file, or by a relative link to one of the repository's files.", quoted(name), quoted(t.links[name]))
		}
	}
	return nil
}

// follow returns where a path ends when all links in it are followed the way
// the kernel does: one component after the other, not by shortening the text.
func (t *tree) follow(name string) (string, bool) {
	var at []string
	left := strings.Split(name, "/")
	for links := 0; len(left) > 0; {
		next := left[0]
		left = left[1:]
		switch next {
		case "", ".":
			continue
		case "..":
			if len(at) == 0 {
				return "", false
			}
			at = at[:len(at)-1]
			continue
		}
		at = append(at, next)
		target, isLink := t.links[path.Join(at...)]
		if !isLink {
			continue
		}
		if links++; links > maxLinks || target == "" || strings.HasPrefix(target, "/") || strings.ContainsAny(target, "\\\x00") {
			return "", false
		}
		at = at[:len(at)-1]
		left = append(strings.Split(target, "/"), left...)
	}
	return path.Join(at...), true
}
