package environment

import "strings"

// pipOptions are the options of a requirements file; those that are true take a value.
var pipOptions = map[string]bool{
	"--index-url": true, "--pypi-url": true, "--extra-index-url": true, "--no-index": false,
	"--constraint": true, "--requirement": true, "--editable": true, "--find-links": true,
	"--no-binary": true, "--only-binary": true, "--prefer-binary": false, "--require-hashes": false,
	"--pre": false, "--trusted-host": true, "--use-feature": true,
	"--global-option": true, "--hash": true, "--config-settings": true,
}

// shortOptions are their short names; each takes a value.
var shortOptions = map[byte]string{
	'i': "--index-url", 'c': "--constraint", 'r': "--requirement", 'e': "--editable", 'f': "--find-links", 'C': "--config-settings",
}

// lineOptions reads the options of a line as Python's optparse does, by their long names; the first value counts, as it
// does for pip. ok is false where a value is missing. Options that are not known here are passed over: a newer pip may
// know them.
func lineOptions(words []string) (options map[string]string, ok bool) {
	options = map[string]string{}
	for i := 0; i < len(words); i++ {
		if words[i] == "--" {
			break
		}
		name, value, given := splitOption(words[i])
		if name == "" {
			continue
		}
		if pipOptions[name] && !given {
			if i++; i == len(words) {
				return nil, false
			}
			value = words[i]
		}
		if options[name] == "" {
			options[name] = value
		}
	}
	return options, true
}

// splitOption separates --name=value and -nvalue, and returns the long name; it is empty for a word that is no option.
func splitOption(word string) (name, value string, given bool) {
	switch {
	case strings.HasPrefix(word, "--"):
		name, value, given = strings.Cut(word, "=")
		return longOption(name), value, given
	case strings.HasPrefix(word, "-") && len(word) > 1:
		return shortOptions[word[1]], word[2:], len(word) > 2
	}
	return "", "", false
}

// longOption completes the name of an option that is shortened as far as no other begins like it.
func longOption(name string) string {
	if _, known := pipOptions[name]; known {
		return name
	}
	found := ""
	for long := range pipOptions {
		if !strings.HasPrefix(long, name) {
			continue
		}
		if found != "" {
			return ""
		}
		found = long
	}
	return found
}
