package html

import (
	"strconv"
	"strings"
)

// escape begins every sequence that colours text and moves cursors in a terminal.
const escape = '\x1b'

// span is a piece of text that looks the same all through; the template escapes it.
type span struct {
	// Class is one of the page's own classes, possibly empty.
	Class string
	Text  string
}

// plain returns text in one span, and none for no text.
func plain(text string) []span {
	if text == "" {
		return nil
	}
	return []span{{Text: text}}
}

// coloured turns the sequences for colours into classes and drops all others.
func coloured(text string) []span {
	var spans []span
	var now pen
	for text != "" {
		before, rest, found := strings.Cut(text, string(escape))
		spans = add(spans, now.class(), before)
		if !found {
			break
		}
		parameters, final, length := sequence(rest)
		if final == 'm' {
			now.set(parameters)
		}
		text = rest[length:]
	}
	return spans
}

// add joins what looks the same.
func add(spans []span, class, text string) []span {
	if text == "" {
		return spans
	}
	if last := len(spans) - 1; last >= 0 && spans[last].Class == class {
		spans[last].Text += text
		return spans
	}
	return append(spans, span{class, text})
}

// sequence reads what follows an escape character: its parameters and its last character, where it is a control
// sequence, and how long it is. Of a sequence that does not end it takes the first character.
func sequence(text string) (parameters string, final byte, length int) {
	if text == "" {
		return "", 0, 0
	}
	switch text[0] {
	case '[':
		for i := 1; i < len(text) && i < 64; i++ {
			if text[i] >= '@' && text[i] <= '~' {
				return text[1:i], text[i], i + 1
			}
			if text[i] < ' ' || text[i] > '?' {
				break
			}
		}
		return "", 0, 1
	case ']':
		return "", 0, operatingSystemCommand(text)
	}
	if text[0] < ' ' || text[0] > '~' {
		return "", 0, 0
	}
	return "", 0, 1
}

// operatingSystemCommand ends at a bell or at escape and backslash; terminals make links and titles of it.
func operatingSystemCommand(text string) int {
	for i := 1; i < len(text) && i < 4096; i++ {
		switch text[i] {
		case '\a':
			return i + 1
		case escape:
			if strings.HasPrefix(text[i:], "\x1b\\") {
				return i + 2
			}
			return i
		case '\n':
			return i
		}
	}
	return 1
}

// pen is how the text that follows looks. Colours count from 1 as a terminal's 16 do from 0; 0 is none.
type pen struct {
	front, back        int
	bold, italic, line bool
}

func (p *pen) set(parameters string) {
	codes := strings.FieldsFunc(parameters, func(r rune) bool { return r == ';' || r == ':' })
	if len(codes) == 0 {
		*p = pen{}
	}
	for i := 0; i < len(codes); i++ {
		code, err := strconv.Atoi(codes[i])
		if err != nil {
			continue
		}
		switch code {
		case 38, 48:
			colour, used := extended(codes[i+1:])
			if code == 38 {
				p.front = colour
			} else {
				p.back = colour
			}
			i += used
		default:
			p.simple(code)
		}
	}
}

func (p *pen) simple(code int) {
	switch {
	case code == 0:
		*p = pen{}
	case code == 1:
		p.bold = true
	case code == 3:
		p.italic = true
	case code == 4:
		p.line = true
	case code == 22:
		p.bold = false
	case code == 23:
		p.italic = false
	case code == 24:
		p.line = false
	case code >= 30 && code <= 37:
		p.front = code - 30 + 1
	case code == 39:
		p.front = 0
	case code >= 40 && code <= 47:
		p.back = code - 40 + 1
	case code == 49:
		p.back = 0
	case code >= 90 && code <= 97:
		p.front = code - 90 + 9
	case code >= 100 && code <= 107:
		p.back = code - 100 + 9
	}
}

// extended reads the colours beyond 16: 5;n of a palette of 256, or 2;r;g;b. They become the nearest of the 16, which
// can be read on both the page's light and its dark ground.
func extended(codes []string) (colour, used int) {
	number := func(i int) int {
		if i >= len(codes) {
			return 0
		}
		value, err := strconv.Atoi(codes[i])
		if err != nil {
			return 0
		}
		return min(max(value, 0), 255)
	}
	switch number(0) {
	case 5:
		return fromPalette(number(1)), min(2, len(codes))
	case 2:
		return nearest(number(1), number(2), number(3)), min(4, len(codes))
	}
	return 0, min(1, len(codes))
}

func fromPalette(n int) int {
	switch {
	case n < 16:
		return n + 1
	case n >= 232:
		grey := (n - 232) * 10
		return nearest(grey, grey, grey)
	}
	level := func(step int) int { return step * 51 }
	n -= 16
	return nearest(level(n/36), level(n/6%6), level(n%6))
}

// nearest takes a primary colour as present where it is at least half of the strongest.
func nearest(red, green, blue int) int {
	strongest := max(red, green, blue)
	if strongest < 40 {
		return 1
	}
	bit := func(value, weight int) int {
		if value*2 > strongest {
			return weight
		}
		return 0
	}
	colour := bit(red, 1) + bit(green, 2) + bit(blue, 4)
	if strongest >= 192 {
		colour += 8
	}
	return colour + 1
}

func (p *pen) class() string {
	var classes []string
	if p.front > 0 {
		classes = append(classes, "f"+strconv.Itoa(p.front-1))
	}
	if p.back > 0 {
		classes = append(classes, "b"+strconv.Itoa(p.back-1))
	}
	if p.bold {
		classes = append(classes, "bold")
	}
	if p.italic {
		classes = append(classes, "italic")
	}
	if p.line {
		classes = append(classes, "underline")
	}
	return strings.Join(classes, " ")
}
