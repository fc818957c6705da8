package source

import (
	"math"
	"time"

	"mlops.dev/notebook-validator-operator/internal/source/pack"
)

// SmallFile is the size below which Resolve brings the content of a file.
const SmallFile = 64 << 10

const (
	// inflation is how many times larger than its bytes a pack may inflate.
	inflation = 16
	// basesInMemory bounds the objects that deltas are applied to.
	basesInMemory = 64 << 20
	// objectsPerEntry lets a pack hold more objects than the tree has entries: those of earlier commits.
	objectsPerEntry = 10
)

// Limits bound what a repository may cost. Zero fields take the default.
type Limits struct {
	// Bytes that come over the network and, for Checkout, that are written.
	Bytes int64
	// Entries of the tree: files, links and directories.
	Entries int
	// Depth of directories.
	Depth int
	// PathBytes is the length of a path.
	PathBytes int
	// Commits that are looked through for one that the server does not give away directly.
	Commits int
	// Timeout for everything together.
	Timeout time.Duration
}

// ResolveLimits are the defaults of Resolver.
func ResolveLimits() Limits {
	return Limits{Bytes: 32 << 20, Entries: 100_000, Depth: 64, PathBytes: 1024, Commits: 50_000, Timeout: 30 * time.Second}
}

// CheckoutLimits are the defaults of Checkout.
func CheckoutLimits() Limits {
	l := ResolveLimits()
	l.Bytes, l.Timeout = 2<<30, 10*time.Minute
	return l
}

func (l Limits) or(d Limits) Limits {
	return Limits{
		Bytes:     first(l.Bytes, d.Bytes),
		Entries:   first(l.Entries, d.Entries),
		Depth:     first(l.Depth, d.Depth),
		PathBytes: first(l.PathBytes, d.PathBytes),
		Commits:   first(l.Commits, d.Commits),
		Timeout:   first(l.Timeout, d.Timeout),
	}
}

func first[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func (l Limits) forPack(spoolDir string) pack.Limits {
	inflated := int64(math.MaxInt64)
	if l.Bytes < math.MaxInt64/inflation {
		inflated = l.Bytes * inflation
	}
	return pack.Limits{
		Objects:  l.Entries * objectsPerEntry,
		Inflated: inflated,
		Memory:   basesInMemory,
		SpoolDir: spoolDir,
	}
}
