package pack

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// ErrTooLarge is what a pack that passes one of the bounds gives.
var ErrTooLarge = errors.New("the pack is too large")

// smallSize is the size up to which an object that others are based on is kept
// in memory although there is a directory to spool it to.
const smallSize = 1 << 20

// Limits bound what reading a pack may cost.
type Limits struct {
	// Objects in the pack.
	Objects int
	// Inflated is the sum of all bytes that are ever inflated.
	Inflated int64
	// Memory for objects that others are based on, at any time.
	Memory int64
	// SpoolDir takes such objects when they are large; empty keeps them all in memory.
	SpoolDir string
}

// budget counts down the bytes that may still be inflated and ends the work
// when its context does.
type budget struct {
	ctx  context.Context
	left int64
}

func (b *budget) spend(n int64) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	if n < 0 || n > b.left {
		return fmt.Errorf("%w: its objects inflate to more bytes than are accepted", ErrTooLarge)
	}
	b.left -= n
	return nil
}

// watched ends a long copy when the context ends.
type watched struct {
	ctx context.Context
	io.Writer
}

func (w watched) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}
