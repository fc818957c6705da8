package gittest

import (
	"crypto/sha1" //nolint:gosec // the hash of Git objects
	"encoding/hex"
	"fmt"
)

// Collision makes two commits whose SHAs begin with the same digits.
func (r *Repository) Collision(digits int) (one, other string) {
	tree := r.Tree()
	seen := map[string]string{}
	for i := 0; ; i++ {
		body := fmt.Sprintf("tree %s\nauthor Ada <a@example.com> 1700000000 +0000\ncommitter Ada <a@example.com> 1700000000 +0000\n\nnumber %d\n", tree, i)
		sum := sha1.Sum([]byte(fmt.Sprintf("commit %d\x00%s", len(body), body))) //nolint:gosec // the hash of Git objects
		prefix := hex.EncodeToString(sum[:])[:digits]
		if earlier, ok := seen[prefix]; ok {
			write := func(body string) string { return r.Git(body, "hash-object", "-w", "-t", "commit", "--stdin") }
			return write(earlier), write(body)
		}
		seen[prefix] = body
	}
}
