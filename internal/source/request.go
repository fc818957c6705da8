package source

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/pktline"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
)

var (
	errTooManyBytes = errors.New("too many bytes")
	errSHA256       = errors.New("sha256 object format")
	// errRefused is what a server says that does not give away a commit by its SHA.
	errRefused = errors.New("the server does not give away this commit")
)

// Filters of a request.
var (
	smallBlobs  = packp.FilterBlobLimit(SmallFile>>10, packp.BlobLimitPrefixKibi)
	commitsOnly = packp.FilterTreeDepth(0)
)

// wanted is one request to upload-pack.
type wanted struct {
	commits []plumbing.Hash
	depth   int // 0 is all of the history
	filter  packp.Filter
	objects int // that the pack may have; 0 is the usual bound
}

func decodeAdvertisement(r io.Reader) (*packp.AdvRefs, error) {
	refs := packp.NewAdvRefs()
	err := refs.Decode(bufio.NewReaderSize(r, 64<<10))
	switch {
	case err != nil && strings.Contains(err.Error(), "no space after hash"): // the hash goes on for 24 digits
		return nil, errSHA256
	case errors.Is(err, packp.ErrEmptyAdvRefs):
		return refs, nil
	case err != nil:
		return nil, err
	}
	for _, format := range refs.Capabilities.Get(capability.ObjectFormat) {
		if format != "sha1" {
			return nil, errSHA256
		}
	}
	return refs, nil
}

// fetch sends one request and writes the pack that answers it to w.
func fetch(ctx context.Context, c connection, offered *capability.List, want wanted, w io.Writer) error {
	request := newRequest(offered, want)
	body, err := encode(request)
	if err != nil {
		return err
	}
	answer, err := c.request(ctx, body)
	if err != nil {
		return err
	}
	response := packp.NewUploadPackResponse(request)
	defer answer.Close()
	if err := response.Decode(answer); err != nil {
		return refusal(err)
	}
	_, err = io.Copy(w, demultiplex(request.Capabilities, response))
	return err
}

func newRequest(offered *capability.List, want wanted) *packp.UploadPackRequest {
	request := packp.NewUploadPackRequestFromCapabilities(offered)
	request.Capabilities.Delete(capability.ThinPack)
	request.Wants = append(request.Wants, want.commits...)
	optional := []capability.Capability{capability.NoProgress}
	if want.depth > 0 && offered.Supports(capability.Shallow) {
		request.Depth = packp.DepthCommits(want.depth)
		optional = append(optional, capability.Shallow)
	}
	if want.filter != "" && offered.Supports(capability.Filter) {
		request.Filter = want.filter
		optional = append(optional, capability.Filter)
	}
	for _, name := range optional {
		if offered.Supports(name) {
			_ = request.Capabilities.Set(name) // these take no argument, which is all it could complain about
		}
	}
	return request
}

// encode writes the request with its end at once: there is nothing to negotiate, as nothing is here yet.
func encode(request *packp.UploadPackRequest) ([]byte, error) {
	var body bytes.Buffer
	if err := request.UploadRequest.Encode(&body); err != nil {
		return nil, err
	}
	if err := pktline.NewEncoder(&body).EncodeString("done\n"); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

func demultiplex(agreed *capability.List, r io.Reader) io.Reader {
	switch {
	case agreed.Supports(capability.Sideband64k):
		return sideband.NewDemuxer(sideband.Sideband64k, r)
	case agreed.Supports(capability.Sideband):
		return sideband.NewDemuxer(sideband.Sideband, r)
	}
	return r
}

// refusal tells a server that has no such commit for us from one that fails.
func refusal(err error) error {
	var line *pktline.ErrorLine
	if !errors.As(err, &line) {
		return err
	}
	for _, sign := range []string{"not our ref", "not valid", "unadvertised", "no such object", "not found", "does not exist"} {
		if strings.Contains(strings.ToLower(line.Text), sign) {
			return errRefused
		}
	}
	return err
}
