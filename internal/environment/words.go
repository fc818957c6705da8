package environment

import "strings"

// shellWords splits an option line as Python's shlex does: whitespace separates, quotes and backslashes protect.
// An open quote yields nothing; pip refuses such a line.
func shellWords(text string) []string {
	s := splitter{}
	for _, r := range text {
		s.next(r)
	}
	if s.quote != 0 || s.escaped {
		return nil
	}
	s.end()
	return s.words
}

type splitter struct {
	words   []string
	word    strings.Builder
	inWord  bool
	quote   rune
	escaped bool
}

func (s *splitter) next(r rune) {
	switch {
	case s.escaped:
		if s.quote == '"' && r != '"' && r != '\\' {
			s.add('\\')
		}
		s.add(r)
		s.escaped = false
	case r == '\\' && s.quote != '\'':
		s.escaped, s.inWord = true, true
	case s.quote != 0:
		s.quoted(r)
	case r == '"' || r == '\'':
		s.quote, s.inWord = r, true
	case strings.ContainsRune(" \t\r\n", r):
		s.end()
	default:
		s.add(r)
	}
}

func (s *splitter) quoted(r rune) {
	if r == s.quote {
		s.quote = 0
		return
	}
	s.add(r)
}

func (s *splitter) add(r rune) {
	s.word.WriteRune(r)
	s.inWord = true
}

func (s *splitter) end() {
	if s.inWord {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.inWord = false
}
