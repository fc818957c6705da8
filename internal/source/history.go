package source

import (
	"context"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"

	"mlops.dev/notebook-validator-operator/internal/source/pack"
)

// maxTips is how many branches and tags are looked through for a commit.
const maxTips = 2000

// searchHistory looks for the commit with that SHA, or beginning of one, among
// those that branches and tags reach.
func (s *session) searchHistory(ctx context.Context, prefix string) (found, error) {
	if err := s.connect(ctx); err != nil {
		return found{}, err
	}
	tips := s.tips("refs/heads/", "refs/tags/")
	switch {
	case len(tips) == 0:
		return found{}, s.noCommit(prefix)
	case len(tips) > maxTips:
		return found{}, problem(RefNotFound, "%s does not give away commits by their SHA, and has too many branches and tags to look for %s. Give a branch or tag.", s.address, prefix)
	}
	var want wanted
	for _, tip := range tips {
		want.commits = append(want.commits, tip.offered)
	}
	filtered := s.offers(capability.Filter)
	if filtered {
		want.filter, want.objects = commitsOnly, s.limits.Commits
	}
	history, err := s.fetch(ctx, want)
	if err != nil {
		return found{}, s.searchFailed(err, prefix)
	}
	commit, err := s.match(history, prefix)
	if err != nil {
		return found{}, err
	}
	if !filtered { // the server sent the trees and files of all commits as well
		return found{history, commit}, nil
	}
	return s.takeFromHistory(ctx, history, tips, commit)
}

// searchFailed says what to do when the history is too long to look through.
func (s *session) searchFailed(err error, prefix string) error {
	explained := s.classify(context.Background(), err)
	if explained.Reason != RepositoryTooLarge {
		return err
	}
	return problem(RefNotFound, "%s does not give away the commit %s by its SHA, and its history is too long to look through. Give a branch or tag, or allow it on the server: git config uploadpack.allowReachableSHA1InWant true.", s.address, prefix)
}

func (s *session) match(history *pack.Pack, prefix string) (plumbing.Hash, error) {
	var matches []plumbing.Hash
	for object := range history.Objects() {
		if object.Kind != plumbing.CommitObject {
			continue
		}
		if strings.HasPrefix(object.Hash.String(), prefix) {
			matches = append(matches, object.Hash)
		}
	}
	switch {
	case len(matches) > 1:
		return plumbing.ZeroHash, s.ambiguous(prefix)
	case len(matches) == 0:
		return plumbing.ZeroHash, s.noCommit(prefix)
	}
	return matches[0], nil
}

// takeFromHistory brings the trees and files of a commit that is known to be there.
func (s *session) takeFromHistory(ctx context.Context, history *pack.Pack, tips []tip, commit plumbing.Hash) (found, error) {
	result, err := s.take(ctx, commit)
	if !isRefusal(err) {
		return result, err
	}
	tip, distance, err := nearest(history, tips, commit)
	if err != nil {
		return found{}, err
	}
	p, err := s.fetch(ctx, wanted{commits: []plumbing.Hash{tip}, depth: distance + 1, filter: s.filter})
	if err != nil {
		return found{}, s.searchFailed(err, commit.String())
	}
	return found{p, commit}, nil
}

// nearest is the tip that reaches the commit in the fewest steps, because the
// server can be asked for a tip and a number of steps.
func nearest(history *pack.Pack, tips []tip, commit plumbing.Hash) (plumbing.Hash, int, error) {
	type place struct {
		offered plumbing.Hash
		steps   int
	}
	seen := map[plumbing.Hash]place{}
	var queue []plumbing.Hash
	for _, tip := range tips {
		seen[tip.commit] = place{offered: tip.offered}
		queue = append(queue, tip.commit)
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if at == commit {
			return seen[at].offered, seen[at].steps, nil
		}
		if object, ok := history.Lookup(at); !ok || object.Kind != plumbing.CommitObject {
			continue // beyond a shallow repository's end, or a tag of something else
		}
		object, err := readCommit(history, at)
		if err != nil {
			return plumbing.ZeroHash, 0, err
		}
		for _, parent := range object.parents {
			if _, ok := seen[parent]; !ok {
				seen[parent] = place{seen[at].offered, seen[at].steps + 1}
				queue = append(queue, parent)
			}
		}
	}
	return plumbing.ZeroHash, 0, pack.ErrMissing
}
