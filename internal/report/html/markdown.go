package html

import (
	"regexp"
	"strings"
)

// block is a paragraph, a heading, an item of a list or a piece of code of a Markdown cell.
type block struct {
	// Kind is text, heading, item or code.
	Kind string
	// Level of a heading, from 1.
	Level int
	Spans []span
}

var (
	heading = regexp.MustCompile(`^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$`)
	item    = regexp.MustCompile(`^\s*(?:[-*+]|\d{1,3}[.)])\s+(.*)$`)
	fence   = regexp.MustCompile("^ {0,3}(```+|~~~+)")
	inline  = regexp.MustCompile("`([^`\n]+)`|\\*\\*([^*\n]+)\\*\\*|__([^_\n]+)__|\\*([^*\\s][^*\n]*)\\*")
)

// markdown reads what most texts are made of. Everything else, HTML and formulas among it, stays as it was written:
// this is a page about code, and a text that is shown as it is deceives nobody.
func markdown(source string) []block {
	reader := &markdownReader{}
	for line := range strings.Lines(source) {
		reader.line(strings.TrimSuffix(line, "\n"))
	}
	reader.end()
	return reader.blocks
}

type markdownReader struct {
	blocks []block
	// lines of the block that is being read.
	lines []string
	kind  string
	// fence that ends a piece of code, empty outside of one.
	fence string
}

func (r *markdownReader) line(line string) {
	mark := fence.FindStringSubmatch(line)
	switch {
	case r.fence != "":
		if mark != nil && strings.HasPrefix(mark[1], r.fence) {
			r.end()
			return
		}
		r.lines = append(r.lines, line)
	case mark != nil:
		r.start("code")
		r.fence = mark[1]
	case strings.TrimSpace(line) == "":
		r.end()
	case heading.MatchString(line):
		r.end()
		parts := heading.FindStringSubmatch(line)
		r.blocks = append(r.blocks, block{Kind: "heading", Level: len(parts[1]), Spans: inlineSpans(parts[2])})
	case item.MatchString(line):
		r.start("item")
		r.lines = append(r.lines, item.FindStringSubmatch(line)[1])
	default:
		if isRow := strings.HasPrefix(line, "|"); isRow != (r.kind == "code") || r.kind == "" {
			r.start(kindOf(isRow))
		}
		r.lines = append(r.lines, line)
	}
}

// kindOf keeps the columns of a table below one another.
func kindOf(isRow bool) string {
	if isRow {
		return "code"
	}
	return "text"
}

func (r *markdownReader) start(kind string) {
	r.end()
	r.kind = kind
}

func (r *markdownReader) end() {
	text := strings.Join(r.lines, "\n")
	switch {
	case r.kind == "code":
		r.blocks = append(r.blocks, block{Kind: "code", Spans: plain(text)})
	case text != "":
		r.blocks = append(r.blocks, block{Kind: r.kind, Spans: inlineSpans(text)})
	}
	r.lines, r.kind, r.fence = nil, "", ""
}

func inlineSpans(text string) []span {
	var spans []span
	for {
		at := inline.FindStringSubmatchIndex(text)
		if at == nil {
			return add(spans, "", text)
		}
		spans = add(spans, "", text[:at[0]])
		for group, class := range []string{"code", "bold", "bold", "italic"} {
			if start := at[2+2*group]; start >= 0 {
				spans = add(spans, class, text[start:at[3+2*group]])
			}
		}
		text = text[at[1]:]
	}
}
