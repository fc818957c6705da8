package pack

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// prefix keeps the start of a delta, in which the two sizes stand.
type prefix struct {
	start [20]byte
	n     int
}

func (p *prefix) Write(b []byte) (int, error) {
	p.n += copy(p.start[p.n:], b)
	return len(b), nil
}

func (p *prefix) resultSize() (int64, error) {
	at := p.start[:p.n]
	next := func() (byte, error) {
		if len(at) == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		b := at[0]
		at = at[1:]
		return b, nil
	}
	if _, err := readSize(next); err != nil {
		return 0, err
	}
	return readSize(next)
}

func readSize(next func() (byte, error)) (int64, error) {
	var n int64
	for shift := 0; ; shift += 7 {
		b, err := next()
		if err != nil {
			return 0, fmt.Errorf("%w: a delta ends too early", ErrMalformed)
		}
		if shift > 49 {
			return 0, fmt.Errorf("%w: a delta's size is too long", ErrMalformed)
		}
		n |= int64(b&0x7f) << shift
		if b&0x80 == 0 {
			return n, nil
		}
	}
}

// patch is a delta and what it is applied to.
type patch struct {
	delta    *bufio.Reader
	base     io.ReaderAt
	baseSize int64
	scratch  []byte
}

// apply writes the object that the delta makes of its base: size bytes, or an error.
func (p patch) apply(w io.Writer, size int64) error {
	baseSize, err := readSize(p.delta.ReadByte)
	if err != nil {
		return err
	}
	if _, err = readSize(p.delta.ReadByte); err != nil {
		return err
	}
	if baseSize != p.baseSize {
		return fmt.Errorf("%w: a delta is made for another base", ErrMalformed)
	}
	left := size
	for {
		command, err := p.delta.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && left == 0:
			return nil
		case err != nil:
			return err
		}
		piece, length, err := p.piece(command)
		if err != nil {
			return err
		}
		if length == 0 || length > left {
			return fmt.Errorf("%w: a delta makes another size than it says", ErrMalformed)
		}
		n, err := io.CopyBuffer(onlyWriter{w}, piece, p.scratch)
		if err != nil {
			return err
		}
		if n != length {
			return fmt.Errorf("%w: a delta ends too early", ErrMalformed)
		}
		left -= length
	}
}

// piece is what one command adds: bytes that follow it, or a part of the base.
func (p patch) piece(command byte) (io.Reader, int64, error) {
	if command&0x80 == 0 {
		return io.LimitReader(p.delta, int64(command)), int64(command), nil
	}
	offset, length, err := readCopy(command, p.delta)
	if err != nil {
		return nil, 0, err
	}
	if offset+length > p.baseSize {
		return nil, 0, fmt.Errorf("%w: a delta copies from beyond its base", ErrMalformed)
	}
	return io.NewSectionReader(p.base, offset, length), length, nil
}

// readCopy reads where a copy begins and how long it is: the low seven bits of
// the command say which of their bytes are written out.
func readCopy(command byte, delta io.ByteReader) (offset, length int64, err error) {
	var fields [7]int64
	for i := range fields {
		if command>>i&1 == 0 {
			continue
		}
		b, err := delta.ReadByte()
		if err != nil {
			return 0, 0, err
		}
		fields[i] = int64(b)
	}
	offset = fields[0] | fields[1]<<8 | fields[2]<<16 | fields[3]<<24
	length = fields[4] | fields[5]<<8 | fields[6]<<16
	if length == 0 {
		length = 1 << 16
	}
	return offset, length, nil
}
