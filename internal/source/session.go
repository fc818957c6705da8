package source

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"

	"mlops.dev/notebook-validator-operator/internal/source/pack"
)

// Repository is where to read from, and as whom.
type Repository struct {
	// URL as the user wrote it; see ParseURL.
	URL string
	// Ref is a branch, a tag, a full ref name or a commit SHA of 7 to 40 digits; empty means HEAD.
	Ref string
	// Credentials of the Secret, if there is one.
	Credentials Credentials
	// InsecureIgnoreHostKey accepts any ssh server if there is no known_hosts.
	InsecureIgnoreHostKey bool
}

// session is all the talk with one repository for one operation.
type session struct {
	repository Repository
	address    Address
	limits     Limits
	meter      *meter
	connection connection
	refs       *packp.AdvRefs
	stores     []packStore
	spent      bool // the connection has had its one request
	// store makes the place that a pack is written to.
	store func() (packStore, error)
	// spoolDir takes large objects; empty for none.
	spoolDir string
	// filter for the pack that the tree is read from.
	filter packp.Filter
}

// packStore holds the bytes of one pack.
type packStore interface {
	io.Writer
	io.ReaderAt
	size() int64
	close()
}

// operate runs an operation within the timeout. It turns whatever goes wrong,
// a panic included, into an *Error without secrets.
func operate(ctx context.Context, repository Repository, limits Limits, work func(context.Context, *session) error) (err error) {
	address, err := ParseURL(repository.URL)
	if err != nil {
		return err
	}
	if err := ValidateRef(repository.Ref); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limits.Timeout)
	defer cancel()
	s := &session{repository: repository, address: address, limits: limits, meter: &meter{left: limits.Bytes}}
	defer func() {
		s.end()
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: reading it failed (%.200v)", pack.ErrMalformed, p)
		}
		err = s.explain(ctx, err)
	}()
	return work(ctx, s)
}

// end gives back what the session holds, except what a snapshot reads from.
func (s *session) end() {
	if s.connection != nil {
		s.connection.close()
	}
	for _, store := range s.stores {
		store.close()
	}
}

// connect makes sure that there is a connection that takes a request.
func (s *session) connect(ctx context.Context) error {
	if s.connection != nil && !s.spent {
		return nil
	}
	if s.connection != nil {
		s.connection.close()
		s.connection = nil
	}
	c, err := connect(ctx, s.address, s.repository, s.meter)
	if err != nil {
		return err
	}
	s.connection, s.spent = c, false
	s.refs, err = c.advertise(ctx)
	return err
}

// fetch asks for a pack and indexes it.
func (s *session) fetch(ctx context.Context, want wanted) (*pack.Pack, error) {
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	store, err := s.store()
	if err != nil {
		return nil, err
	}
	s.stores = append(s.stores, store)
	s.spent = !s.connection.reusable()
	if err := fetch(ctx, s.connection, s.refs.Capabilities, want, store); err != nil {
		return nil, s.complained(ctx, err)
	}
	limits := s.limits.forPack(s.spoolDir)
	limits.Objects = first(want.objects, limits.Objects)
	return pack.Open(ctx, store, store.size(), limits)
}

// complained prefers what an ssh server wrote beside the protocol.
func (s *session) complained(ctx context.Context, err error) error {
	stream, ok := s.connection.(*streamConnection)
	if !ok || errors.Is(err, errRefused) {
		return err
	}
	return stream.complained(ctx, err)
}

func (s *session) offers(c capability.Capability) bool { return s.refs.Capabilities.Supports(c) }
