package source

import (
	"bytes"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/storage/memory"

	"mlops.dev/notebook-validator-operator/internal/source/pack"
)

// packOf packs objects of any content and returns their hashes.
func packOf(t testing.TB, add func(store func(plumbing.ObjectType, []byte) plumbing.Hash)) []byte {
	storage := memory.NewStorage()
	var hashes []plumbing.Hash
	add(func(kind plumbing.ObjectType, content []byte) plumbing.Hash {
		object := storage.NewEncodedObject()
		object.SetType(kind)
		w, err := object.Writer()
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
		hash, err := storage.SetEncodedObject(object)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, hash)
		return hash
	})
	var out bytes.Buffer
	if _, err := packfile.NewEncoder(&out, storage, false).Encode(hashes, 0); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// FuzzReadPack reads a snapshot out of a pack whose commit, directory, file and
// link a stranger wrote. In the directory's bytes, the words BLOB, TREE and
// LINK stand for the hashes of the others.
func FuzzReadPack(f *testing.F) {
	f.Add([]byte("author A\n\nmessage"), []byte("100644 a.ipynb\x00BLOB40000 d\x00TREE120000 l\x00LINK"), []byte("{}"), []byte("a.ipynb"))
	f.Add([]byte("parent x\n"), []byte("100644 ..\x00BLOB"), []byte(""), []byte("../x"))
	f.Add([]byte("tree 0000\n"), []byte("120000 d\x00LINK40000 d\x00TREE"), []byte("100644 x\x00"), []byte("/etc"))
	f.Add([]byte("\n"), []byte("120000 l\x00LINK120000 m\x00LINK"), []byte("100644 x"), []byte("m/../l"))
	f.Add([]byte("\n"), []byte("160000 s\x00BLOB100755 x\x00BLOB"), []byte("x"), []byte("d/../.."))
	f.Fuzz(func(t *testing.T, header, directory, content, target []byte) {
		var commit plumbing.Hash
		data := packOf(t, func(store func(plumbing.ObjectType, []byte) plumbing.Hash) {
			blob, link := store(plumbing.BlobObject, content), store(plumbing.BlobObject, target)
			inner := store(plumbing.TreeObject, content)
			for word, hash := range map[string]plumbing.Hash{"BLOB": blob, "LINK": link, "TREE": inner} {
				directory = bytes.ReplaceAll(directory, []byte(word), hash[:])
			}
			outer := store(plumbing.TreeObject, directory)
			commit = store(plumbing.CommitObject, append([]byte("tree "+outer.String()+"\n"), header...))
		})
		limits := ResolveLimits()
		limits.Entries, limits.Depth, limits.PathBytes, limits.Timeout = 100, 5, 200, time.Second
		p, err := pack.Open(t.Context(), bytes.NewReader(data), int64(len(data)), limits.forPack(""))
		if err != nil {
			t.Fatalf("a pack that is in order: %v", err)
		}
		read, err := readTree(t.Context(), p, commit, limits)
		if err != nil {
			return
		}
		checkSnapshot(t, newSnapshot(commit.String(), read, p))
	})
}

// checkSnapshot says what holds for every tree that is accepted.
func checkSnapshot(t *testing.T, s *Snapshot) {
	for _, name := range s.Paths() {
		if name != path.Clean(name) || path.IsAbs(name) || name == ".." || strings.HasPrefix(name, "../") || strings.ContainsAny(name, "\\\x00") {
			t.Fatalf("accepted the path %q", name)
		}
		for part := range strings.SplitSeq(name, "/") {
			if strings.EqualFold(part, ".git") {
				t.Fatalf("accepted the path %q", name)
			}
		}
		if target, isLink := s.tree.links[name]; isLink {
			if end, ok := s.tree.follow(name); !ok || strings.HasPrefix(target, "/") || end == ".." || strings.HasPrefix(end, "../") {
				t.Fatalf("accepted the link %q to %q", name, target)
			}
		}
		if _, err := s.Read(name); err == nil && !s.Exists(name) {
			t.Fatalf("read %q, which does not exist", name)
		}
	}
}
