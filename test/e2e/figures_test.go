package e2e

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// figures are what the tests measured; they are printed at the end, and judge nothing.
var figures = measured{seconds: map[string][]time.Duration{}}

type measured struct {
	mu      sync.Mutex
	seconds map[string][]time.Duration
}

func (m *measured) add(what string, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seconds[what] = append(m.seconds[what], took)
}

func (m *measured) print() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, what := range slices.Sorted(maps.Keys(m.seconds)) {
		all := slices.Sorted(slices.Values(m.seconds[what]))
		fmt.Printf("e2e: %-45s %3d times, median %s, longest %s\n", what, len(all),
			all[len(all)/2].Round(time.Millisecond), all[len(all)-1].Round(time.Millisecond))
	}
}
