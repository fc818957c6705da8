package environment

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentences joins what there is to say.
func sentences(parts ...string) string {
	var said []string
	for _, part := range parts {
		if part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, " ")
}

// shown is the name of a file as a sentence can have it.
func shown(name string) string {
	odd := func(r rune) bool { return r == '"' || r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsPrint(r) }
	if strings.ContainsFunc(name, odd) {
		return quoted(name)
	}
	return shortened(name)
}

// quoted is what somebody wrote, between quotes and in about maxLineText bytes: a line of a file can be very long, and a
// condition's message must not be.
func quoted(text string) string {
	if all := strconv.Quote(text); len(all) <= maxLineText {
		return all
	}
	end, length := 0, 0
	for end < len(text) {
		_, size := utf8.DecodeRuneInString(text[end:])
		length += len(strconv.Quote(text[end:end+size])) - len(`""`)
		if length > maxLineText {
			break
		}
		end += size
	}
	return strconv.Quote(text[:end]) + "..."
}

// shortened is a text on one line of at most maxLineText bytes.
func shortened(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	if len(text) <= maxLineText {
		return text
	}
	const dots = "..."
	end := maxLineText - len(dots)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + dots
}
