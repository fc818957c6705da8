package golden

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// Tolerances where the configuration names none.
const (
	defaultRelative = 1e-6
	defaultAbsolute = 1e-9
)

// maxPatterns bounds each list of patterns and types, as the API does.
const maxPatterns = 32

// rules are a configuration, read and ready for use.
type rules struct {
	strategy v1alpha1.ComparisonStrategy
	// numbers is set where small differences of numbers are forgiven, by at most the two tolerances.
	numbers            bool
	relative, absolute float64
	// own masks of the user.
	own []*regexp.Regexp
	// times forgives dates with a time of day.
	times       bool
	counts      bool
	stderr      bool
	markedOnly  bool
	images      v1alpha1.ImageComparison
	ignoreTypes []string
	// unseeded is set where the notebook draws random numbers without a seed.
	unseeded bool
}

// Validate tells what cannot be used in a configuration, and what to write instead.
func Validate(config v1alpha1.ComparisonConfig) error {
	_, err := newRules(config)
	return err
}

func newRules(config v1alpha1.ComparisonConfig) (*rules, error) {
	r := &rules{
		strategy:    config.Strategy,
		times:       config.IgnoreTimestamps == nil || *config.IgnoreTimestamps,
		counts:      config.IgnoreExecutionCount != nil && !*config.IgnoreExecutionCount,
		stderr:      config.CompareStderr,
		markedOnly:  config.MarkedOnly,
		images:      config.Images,
		ignoreTypes: config.IgnoreOutputTypes,
	}
	for _, read := range []func(v1alpha1.ComparisonConfig) error{r.readWords, r.readTolerances, r.readMasks} {
		if err := read(config); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *rules) readWords(config v1alpha1.ComparisonConfig) error {
	switch r.strategy {
	case "":
		r.strategy = v1alpha1.StrategyTolerance
	case v1alpha1.StrategyExact, v1alpha1.StrategyNormalized, v1alpha1.StrategyTolerance:
	default:
		return fmt.Errorf("strategy %.40q is not known: write exact, normalized or tolerance", r.strategy)
	}
	switch r.images {
	case "":
		r.images = v1alpha1.ImagesPresence
	case v1alpha1.ImagesPresence, v1alpha1.ImagesExact, v1alpha1.ImagesIgnore:
	default:
		return fmt.Errorf("images %.40q is not known: write presence, exact or ignore", r.images)
	}
	if r.strategy == v1alpha1.StrategyExact && r.images == v1alpha1.ImagesPresence {
		// The default of the strategy: every form of an output is the same.
		r.images = v1alpha1.ImagesExact
	}
	types := []string{nbformat.StreamOutput, nbformat.DisplayOutput, nbformat.ResultOutput, nbformat.ErrorOutput}
	if len(config.IgnoreOutputTypes) > maxPatterns {
		return fmt.Errorf("ignoreOutputTypes has %d entries: at most %d are used", len(config.IgnoreOutputTypes), maxPatterns)
	}
	for _, name := range config.IgnoreOutputTypes {
		if !slices.Contains(types, name) && !strings.Contains(name, "/") {
			return fmt.Errorf("ignoreOutputTypes has %.60q: write one of %s, or a MIME type such as text/html", name,
				strings.Join(types, ", "))
		}
	}
	return nil
}

func (r *rules) readTolerances(config v1alpha1.ComparisonConfig) error {
	r.numbers = r.strategy == v1alpha1.StrategyTolerance ||
		(r.strategy == v1alpha1.StrategyNormalized && config.FloatingPointTolerance != "")
	both, err := tolerance("floatingPointTolerance", config.FloatingPointTolerance, math.NaN(), 1)
	if err != nil {
		return err
	}
	relative, absolute := defaultRelative, defaultAbsolute
	if !math.IsNaN(both) {
		relative, absolute = both, both
	}
	if r.relative, err = tolerance("relativeTolerance", config.RelativeTolerance, relative, 1); err != nil {
		return err
	}
	r.absolute, err = tolerance("absoluteTolerance", config.AbsoluteTolerance, absolute, math.MaxFloat64)
	return err
}

// tolerance reads a number from 0 to most, or returns the default for an empty text.
func tolerance(field, text string, unset, most float64) (float64, error) {
	if text == "" {
		return unset, nil
	}
	value, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || math.IsNaN(value) || strings.ContainsAny(text, "xX_"):
		return 0, fmt.Errorf(`%s %.40q is not a number: write for example "0.0001" or "1e-6"`, field, text)
	case value < 0:
		return 0, fmt.Errorf(`%s %.40q is negative: write 0 to forgive nothing, or for example "1e-6"`, field, text)
	case value > most && most == 1:
		return 0, fmt.Errorf(`%s %.40q is more than 1, which would forgive every difference: write for example "0.01" for 1 %%`,
			field, text)
	case value > most:
		return 0, fmt.Errorf(`%s %.40q would forgive every difference: write for example "1e-6"`, field, text)
	}
	return value, nil
}

func (r *rules) readMasks(config v1alpha1.ComparisonConfig) error {
	if err := r.compile("masks", config.Masks); err != nil {
		return err
	}
	times := r.own
	if err := r.compile("customTimestampPatterns", config.CustomTimestampPatterns); err != nil {
		return err
	}
	if !r.times || r.strategy == v1alpha1.StrategyExact {
		r.own = times
	}
	return nil
}

func (r *rules) compile(field string, patterns []string) error {
	if len(patterns) > maxPatterns {
		return fmt.Errorf("%s has %d patterns: at most %d are used; join some with |", field, len(patterns), maxPatterns)
	}
	for i, text := range patterns {
		pattern, err := regexp.Compile(text)
		if err != nil {
			return fmt.Errorf("%s[%d] %.80q is not a regular expression that can be used (RE2 syntax, without look-around and "+
				"back-references): %w", field, i, text, err)
		}
		r.own = append(r.own, pattern)
	}
	return nil
}
