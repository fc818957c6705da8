package golden

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a piece of a text: a number, or anything else.
type token struct {
	text string
	// start is where it begins in the text.
	start int
	// number is set for a number that stands for itself: not for one inside a name, a version or a hexadecimal word.
	number bool
}

// lexer cuts normalised text into tokens, so that numbers can be compared as numbers and all else as text.
type lexer struct {
	text string
	at   int
	// depth of the square brackets that are open. Inside, the dot of "1." belongs to the number, as arrays print it;
	// outside it may end a sentence.
	depth int
	// afterValue is set behind a number, a name or a closing bracket: a sign there joins two values.
	afterValue bool
	// afterNumber is set right behind a number.
	afterNumber bool
}

// next returns the next token, and false at the end.
func (l *lexer) next() (token, bool) {
	if l.at >= len(l.text) {
		return token{}, false
	}
	start := l.at
	length, isNumber := l.measure()
	l.at += length
	text := l.text[start:l.at]
	l.remember(text, isNumber)
	return token{text: text, start: start, number: isNumber}, true
}

// measure returns how long the token at this place is, and whether it is a number.
func (l *lexer) measure() (int, bool) {
	rest := l.text[l.at:]
	if length := l.signed(rest); length > 0 {
		return length, true
	}
	char, size := utf8.DecodeRuneInString(rest)
	switch {
	case isWord(char):
		word := nameLength(rest)
		if isDigit(rest[0]) {
			if number := numberLength(rest, l.depth > 0); standsAlone(rest[number:]) {
				return number, true
			}
			return word, false
		}
		return l.named(rest[:word])
	case char == '.' && len(rest) > 1 && isDigit(rest[1]) && !l.afterValue:
		if number := numberLength(rest, false); standsAlone(rest[number:]) {
			return number, true
		}
		return nameLength(rest[1:]) + 1, false
	}
	return size, false
}

// named tells a name from the numbers that are written as words.
func (l *lexer) named(word string) (int, bool) {
	return len(word), isSpecial(word)
}

// signed returns the length of a number that begins with a sign, or 0. A sign between two values joins them, as in a
// date or a range, unless the second is imaginary.
func (l *lexer) signed(rest string) int {
	if len(rest) < 2 || (rest[0] != '-' && rest[0] != '+') {
		return 0
	}
	length := numberLength(rest[1:], l.depth > 0)
	if length == 0 {
		if word := nameLength(rest[1:]); word > 0 && isSpecial(rest[1:1+word]) {
			length = word
		}
	}
	if length == 0 || !standsAlone(rest[1+length:]) {
		return 0
	}
	imaginary := l.afterNumber && strings.HasPrefix(rest[1+length:], "j")
	if l.afterValue && !imaginary {
		return 0
	}
	return 1 + length
}

func (l *lexer) remember(text string, isNumber bool) {
	switch text {
	case "[":
		l.depth++
	case "]":
		l.depth = max(0, l.depth-1)
	}
	last, _ := utf8.DecodeLastRuneInString(text)
	l.afterNumber = isNumber
	l.afterValue = isNumber || isWord(last) || last == ')' || last == ']' || last == '.'
}

// numberLength returns how long the number without a sign at the beginning of a text is, 0 if there is none. A dot at its
// end belongs to it if bare dots are wanted.
func numberLength(text string, bareDot bool) int {
	whole := digits(text)
	length := whole
	if grouped := groups(text); grouped > whole {
		length = grouped
	}
	if length < len(text) && text[length] == '.' {
		fraction := digits(text[length+1:])
		switch {
		case fraction > 0:
			length += 1 + fraction
		case whole > 0 && bareDotEnds(text[length+1:], bareDot):
			length++
		}
	}
	if length == 0 {
		return 0
	}
	return length + exponent(text[length:])
}

// bareDotEnds tells whether the dot before rest ends a number: "1.", "1.e-05" and "1.j" do, "1..." does not.
func bareDotEnds(rest string, bareDot bool) bool {
	if strings.HasPrefix(rest, ".") {
		return false
	}
	return bareDot || exponent(rest) > 0 || strings.HasPrefix(rest, "j") || strings.HasPrefix(rest, "+") || strings.HasPrefix(rest, "-")
}

// groups returns the length of digits that commas group by thousands, 0 if they are not.
func groups(text string) int {
	length := digits(text)
	if length == 0 || length > 3 || text[0] == '0' {
		return 0
	}
	whole := 0
	for range maxGroups {
		if length >= len(text) || text[length] != ',' || !threeDigits(text[length+1:]) {
			return whole
		}
		length += 4
		whole = length
	}
	return 0
}

// maxGroups bounds the groups of a number: what is longer is a list without spaces.
const maxGroups = 10

func threeDigits(text string) bool {
	return len(text) >= 3 && digits(text[:3]) == 3 && (len(text) == 3 || !isDigit(text[3]))
}

func exponent(text string) int {
	if text == "" || (text[0] != 'e' && text[0] != 'E') {
		return 0
	}
	sign := 0
	if len(text) > 1 && (text[1] == '-' || text[1] == '+') {
		sign = 1
	}
	if power := digits(text[1+sign:]); power > 0 {
		return 1 + sign + power
	}
	return 0
}

// standsAlone tells whether what follows leaves a number one: a unit may (1.5s), more digits (1.2.3, 640x480) may not.
func standsAlone(rest string) bool {
	tail := rest[:nameLength(rest)]
	if strings.HasPrefix(rest, ".") && len(rest) > 1 && isDigit(rest[1]) {
		return false
	}
	return !strings.ContainsAny(tail, "0123456789_")
}

// nameLength returns how long the word at the beginning of a text is: letters, digits, and dots inside it.
func nameLength(text string) int {
	length := 0
	for length < len(text) {
		char, size := utf8.DecodeRuneInString(text[length:])
		if char == '.' && length > 0 {
			following, _ := utf8.DecodeRuneInString(text[length+1:])
			if !isWord(following) {
				break
			}
		} else if !isWord(char) {
			break
		}
		length += size
	}
	return length
}

func digits(text string) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}

func isDigit(char byte) bool { return char >= '0' && char <= '9' }

func isWord(char rune) bool {
	return char == '_' || (char != utf8.RuneError && (unicode.IsLetter(char) || unicode.IsDigit(char)))
}

// isSpecial knows the numbers that are words.
func isSpecial(word string) bool {
	switch strings.ToLower(word) {
	case "nan", "inf", "infinity":
		return true
	}
	return false
}
