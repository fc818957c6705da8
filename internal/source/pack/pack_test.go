package pack

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var usual = Limits{Objects: 10_000, Inflated: 64 << 20, Memory: 16 << 20}

// builder makes packs that git would not make.
type builder struct {
	body  bytes.Buffer
	count uint32
}

func (b *builder) offset() int64 { return int64(12 + b.body.Len()) }

// add appends an entry whose header says length and whose bytes inflate to content.
func (b *builder) add(kind plumbing.ObjectType, length int, extra, content []byte) int64 {
	at := b.offset()
	first := byte(kind)<<4 | byte(length&15)
	for length >>= 4; length > 0; length >>= 7 {
		b.body.WriteByte(first | 0x80)
		first = byte(length & 0x7f)
	}
	b.body.WriteByte(first)
	b.body.Write(extra)
	w := zlib.NewWriter(&b.body)
	_, _ = w.Write(content)
	_ = w.Close()
	b.count++
	return at
}

func (b *builder) blob(content string) int64 {
	return b.add(plumbing.BlobObject, len(content), nil, []byte(content))
}

// onOffset adds a delta to the entry at base.
func (b *builder) onOffset(base int64, delta []byte) int64 {
	distance := b.offset() - base
	encoded := []byte{byte(distance & 0x7f)}
	for distance >>= 7; distance > 0; distance >>= 7 {
		distance--
		encoded = append([]byte{byte(distance&0x7f) | 0x80}, encoded...)
	}
	return b.add(plumbing.OFSDeltaObject, len(delta), encoded, delta)
}

func (b *builder) onHash(base plumbing.Hash, delta []byte) int64 {
	return b.add(plumbing.REFDeltaObject, len(delta), base[:], delta)
}

func (b *builder) bytes() []byte {
	out := append([]byte("PACK\x00\x00\x00\x02"), binary.BigEndian.AppendUint32(nil, b.count)...)
	return seal(append(out, b.body.Bytes()...))
}

func seal(body []byte) []byte {
	sum := sha1.Sum(body)
	return append(body, sum[:]...)
}

func varint(n int) []byte {
	var out []byte
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(out, byte(n))
}

// delta says sizes and then what the commands are.
func delta(from, to int, commands ...byte) []byte {
	return append(append(varint(from), varint(to)...), commands...)
}

func open(t testing.TB, data []byte, limits Limits) (*Pack, error) {
	t.Helper()
	return Open(t.Context(), bytes.NewReader(data), int64(len(data)), limits)
}

func blobHash(content string) plumbing.Hash {
	return plumbing.ComputeHash(plumbing.BlobObject, []byte(content))
}

func TestDeltasOfBothKindsAreApplied(t *testing.T) {
	for name, spool := range map[string]string{"in memory": "", "with a directory": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			large := strings.Repeat("0123456789", 300_000)
			var b builder
			b.onHash(blobHash("hello world"), delta(11, 5, 0x90, 5)) // before its base, and its base is a delta
			base := b.blob("hello")
			b.onOffset(base, delta(5, 11, 0x90, 5, 6, ' ', 'w', 'o', 'r', 'l', 'd'))
			huge := b.blob(large)
			b.onOffset(huge, delta(len(large), 3, 0x97, 0, 0, 1, 3)) // the three bytes at 65536
			b.onOffset(huge, delta(len(large), 1<<16+1, 0x80, 1, '!'))
			limits := usual
			limits.SpoolDir = spool
			p, err := open(t, b.bytes(), limits)
			require.NoError(t, err)
			for _, content := range []string{"hello", "hello world", large, large[1<<16 : 1<<16+3], large[:1<<16] + "!"} {
				got, err := p.Read(blobHash(content), 1<<30)
				require.NoError(t, err)
				assert.True(t, content == string(got), "%.20s", content)
			}
			_, err = p.Read(blobHash("none"), 100)
			require.ErrorIs(t, err, ErrMissing)
			_, err = p.Read(blobHash(large), 100)
			require.ErrorIs(t, err, ErrTooLarge)
			assert.Zero(t, p.memory, "everything is given back")
			if spool != "" {
				entries, err := os.ReadDir(spool)
				require.NoError(t, err)
				assert.Empty(t, entries)
			}
		})
	}
}

func TestHostilePacksEndInAnError(t *testing.T) {
	one := func(make func(*builder)) []byte {
		var b builder
		make(&b)
		return b.bytes()
	}
	zeros := strings.Repeat("\x00", 8<<20)
	for name, test := range map[string]struct {
		pack []byte
		want error
	}{
		"nothing":                     {nil, io.ErrUnexpectedEOF},
		"not a pack":                  {seal([]byte("KCAP\x00\x00\x00\x02\x00\x00\x00\x00")), ErrMalformed},
		"another version":             {seal([]byte("PACK\x00\x00\x00\x09\x00\x00\x00\x00")), ErrMalformed},
		"four billion objects":        {seal([]byte("PACK\x00\x00\x00\x02\xff\xff\xff\xff")), ErrTooLarge},
		"an object that is not there": {seal([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x01")), ErrMalformed},
		"a wrong checksum":            {append(one(func(b *builder) { b.blob("x") })[:20], make([]byte, 20)...), io.ErrUnexpectedEOF},
		"bytes at the end":            {seal([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x00more")), ErrMalformed},
		"a type that does not exist":  {one(func(b *builder) { b.add(5, 1, nil, []byte("x")) }), ErrMalformed},
		"more bytes than it says":     {one(func(b *builder) { b.add(3, 1, nil, []byte("xx")) }), ErrMalformed},
		"fewer bytes than it says":    {one(func(b *builder) { b.add(3, 3, nil, []byte("xx")) }), ErrMalformed},
		"a length beyond everything":  {seal(append([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x01"), bytes.Repeat([]byte{0xff}, 40)...)), ErrMalformed},
		"not compressed":              {seal([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x01\x31x")), ErrMalformed},
		"a bomb":                      {one(func(b *builder) { b.add(3, 1<<40, nil, []byte(zeros)) }), ErrTooLarge},
		"many bombs": {one(func(b *builder) {
			for range 20 {
				b.blob(zeros)
			}
		}), ErrTooLarge},
		"a delta on itself":              {one(func(b *builder) { b.add(6, 3, []byte{0}, delta(1, 1, 1)) }), ErrMalformed},
		"a delta on the pack's header":   {one(func(b *builder) { b.add(6, 3, []byte{12}, delta(1, 1, 1)) }), ErrMalformed},
		"a delta on what is before":      {one(func(b *builder) { b.add(6, 3, []byte{0xff, 0xff, 0x7f}, delta(1, 1, 1)) }), ErrMalformed},
		"a delta's distance overflows":   {one(func(b *builder) { b.add(6, 3, bytes.Repeat([]byte{0xff}, 20), delta(1, 1, 1)) }), ErrMalformed},
		"a delta for another base":       {one(func(b *builder) { b.onOffset(b.blob("x"), delta(2, 1, 1, 'y')) }), ErrMalformed},
		"a delta that says more":         {one(func(b *builder) { b.onOffset(b.blob("x"), delta(1, 2, 1, 'y')) }), ErrMalformed},
		"a delta that makes more":        {one(func(b *builder) { b.onOffset(b.blob("x"), delta(1, 1, 2, 'y', 'z')) }), ErrMalformed},
		"a delta cut off":                {one(func(b *builder) { b.onOffset(b.blob("x"), delta(1, 5, 5, 'y')) }), ErrMalformed},
		"a delta without sizes":          {one(func(b *builder) { b.onOffset(b.blob("x"), nil) }), ErrMalformed},
		"a delta with a reserved byte":   {one(func(b *builder) { b.onOffset(b.blob("x"), delta(1, 1, 0)) }), ErrMalformed},
		"a delta from beyond":            {one(func(b *builder) { b.onOffset(b.blob("x"), delta(1, 9, 0x90, 9)) }), ErrMalformed},
		"a delta's size overflows":       {one(func(b *builder) { b.onOffset(b.blob("x"), bytes.Repeat([]byte{0xff}, 19)) }), ErrMalformed},
		"a delta that grows without end": {one(growing), ErrTooLarge},
		"a large base held in memory": {one(func(b *builder) {
			for at, i := b.blob(strings.Repeat("x", 8<<20)), 0; i < 3; i++ {
				b.onOffset(at, delta(8<<20, 8<<20, copies(8<<20)...))
				at = b.onOffset(at, delta(8<<20, 8<<20, copies(8<<20)...))
			}
		}), ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t, test.pack, usual)
			require.ErrorIs(t, err, test.want)
		})
	}
}

// copies are the commands that copy n bytes, a multiple of 65536.
func copies(n int) []byte {
	var out []byte
	for at := 0; at < n; at += 1 << 16 {
		out = append(out, 0x84, byte(at>>16)) // offset at, the length that is left out: 65536
	}
	return out
}

// growing is a chain of deltas, each of which makes a hundred copies of the one before.
func growing(b *builder) {
	size := 1 << 16
	at := b.blob(strings.Repeat("x", size))
	for range 2 {
		out := size * 100
		if size == 1<<16 {
			at = b.onOffset(at, delta(size, out, bytes.Repeat([]byte{0x80}, 100)...))
		} else {
			at = b.onOffset(at, delta(size, out, bytes.Repeat(copies(size), 100)...))
		}
		size = out
	}
}

func TestALongChainOfDeltasNeedsTheMemoryOfTwoObjects(t *testing.T) {
	const n = 1 << 19
	var b builder
	content := []byte(strings.Repeat("x", n))
	at := b.blob(string(content))
	for i := range 300 {
		commands := append([]byte{2, byte(i), byte(i >> 8)}, copies(n-1<<16)...)
		at = b.onOffset(at, delta(n, n-1<<16+2+(1<<16-2), append(commands, append([]byte{0xb0}, 0xfe, 0xff)...)...))
	}
	limits := usual
	limits.Inflated, limits.Memory = 1<<30, 2*n
	p, err := open(t, b.bytes(), limits)
	require.NoError(t, err)
	assert.Equal(t, 301, len(p.byHash))
}

func TestABaseThatIsThereManyTimesIsAppliedOnce(t *testing.T) {
	var b builder
	content := "x"
	for range 40 { // two copies of every base would mean 2^40 objects
		b.blob(content)
		next := content + "y"
		for range 2 {
			b.onHash(blobHash(content), delta(len(content), len(next), 0x90, byte(len(content)), 1, 'y'))
		}
		content = next
	}
	p, err := open(t, b.bytes(), usual)
	require.NoError(t, err)
	_, ok := p.Lookup(blobHash(content))
	assert.True(t, ok)
}

func TestACallerThatGivesUpEndsTheReading(t *testing.T) {
	var b builder
	b.blob("x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Open(ctx, bytes.NewReader(b.bytes()), int64(len(b.bytes())), usual)
	require.ErrorIs(t, err, context.Canceled)
}

// TestWhatGitPacksIsReadBack compares every object with what git says it is.
func TestWhatGitPacksIsReadBack(t *testing.T) {
	dir := t.TempDir()
	git := func(input string, args ...string) string {
		command := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=b"}, args...)...)
		command.Dir, command.Stdin = dir, strings.NewReader(input)
		out, err := command.Output()
		require.NoError(t, err)
		return string(out)
	}
	git("", "init", "--quiet")
	var lines []string
	for i := range 400 {
		lines = append(lines, fmt.Sprintf("line %d of a file that changes little", i*i))
	}
	for i := range 60 {
		lines[i*5] = fmt.Sprintf("changed in %d", i)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "a.txt"), []byte(strings.Join(lines, "\n")), 0o600))
		git("", "add", ".")
		git("", "commit", "--quiet", "-m", fmt.Sprint(i))
	}
	objects := git("", "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
	for _, flag := range []string{"--delta-base-offset", "--depth=200"} {
		data := git(objects, "pack-objects", "--stdout", "--quiet", "--window=50", flag)
		p, err := open(t, []byte(data), usual)
		require.NoError(t, err)
		deltas := 0
		for _, name := range strings.Fields(objects) {
			kind := strings.TrimSpace(git("", "cat-file", "-t", name))
			object, ok := p.Lookup(plumbing.NewHash(name))
			require.True(t, ok)
			assert.Equal(t, kind, object.Kind.String())
			content, err := p.Read(object.Hash, 1<<20)
			require.NoError(t, err)
			assert.Equal(t, object.Hash, plumbing.ComputeHash(object.Kind, content))
		}
		for _, e := range p.entries {
			if e.isDelta() {
				deltas++
			}
		}
		assert.Greater(t, deltas, 50)
	}
}

func FuzzOpen(f *testing.F) {
	var b builder
	base := b.blob("hello")
	b.onOffset(base, delta(5, 11, 0x90, 5, 6, ' ', 'w', 'o', 'r', 'l', 'd'))
	b.onHash(blobHash("hello"), delta(5, 1, 1, 'x'))
	f.Add(b.bytes()[:len(b.bytes())-20])
	var g builder
	growing(&g)
	f.Add(g.bytes()[:len(g.bytes())-20])
	f.Add([]byte("PACK\x00\x00\x00\x02\xff\xff\xff\xff"))
	limits := Limits{Objects: 1000, Inflated: 1 << 20, Memory: 1 << 18}
	f.Fuzz(func(t *testing.T, body []byte) {
		data := seal(bytes.Clone(body)) // a right checksum, or nothing else would be read
		p, err := Open(t.Context(), bytes.NewReader(data), int64(len(data)), limits)
		if err != nil {
			return
		}
		for object := range p.Objects() {
			content, err := p.Read(object.Hash, 1<<20)
			if err == nil && (int64(len(content)) != object.Size || plumbing.ComputeHash(object.Kind, content) != object.Hash) {
				t.Fatalf("%s is not what it says", object.Hash)
			}
		}
		if p.memory != 0 {
			t.Fatalf("%d bytes are still held", p.memory)
		}
	})
}
