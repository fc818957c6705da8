package pack

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1" //nolint:gosec // the format's own checksum
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/go-git/go-git/v5/plumbing"
)

// Pack is an indexed pack. It is not safe for concurrent use.
type Pack struct {
	source    io.ReaderAt
	size      int64
	limits    Limits
	budget    *budget
	entries   []entry
	byBase    map[plumbing.Hash][]int32 // reference deltas
	byHash    map[plumbing.Hash]int32
	memory    int64 // held by contents
	inflater  io.ReadCloser
	transport []byte
}

// Open indexes the pack in source, which must stay readable as long as the
// Pack is used. The context bounds this call and, until Renew, every later one.
func Open(ctx context.Context, source io.ReaderAt, size int64, limits Limits) (*Pack, error) {
	p := &Pack{
		source: source, size: size, limits: limits,
		budget:    &budget{ctx: ctx, left: limits.Inflated},
		byBase:    map[plumbing.Hash][]int32{},
		byHash:    map[plumbing.Hash]int32{},
		transport: make([]byte, 32<<10),
	}
	if err := p.checkTrailer(); err != nil {
		return nil, err
	}
	if err := p.scan(); err != nil {
		return nil, unexpected(err)
	}
	if err := p.resolve(); err != nil {
		return nil, unexpected(err)
	}
	return p, nil
}

// unexpected makes an end of the bytes inside the pack what it is.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends too early", ErrMalformed)
	}
	return err
}

// checkTrailer compares the checksum at the pack's end; a pack that was cut
// off is told from a wrong one by this, and is worth another try.
func (p *Pack) checkTrailer() error {
	if p.size < 12+trailerSize {
		return fmt.Errorf("the pack ends too early: %w", io.ErrUnexpectedEOF)
	}
	sum := sha1.New() //nolint:gosec // the format's own checksum
	body := io.NewSectionReader(p.source, 0, p.size-trailerSize)
	if _, err := io.CopyBuffer(watched{p.budget.ctx, sum}, body, p.transport); err != nil {
		return err
	}
	var trailer [trailerSize]byte
	if _, err := p.source.ReadAt(trailer[:], p.size-trailerSize); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Equal(sum.Sum(nil), trailer[:]) {
		return fmt.Errorf("the pack's checksum does not match, it may have been cut off: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

func (p *Pack) scan() error {
	at := &cursor{reader: bufio.NewReaderSize(io.NewSectionReader(p.source, 0, p.size-trailerSize), 64<<10)}
	var start [12]byte
	if _, err := io.ReadFull(at, start[:]); err != nil {
		return err
	}
	if version := binary.BigEndian.Uint32(start[4:]); string(start[:4]) != "PACK" || version != 2 && version != 3 {
		return fmt.Errorf("%w: this is not a pack", ErrMalformed)
	}
	count := binary.BigEndian.Uint32(start[8:])
	if int64(count) > int64(p.limits.Objects) {
		return fmt.Errorf("%w: it has %d objects, %d are accepted", ErrTooLarge, count, p.limits.Objects)
	}
	for range count {
		if err := p.scanEntry(at); err != nil {
			return err
		}
	}
	if at.at != p.size-trailerSize {
		return fmt.Errorf("%w: bytes follow its last object", ErrMalformed)
	}
	return nil
}

func (p *Pack) scanEntry(at *cursor) error {
	e := entry{offset: at.at, parent: none, child: none, sibling: none}
	h, err := readHeader(at)
	if err != nil {
		return err
	}
	if err := p.budget.spend(h.length); err != nil {
		return err
	}
	e.kind, e.data, e.length, e.size = h.kind, at.at, h.length, h.length
	if !h.kind.IsDelta() {
		hasher := plumbing.NewHasher(h.kind, h.length)
		if err := p.inflate(hasher, at, h.length); err != nil {
			return err
		}
		e.hash, e.hashed = hasher.Sum(), true
		p.add(e)
		return nil
	}
	var start prefix
	if err := p.inflate(&start, at, h.length); err != nil {
		return err
	}
	if e.size, err = start.resultSize(); err != nil {
		return err
	}
	return p.addDelta(e, h)
}

func (p *Pack) add(e entry) int32 {
	index := int32(len(p.entries)) //nolint:gosec // bounded by Limits.Objects
	p.entries = append(p.entries, e)
	if e.hashed {
		p.byHash[e.hash] = index
	}
	return index
}

// addDelta ties an offset delta to its base, which the format wants earlier in
// the pack; the base of a reference delta may come later.
func (p *Pack) addDelta(e entry, h header) error {
	if h.kind == plumbing.REFDeltaObject {
		e.parent = int32(len(p.entries)) //nolint:gosec // itself, until its base is found
		p.byBase[h.base] = append(p.byBase[h.base], p.add(e))
		return nil
	}
	base := e.offset - h.distance
	i := sort.Search(len(p.entries), func(i int) bool { return p.entries[i].offset >= base })
	if i == len(p.entries) || p.entries[i].offset != base {
		return fmt.Errorf("%w: a delta's base is not in the pack", ErrMalformed)
	}
	e.parent, e.sibling = int32(i), p.entries[i].child //nolint:gosec // bounded by Limits.Objects
	p.entries[i].child = p.add(e)
	return nil
}

// inflate writes exactly length inflated bytes to w; more or fewer are an error.
func (p *Pack) inflate(w io.Writer, compressed io.Reader, length int64) error {
	if err := p.resetInflater(compressed); err != nil {
		return err
	}
	n, err := io.CopyBuffer(onlyWriter{watched{p.budget.ctx, w}}, io.LimitReader(p.inflater, length+1), p.transport)
	switch {
	case errors.Is(err, zlib.ErrChecksum) || isCorrupt(err):
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	case err != nil:
		return err
	case n != length:
		return fmt.Errorf("%w: an object is not as long as its header says", ErrMalformed)
	}
	return nil
}

// onlyWriter hides ReadFrom, which would go round the context's check.
type onlyWriter struct{ io.Writer }
