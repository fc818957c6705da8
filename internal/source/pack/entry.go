package pack

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
)

// ErrMalformed is what a pack that breaks the format's rules gives.
var ErrMalformed = errors.New("the pack is malformed")

const (
	trailerSize = 20
	hashSize    = 20
	none        = int32(-1)
)

// entry is one object of the pack. Entries lie in the order of their offsets.
type entry struct {
	offset  int64 // of the entry in the pack
	data    int64 // offset of its compressed bytes
	length  int64 // of the inflated bytes: the object, or the delta
	size    int64 // of the object
	parent  int32 // the entry that a delta is based on
	child   int32 // the first delta that is based on this entry
	sibling int32 // the next delta with the same base
	kind    plumbing.ObjectType
	hashed  bool
	hash    plumbing.Hash
}

func (e *entry) isDelta() bool { return e.parent != none }

// header is the start of an entry as it stands in the pack.
type header struct {
	kind     plumbing.ObjectType
	length   int64
	distance int64         // to the base of an offset delta
	base     plumbing.Hash // of a reference delta
}

// cursor counts what is read, which is how entries get their offsets.
type cursor struct {
	reader *bufio.Reader
	at     int64
}

func (c *cursor) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	c.at += int64(n)
	return n, err
}

func (c *cursor) ReadByte() (byte, error) {
	b, err := c.reader.ReadByte()
	if err == nil {
		c.at++
	}
	return b, err
}

func readHeader(r *cursor) (header, error) {
	first, err := r.ReadByte()
	if err != nil {
		return header{}, err
	}
	h := header{kind: plumbing.ObjectType(first >> 4 & 7), length: int64(first & 15)}
	for shift, b := 4, first; b&0x80 != 0; shift += 7 {
		if b, err = r.ReadByte(); err != nil {
			return header{}, err
		}
		if shift > 53 { // beyond what any object can have
			return header{}, fmt.Errorf("%w: an object's length is too long", ErrMalformed)
		}
		h.length |= int64(b&0x7f) << shift
	}
	switch h.kind {
	case plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject:
	case plumbing.OFSDeltaObject:
		h.distance, err = readDistance(r)
	case plumbing.REFDeltaObject:
		_, err = io.ReadFull(r, h.base[:])
	default:
		err = fmt.Errorf("%w: unknown object type %d", ErrMalformed, h.kind)
	}
	return h, err
}

// readDistance reads the format's own variable-length integer, in which every
// further byte adds one, so that no number can be written in two ways.
func readDistance(r *cursor) (int64, error) {
	b, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	n := int64(b & 0x7f)
	for b&0x80 != 0 {
		if b, err = r.ReadByte(); err != nil {
			return 0, err
		}
		if n > 1<<50 {
			return 0, fmt.Errorf("%w: a delta's distance is too long", ErrMalformed)
		}
		n = (n+1)<<7 | int64(b&0x7f)
	}
	return n, nil
}
