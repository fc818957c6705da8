package pack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-git/go-git/v5/plumbing"
)

// ErrMissing is what an object that is not in the pack gives.
var ErrMissing = errors.New("the object is not in the pack")

// Object describes one object of the pack.
type Object struct {
	Hash plumbing.Hash
	Kind plumbing.ObjectType
	Size int64
}

// Len returns the number of objects.
func (p *Pack) Len() int { return len(p.entries) }

// Objects yields every object whose content is known.
func (p *Pack) Objects() iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for hash, index := range p.byHash {
			e := &p.entries[index]
			if !yield(Object{hash, e.kind, e.size}) {
				return
			}
		}
	}
}

// Lookup describes an object; ok is false for one that is not in the pack.
func (p *Pack) Lookup(hash plumbing.Hash) (Object, bool) {
	index, ok := p.byHash[hash]
	if !ok {
		return Object{}, false
	}
	e := &p.entries[index]
	return Object{hash, e.kind, e.size}, true
}

// Read returns the content of an object of at most limit bytes.
func (p *Pack) Read(hash plumbing.Hash, limit int64) ([]byte, error) {
	object, ok := p.Lookup(hash)
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrMissing, hash)
	}
	if object.Size > limit {
		return nil, fmt.Errorf("%w: object %s has %d bytes, %d are accepted", ErrTooLarge, hash, object.Size, limit)
	}
	var buffer bytes.Buffer
	buffer.Grow(int(min(object.Size, smallSize)))
	err := p.Copy(&buffer, hash)
	return buffer.Bytes(), err
}

// Copy writes the content of an object to w.
func (p *Pack) Copy(w io.Writer, hash plumbing.Hash) error {
	index, ok := p.byHash[hash]
	if !ok {
		return fmt.Errorf("%w: %s", ErrMissing, hash)
	}
	chain := []int32{index}
	for e := &p.entries[index]; e.isDelta(); e = &p.entries[e.parent] {
		chain = append(chain, e.parent)
	}
	return unexpected(p.copyChain(w, chain))
}

// copyChain applies deltas from the base, the last of chain, to the first.
func (p *Pack) copyChain(w io.Writer, chain []int32) error {
	last := len(chain) - 1
	if last == 0 {
		return p.inflateEntry(w, &p.entries[chain[0]])
	}
	below, err := p.base(&p.entries[chain[last]])
	if err != nil {
		return err
	}
	defer func() { below.release() }()
	for i := last - 1; i >= 0; i-- {
		e := &p.entries[chain[i]]
		base := &level{content: below, size: p.entries[e.parent].size}
		if err := p.budget.spend(e.size); err != nil {
			return err
		}
		if i == 0 {
			return p.applyEntry(w, e, base)
		}
		result, err := p.hold(e.size, func(w io.Writer) error { return p.applyEntry(w, e, base) })
		if err != nil {
			return err
		}
		below.release()
		below = result
	}
	return nil
}

// Renew gives later calls a budget of their own, when the context of Open is over.
func (p *Pack) Renew(ctx context.Context) {
	p.budget = &budget{ctx: ctx, left: p.limits.Inflated}
}
