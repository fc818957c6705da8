package pack

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"os"
)

// content is an inflated object that deltas are applied to.
type content struct {
	io.ReaderAt
	pack *Pack
	held int64
	file *os.File
}

func (c *content) release() {
	c.pack.memory -= c.held
	c.held = 0
	if c.file != nil {
		_ = c.file.Close() // its name is gone since it was made
		c.file = nil
	}
}

// hold keeps what fill writes: in memory, or in a file when it is large.
func (p *Pack) hold(size int64, fill func(io.Writer) error) (*content, error) {
	if size > smallSize && p.limits.SpoolDir != "" {
		return p.holdInFile(fill)
	}
	if size > p.limits.Memory-p.memory {
		return nil, fmt.Errorf("%w: its deltas need more than %d bytes of memory", ErrTooLarge, p.limits.Memory)
	}
	p.memory += size
	var buffer bytes.Buffer
	buffer.Grow(int(min(size, smallSize)))
	if err := fill(&buffer); err != nil {
		p.memory -= size
		return nil, err
	}
	return &content{ReaderAt: bytes.NewReader(buffer.Bytes()), pack: p, held: size}, nil
}

func (p *Pack) holdInFile(fill func(io.Writer) error) (*content, error) {
	file, err := os.CreateTemp(p.limits.SpoolDir, "object-")
	if err != nil {
		return nil, err
	}
	c := &content{ReaderAt: file, pack: p, file: file}
	err = os.Remove(file.Name())
	if err == nil {
		buffered := bufio.NewWriterSize(file, 64<<10)
		if err = fill(buffered); err == nil {
			err = buffered.Flush()
		}
	}
	if err != nil {
		c.release()
		return nil, err
	}
	return c, nil
}

// base is the content of an entry that is no delta.
func (p *Pack) base(e *entry) (*content, error) {
	return p.hold(e.size, func(w io.Writer) error { return p.inflateEntry(w, e) })
}

// inflateEntry writes the inflated bytes of an entry: the object, or the delta.
func (p *Pack) inflateEntry(w io.Writer, e *entry) error {
	if err := p.budget.spend(e.length); err != nil {
		return err
	}
	return p.inflate(w, p.compressed(e), e.length)
}

func (p *Pack) compressed(e *entry) *bufio.Reader {
	return bufio.NewReaderSize(io.NewSectionReader(p.source, e.data, p.size-trailerSize-e.data), 4<<10)
}

func (p *Pack) resetInflater(compressed io.Reader) error {
	var err error
	if p.inflater == nil {
		p.inflater, err = zlib.NewReader(compressed)
	} else {
		err = p.inflater.(zlib.Resetter).Reset(compressed, nil)
	}
	if errors.Is(err, zlib.ErrHeader) || errors.Is(err, zlib.ErrDictionary) {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return err
}

func isCorrupt(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}
