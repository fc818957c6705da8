package source

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"mlops.dev/notebook-validator-operator/internal/source/pack"
)

const (
	maxHeaderObject = 4 << 20 // of a commit or tag
	maxTagChain     = 10
)

// commitObject is what is read of a commit.
type commitObject struct {
	tree    plumbing.Hash
	parents []plumbing.Hash
}

func readCommit(p *pack.Pack, hash plumbing.Hash) (commitObject, error) {
	var c commitObject
	if object, ok := p.Lookup(hash); ok && object.Kind != plumbing.CommitObject {
		return c, fmt.Errorf("%w: %s is a %s and not a commit", pack.ErrMalformed, hash, object.Kind)
	}
	data, err := p.Read(hash, maxHeaderObject)
	if err != nil {
		return c, err
	}
	for line := range headerLines(data) {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "tree":
			c.tree, err = parseHash(value)
		case "parent":
			var parent plumbing.Hash
			parent, err = parseHash(value)
			c.parents = append(c.parents, parent)
		}
		if err != nil {
			return c, err
		}
	}
	if c.tree.IsZero() {
		return c, fmt.Errorf("%w: commit %s has no tree", pack.ErrMalformed, hash)
	}
	return c, nil
}

// peel follows annotated tags to the commit that they mean.
func peel(p *pack.Pack, hash plumbing.Hash) (plumbing.Hash, error) {
	for range maxTagChain {
		object, ok := p.Lookup(hash)
		switch {
		case !ok:
			return hash, fmt.Errorf("%w: %s", pack.ErrMissing, hash)
		case object.Kind == plumbing.CommitObject:
			return hash, nil
		case object.Kind != plumbing.TagObject:
			return hash, problem(RefNotFound, "The git.ref means a %s and not a commit. Give a branch, a tag of a commit or a commit SHA.", object.Kind)
		}
		data, err := p.Read(hash, maxHeaderObject)
		if err != nil {
			return hash, err
		}
		for line := range headerLines(data) {
			if value, ok := strings.CutPrefix(line, "object "); ok {
				if hash, err = parseHash(value); err != nil {
					return hash, err
				}
			}
		}
	}
	return hash, problem(RefNotFound, "The git.ref is a tag of a tag of a tag, more than %d times. Give the commit SHA.", maxTagChain)
}

// headerLines yields the lines before the first empty one.
func headerLines(data []byte) func(func(string) bool) {
	return func(yield func(string) bool) {
		for line := range bytes.Lines(data) {
			text := strings.TrimSuffix(string(line), "\n")
			if text == "" || !yield(text) {
				return
			}
		}
	}
}

func parseHash(text string) (plumbing.Hash, error) {
	var hash plumbing.Hash
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(hash) {
		return hash, fmt.Errorf("%w: %.60q is not the hash of an object", pack.ErrMalformed, text)
	}
	copy(hash[:], raw)
	return hash, nil
}
