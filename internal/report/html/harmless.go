package html

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// allowedElements show text, tables and pictures, and do nothing.
var allowedElements = setOf(`a abbr b big blockquote br caption center cite code col colgroup dd del details dfn div dl dt
	em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img input ins kbd label li main mark ol p pre q rp rt ruby s
	samp section small span strong strike style sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr`)

// silencedElements go together with what is inside them: it is not text for people.
var silencedElements = setOf(`script noscript template iframe frame frameset noframes noembed object embed applet svg math
	title textarea select audio video canvas plaintext xmp`)

// allowedAttributes hold no address and name no action. Styles that load nothing are allowed: a table's colours mean
// something.
var allowedAttributes = setOf(`align bgcolor border cellpadding cellspacing char class color colspan datetime dir for
	headers height id lang nowrap open reversed rowspan rules scope size span start style summary title type valign value
	width checked`)

// voidElements have no end.
var voidElements = setOf(`br col hr img input wbr`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

// harmless reduces HTML of a notebook to elements and attributes that are known to do nothing. dropped tells whether
// something was taken out that may have been the point of it: a script, a frame, a drawing.
func harmless(source string) (result string, dropped bool) {
	var out strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(source))
	tokens.SetMaxBuf(maxFrame)
	silenced := ""
	depth, inStyle := 0, false
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		switch {
		case silenced != "":
			if depth += nesting(token, silenced); depth == 0 {
				silenced = ""
			}
		case inStyle && token.Type == html.TextToken:
			// Its text is not escaped, so that it must not hold what begins a tag.
			if harmlessStyle(token.Data) {
				out.WriteString(strings.ReplaceAll(token.Data, "<", ""))
			}
		case isTag(token) && silencedElements[token.Data]:
			dropped = dropped || token.Data != "title"
			if token.Type == html.StartTagToken {
				silenced, depth = token.Data, 1
			}
		default:
			inStyle = token.Data == "style" && token.Type == html.StartTagToken
			out.WriteString(harmlessToken(token))
		}
	}
	return out.String(), dropped
}

// nesting says how much deeper inside elements of the name a token leads.
func nesting(token html.Token, name string) int {
	switch {
	case token.Data != name:
		return 0
	case token.Type == html.StartTagToken:
		return 1
	case token.Type == html.EndTagToken:
		return -1
	}
	return 0
}

func isTag(token html.Token) bool {
	return token.Type == html.StartTagToken || token.Type == html.EndTagToken || token.Type == html.SelfClosingTagToken
}

func harmlessToken(token html.Token) string {
	switch {
	case token.Type == html.TextToken:
		return token.String()
	case !isTag(token) || !allowedElements[token.Data]:
		return ""
	case token.Type == html.EndTagToken:
		if voidElements[token.Data] {
			return ""
		}
		return token.String()
	}
	token.Attr = slices.DeleteFunc(token.Attr, func(attribute html.Attribute) bool {
		return attribute.Namespace != "" || !allowedAttribute(token.Data, attribute)
	})
	if token.Data == "input" && !isCheckbox(token) {
		return ""
	}
	return token.String()
}

func allowedAttribute(element string, attribute html.Attribute) bool {
	if element == "img" {
		switch attribute.Key {
		case "alt":
			return true
		case "src":
			return isImageAddress(attribute.Val)
		}
	}
	return allowedAttributes[attribute.Key] && (attribute.Key != "style" || harmlessStyle(attribute.Val))
}

// loadingStyles are the ways in which a style can ask for a file; a backslash can disguise every one of them.
var loadingStyles = []string{"url(", "@import", "image-set(", "src(", "image(", "\\"}

func harmlessStyle(style string) bool {
	style = strings.ToLower(style)
	return !slices.ContainsFunc(loadingStyles, func(way string) bool { return strings.Contains(style, way) })
}

// isImageAddress allows what the page shows of other outputs, too.
func isImageAddress(address string) bool {
	kind, data, found := strings.Cut(strings.TrimSpace(address), ";base64,")
	mime, isData := strings.CutPrefix(kind, "data:")
	if !found || !isData || magic[mime] == nil {
		return false
	}
	if _, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(data), "")); err != nil {
		return false
	}
	return imageBytes(mime, data) != nil
}

// isCheckbox is true for what opens and closes a part by styles alone.
func isCheckbox(token html.Token) bool {
	return slices.ContainsFunc(token.Attr, func(attribute html.Attribute) bool {
		return attribute.Key == "type" && strings.EqualFold(attribute.Val, "checkbox")
	})
}

// textOf returns what a reader would see of HTML as text: cells of a table apart, rows on lines of their own.
func textOf(source string) string {
	var out strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(source))
	tokens.SetMaxBuf(maxFrame)
	hidden := ""
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		switch {
		case hidden != "":
			if token.Type == html.EndTagToken && token.Data == hidden {
				hidden = ""
			}
		case token.Type == html.StartTagToken && (token.Data == "style" || silencedElements[token.Data]):
			hidden = token.Data
		case token.Type == html.TextToken:
			out.WriteString(whiteSpace.ReplaceAllString(token.Data, " "))
		case token.Type == html.EndTagToken && (token.Data == "td" || token.Data == "th"):
			out.WriteByte('\t')
		case breaking[token.Data]:
			out.WriteByte('\n')
		}
	}
	return collapse(out.String())
}

var (
	// breaking elements stand on lines of their own.
	breaking   = setOf(`tr p div br li table pre h1 h2 h3 h4`)
	whiteSpace = regexp.MustCompile(`\s+`)
	aroundTab  = regexp.MustCompile(` *\t *`)
)

// collapse drops lines of which nothing is left.
func collapse(text string) string {
	var lines []string
	for line := range strings.Lines(aroundTab.ReplaceAllString(text, "\t")) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
