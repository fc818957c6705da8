package source

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"

	"mlops.dev/notebook-validator-operator/internal/source/pack"
)

// found is a commit and the pack that has it.
type found struct {
	pack   *pack.Pack
	commit plumbing.Hash
}

// find brings the commit that the ref means. A branch or tag wins over the
// short SHA that it looks like, as with git; a full SHA is always one.
func (s *session) find(ctx context.Context, ref string) (found, error) {
	if err := s.connect(ctx); err != nil {
		return found{}, err
	}
	if fullSHA.MatchString(ref) {
		return s.findSHA(ctx, plumbing.NewHash(strings.ToLower(ref)))
	}
	if hash, ok := s.named(ref); ok {
		return s.take(ctx, hash)
	}
	if shortSHA.MatchString(ref) {
		return s.findShort(ctx, strings.ToLower(ref))
	}
	if len(s.refs.References) == 0 && s.refs.Head == nil {
		return found{}, problem(RefNotFound, "The repository at %s is empty. Push a commit.", s.address)
	}
	if first(ref, head) == head {
		return found{}, problem(RefNotFound, "The repository at %s has no default branch. Give a branch, a tag or a commit in git.ref.", s.address)
	}
	return found{}, problem(RefNotFound, "The repository at %s has no branch, tag or commit %q. Check git.ref.", s.address, ref)
}

// named looks a name up among the refs that the server offers.
func (s *session) named(ref string) (plumbing.Hash, bool) {
	if ref == "" || ref == head {
		if s.refs.Head == nil {
			return plumbing.ZeroHash, false
		}
		return *s.refs.Head, true
	}
	for _, name := range []string{ref, "refs/heads/" + ref, "refs/tags/" + ref, "refs/" + ref} {
		if hash, ok := s.refs.References[name]; ok && strings.HasPrefix(name, "refs/") {
			return hash, true
		}
	}
	return plumbing.ZeroHash, false
}

// take brings one commit, or the one that a tag points to, alone.
func (s *session) take(ctx context.Context, want plumbing.Hash) (found, error) {
	p, err := s.fetch(ctx, wanted{commits: []plumbing.Hash{want}, depth: 1, filter: s.filter})
	if err != nil {
		return found{}, err
	}
	commit, err := peel(p, want)
	return found{p, commit}, err
}

// findSHA asks for the commit directly, which most servers allow for any that
// a branch or tag reaches, and looks through the history where they do not.
func (s *session) findSHA(ctx context.Context, want plumbing.Hash) (found, error) {
	ask := want
	for _, tip := range s.tips("refs/") {
		if tip.commit == want {
			ask = tip.offered
			break
		}
	}
	result, err := s.take(ctx, ask)
	if !isRefusal(err) {
		return result, err
	}
	if s.connect(ctx) == nil && (s.offers(capability.AllowReachableSHA1InWant) || s.offers("allow-any-sha1-in-want")) {
		return found{}, s.noCommit(want.String())
	}
	return s.searchHistory(ctx, want.String())
}

// isRefusal also takes for one what servers do that do not say it in the protocol.
func isRefusal(err error) bool {
	var status *statusError
	return errors.Is(err, errRefused) || errors.As(err, &status) && (status.code == 400 || status.code == 404 || status.code == 500)
}

func (s *session) noCommit(sha string) error {
	return problem(RefNotFound, "No branch or tag of %s has the commit %s. Check git.ref, and that the commit was pushed.", s.address, sha)
}

func (s *session) ambiguous(prefix string) error {
	return problem(RefNotFound, "The short SHA %s is ambiguous: more than one commit of %s begins with it. Give more digits.", prefix, s.address)
}

// findShort prefers the one tip that begins with the digits: whoever writes a
// short SHA mostly means the head of a branch, and it costs no history.
func (s *session) findShort(ctx context.Context, prefix string) (found, error) {
	var matches []tip
	for _, tip := range s.tips("refs/") {
		if strings.HasPrefix(tip.commit.String(), prefix) {
			matches = append(matches, tip)
		}
	}
	switch len(matches) {
	case 0:
		return s.searchHistory(ctx, prefix)
	case 1:
		return s.take(ctx, matches[0].offered)
	}
	return found{}, s.ambiguous(prefix)
}

// tip is a commit that a ref points to.
type tip struct {
	// offered is what the server lets us ask for: the commit, or the annotated tag of it.
	offered, commit plumbing.Hash
}

// tips are the commits that refs under one of the prefixes point to, each once, in a fixed order.
func (s *session) tips(prefixes ...string) []tip {
	offered := map[plumbing.Hash]plumbing.Hash{} // by commit
	for name, hash := range s.refs.References {
		commit := hash
		if peeled, ok := s.refs.Peeled[name]; ok {
			commit = peeled
		}
		under := slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		if under && offered[commit] != commit { // the commit itself is the simpler thing to ask for
			offered[commit] = hash
		}
	}
	if s.refs.Head != nil {
		offered[*s.refs.Head] = *s.refs.Head
	}
	all := make([]tip, 0, len(offered))
	for commit, hash := range offered {
		all = append(all, tip{hash, commit})
	}
	slices.SortFunc(all, func(a, b tip) int { return bytes.Compare(a.commit[:], b.commit[:]) })
	return all
}
