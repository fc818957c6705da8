package source

import (
	"bytes"
	"os"
)

// memoryStore holds a pack that is bounded by Limits.Bytes.
type memoryStore struct {
	data []byte
}

func newMemoryStore() (packStore, error) { return &memoryStore{}, nil }

func (m *memoryStore) Write(p []byte) (int, error) {
	m.data = append(m.data, p...)
	return len(p), nil
}

func (m *memoryStore) ReadAt(p []byte, offset int64) (int, error) {
	return bytes.NewReader(m.data).ReadAt(p, offset)
}

func (m *memoryStore) size() int64 { return int64(len(m.data)) }

func (m *memoryStore) close() {}

// fileStore holds a pack that may be larger than memory. The directory that it
// lies in is removed by whoever made it.
type fileStore struct {
	file    *os.File // not embedded: its ReadFrom would write past the count
	written int64
}

func newFileStore(dir string) (packStore, error) {
	file, err := os.CreateTemp(dir, "pack-")
	if err != nil {
		return nil, err
	}
	return &fileStore{file: file}, nil
}

func (f *fileStore) Write(p []byte) (int, error) {
	n, err := f.file.Write(p)
	f.written += int64(n)
	return n, err
}

func (f *fileStore) ReadAt(p []byte, offset int64) (int, error) { return f.file.ReadAt(p, offset) }

func (f *fileStore) size() int64 { return f.written }

func (f *fileStore) close() { _ = f.file.Close() }
