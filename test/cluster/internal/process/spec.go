package process

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"time"
)

// Spec says how a background program is run.
type Spec struct {
	// Name names its record and its log.
	Name string
	// Args is the program's path and its arguments.
	Args []string
	// Env are variables added to the harness' own environment.
	Env []string
	// Reads are the files it reads at its start: a change of one restarts it.
	Reads []string
	// Ready returns nil as soon as the program does its work.
	Ready func() error
	// Patience is how long it may take to become ready; half a minute when zero.
	Patience time.Duration
}

// fingerprint changes when anything that the program depends on at its start changes.
func (s Spec) fingerprint() (string, error) {
	sum := sha256.New()
	for _, word := range append(append([]string{}, s.Args...), s.Env...) {
		fmt.Fprintf(sum, "%d:%s\n", len(word), word)
	}
	for _, path := range s.Reads {
		file, err := os.Open(path)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(sum, file)
		file.Close()
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func (s Spec) patience() time.Duration {
	if s.Patience > 0 {
		return s.Patience
	}
	return 30 * time.Second
}
