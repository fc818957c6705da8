package golden

import (
	"html"
	"strings"
)

// htmlText returns the text of HTML, a line for each row or paragraph: without tags, and so without the ids of a moment,
// without styles and scripts. It reads the text once, whatever a stranger wrote.
func htmlText(text string) string {
	var result strings.Builder
	for at := 0; at < len(text); {
		open := strings.IndexByte(text[at:], '<')
		if open < 0 {
			result.WriteString(text[at:])
			break
		}
		result.WriteString(text[at : at+open])
		at += open
		end := tagEnd(text[at:])
		if end == 0 {
			result.WriteByte('<')
			at++
			continue
		}
		name, opens := tagName(text[at:]), text[at+1] != '/'
		at += end
		if opens && (name == "style" || name == "script") {
			at += contentEnd(text[at:], name)
		}
		result.WriteByte(gap(name))
	}
	return withoutEmptyLines(html.UnescapeString(result.String()))
}

// tagEnd returns the length of the tag or comment at the beginning of a text, 0 if there is none. One that does not end
// reaches to the end, as it does in a browser.
func tagEnd(text string) int {
	if strings.HasPrefix(text, "<!--") {
		if end := strings.Index(text, "-->"); end >= 0 {
			return end + len("-->")
		}
		return len(text)
	}
	if len(text) < 2 || (!isLetter(text[1]) && !strings.ContainsRune("/!?", rune(text[1]))) {
		return 0
	}
	quote := byte(0)
	for i := 1; i < len(text); i++ {
		switch char := text[i]; {
		case quote != 0:
			if char == quote {
				quote = 0
			}
		case char == '>':
			return i + 1
		case (char == '"' || char == '\'') && text[i-1] == '=':
			quote = char
		}
	}
	return len(text)
}

// tagName returns the name in a tag, in lower case and without the slash of one that closes.
func tagName(text string) string {
	text = strings.TrimPrefix(text[1:], "/")
	length := 0
	for length < len(text) && length < 10 && (isLetter(text[length]) || isDigit(text[length])) {
		length++
	}
	return strings.ToLower(text[:length])
}

// contentEnd returns where the closing tag of a style or script begins.
func contentEnd(text, name string) int {
	for at := 0; ; at += 2 {
		next := strings.Index(text[at:], "</")
		if next < 0 {
			return len(text)
		}
		at += next
		if tagName(text[at:]) == name {
			return at
		}
	}
}

// gap is what stands in place of a tag: rows and paragraphs begin lines.
func gap(name string) byte {
	switch name {
	case "tr", "br", "p", "div", "li", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre":
		return '\n'
	}
	return ' '
}

func withoutEmptyLines(text string) string {
	var result strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			result.WriteString(line)
		}
	}
	return result.String()
}

func isLetter(char byte) bool { return (char|0x20) >= 'a' && (char|0x20) <= 'z' }
