// Command corpus measures the product on a folder of notebooks: whether good ones stay quiet, whether observing changes
// what they do, what it costs, how many seeded faults are found, and whether a comparison with a golden run tells noise
// from change.
//
//	go run ./test/corpus [flags] FOLDER
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// parts are what can be measured, in the order in which it is.
var parts = []string{"cases", "runs", "overhead", "golden", "seeds"}

// options are the flags.
type options struct {
	python  string
	out     string
	work    string
	parts   string
	match   string
	cases   string
	jobs    int
	repeat  int
	perHost int
	seed    int
	changes int
	timeout time.Duration
	folder  string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	wanted, err := parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	work, err := os.MkdirTemp(wanted.work, "corpus-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	measured, err := newCorpus(ctx, wanted, work)
	if err != nil {
		return err
	}
	if err := measured.measure(ctx); err != nil {
		return err
	}
	text := measured.document.String()
	fmt.Print(text)
	if wanted.out == "" {
		return nil
	}
	return os.WriteFile(wanted.out, []byte(text), 0o644)
}

func parse(arguments []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("corpus", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: go run ./test/corpus [flags] FOLDER")
		flags.PrintDefaults()
	}
	flags.StringVar(&o.python, "python", "/usr/bin/python3", "`command` that starts Python, with its first arguments; "+
		"it must see the work folder under the same path")
	flags.StringVar(&o.out, "out", "", "write the tables as Markdown to this `file` as well")
	flags.StringVar(&o.work, "work", "", "make the work folder in this `folder` (default: the system's temporary one)")
	flags.StringVar(&o.parts, "parts", "runs,overhead,golden,seeds", "what to measure: "+strings.Join(parts, ", "))
	flags.StringVar(&o.match, "match", "*", "only notebooks whose file name matches this `pattern`")
	flags.StringVar(&o.cases, "cases", "test/corpus/testdata", "`folder` of the acceptance cases")
	flags.IntVar(&o.jobs, "jobs", 2, "`number` of kernels at the same time; overhead is measured one at a time")
	flags.IntVar(&o.repeat, "repeat", 3, "`times` that each notebook runs each way to measure overhead")
	flags.IntVar(&o.perHost, "seeds", 10, "`number` of faulty notebooks made of each notebook")
	flags.IntVar(&o.seed, "seed", 1, "the `number` that decides which faults go where")
	flags.IntVar(&o.changes, "changes", 20, "`number` of outputs changed by one per cent in each notebook")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Minute, "time for one notebook")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	for _, part := range strings.Split(o.parts, ",") {
		if !slices.Contains(parts, part) {
			return o, fmt.Errorf("-parts: %q is none of %s", part, strings.Join(parts, ", "))
		}
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return o, errors.New("name one folder of notebooks")
	}
	if o.jobs < 1 || o.repeat < 1 || o.perHost < 0 || o.changes < 0 || strings.TrimSpace(o.python) == "" {
		return o, errors.New("a flag has a value that makes no sense")
	}
	var err error
	o.folder, err = filepath.Abs(flags.Arg(0))
	return o, err
}

// has tells whether a part is to be measured.
func (o options) has(part string) bool { return slices.Contains(strings.Split(o.parts, ","), part) }
