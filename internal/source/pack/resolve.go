package pack

import (
	"bufio"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
)

// resolve finds the hashes of all deltas, from every base down its tree of
// deltas, so that each object is inflated once whatever the chains look like.
func (p *Pack) resolve() error {
	for i := range p.entries {
		e := &p.entries[i]
		if e.isDelta() || e.child == none && len(p.byBase[e.hash]) == 0 {
			continue
		}
		base, err := p.base(e)
		if err != nil {
			return err
		}
		if err := p.resolveFrom(i, e.kind, base); err != nil {
			return err
		}
	}
	return nil
}

// level is one object whose deltas are being resolved.
type level struct {
	content *content
	size    int64
	open    []int32 // deltas that are still to be resolved
}

// resolveFrom owns base. It keeps its own stack: a chain may be long.
func (p *Pack) resolveFrom(index int, kind plumbing.ObjectType, base *content) error {
	stack := []level{p.level(index, base)}
	defer func() {
		for _, l := range stack {
			l.content.release()
		}
	}()
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if len(top.open) == 0 {
			top.content.release()
			stack = stack[:len(stack)-1]
			continue
		}
		next := top.open[len(top.open)-1]
		top.open = top.open[:len(top.open)-1]
		result, err := p.resolveDelta(next, kind, top)
		if err != nil {
			return err
		}
		if len(top.open) == 0 { // nobody else needs it: a long chain holds two objects, not all
			top.content.release()
			stack = stack[:len(stack)-1]
		}
		if result != nil {
			stack = append(stack, p.level(int(next), result))
		}
	}
	return nil
}

// level lists the deltas on an object. A reference delta is taken once, even
// if a hostile pack has its base many times.
func (p *Pack) level(index int, c *content) level {
	e := &p.entries[index]
	l := level{content: c, size: e.size}
	for child := e.child; child != none; child = p.entries[child].sibling {
		l.open = append(l.open, child)
	}
	for _, child := range p.byBase[e.hash] {
		p.entries[child].parent = int32(index) //nolint:gosec // bounded by Limits.Objects
		l.open = append(l.open, child)
	}
	delete(p.byBase, e.hash)
	return l
}

// resolveDelta gives the object of a delta its kind and hash, and returns its
// content if others are based on it.
func (p *Pack) resolveDelta(index int32, kind plumbing.ObjectType, base *level) (*content, error) {
	e := &p.entries[index]
	if err := p.budget.spend(e.size); err != nil {
		return nil, err
	}
	hasher := plumbing.NewHasher(kind, e.size)
	var result *content
	err := error(nil)
	if e.child == none && len(p.byBase) == 0 {
		err = p.applyEntry(hasher, e, base)
	} else {
		result, err = p.hold(e.size, func(w io.Writer) error {
			return p.applyEntry(io.MultiWriter(hasher, w), e, base)
		})
	}
	if err != nil {
		return nil, err
	}
	e.kind, e.hash, e.hashed = kind, hasher.Sum(), true
	p.byHash[e.hash] = index
	return result, nil
}

func (p *Pack) applyEntry(w io.Writer, e *entry, base *level) error {
	if err := p.budget.spend(e.length); err != nil {
		return err
	}
	if err := p.resetInflater(p.compressed(e)); err != nil {
		return err
	}
	delta := bufio.NewReaderSize(p.inflater, 4<<10)
	return patch{delta, base.content, base.size, p.transport}.apply(watched{p.budget.ctx, w}, e.size)
}
