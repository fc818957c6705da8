package golden

import (
	"regexp"
	"strings"
)

// masked is written in place of what a mask of the user matches.
const masked = "<masked>"

// mask forgives one kind of text that differs from run to run.
type mask struct {
	// needs is a word without which the pattern cannot match: most texts need no look at most masks.
	needs       string
	pattern     *regexp.Regexp
	replacement string
}

// runMasks hide what belongs to one process or one moment.
var runMasks = []mask{
	{"Figure", regexp.MustCompile(`<Figure [^<>\n]*>|\bFigure\([^()\n]*\)`), "<Figure>"},
	{"Axes", regexp.MustCompile(`<(?:[\w.]+\.)?Axes\w*\b[^<>\n]*>|\bAxes\w*\([^()\n]*\)`), "<Axes>"},
	{"0x", regexp.MustCompile(`\bat 0x[0-9a-fA-F]+|\b0x[0-9a-fA-F]{9,16}\b`), "<address>"},
	{"ipykernel_", regexp.MustCompile(`[^\s"'(<]*ipykernel_\d+[/\\]+\d+\.py(?::\d+)?`), "<cell>"},
	{"<ipython-input-", regexp.MustCompile(`<ipython-input-\d+-[0-9a-f]+>`), "<cell>"},
	{".py, line", regexp.MustCompile(`\(\d+\.py, line`), "(<cell>, line"},
	{"per loop", regexp.MustCompile(`[\d.]+ ?(?:[nuµμm]?s|min|h) ± [^\n]*? per loop(?: \([^\n)]*\))?`), "<timing>"},
	{"per loop", regexp.MustCompile(`[\d,]+ loops?, best of \d+: [^\n]*? per loop`), "<timing>"},
	{"The slowest run took", regexp.MustCompile(`The slowest run took [^\n]*(?:\n[^\n]*cached\.)?`), "<timing>"},
	{"CPU times", regexp.MustCompile(`CPU times: [^\n]*`), "<timing>"},
	{"Wall time", regexp.MustCompile(`Wall time: [^\n]*`), "<timing>"},
	{"peak memory", regexp.MustCompile(`peak memory: [^\n]*`), "<memory>"},
	{"%|", regexp.MustCompile(`(?m)^[^\n]*?\d{1,3}%\|[^\n|]*\|[^\n]*\[[^\n\]]*\][^\n]*$`), "<progress>"},
	{"it [", regexp.MustCompile(`(?m)^[^\n]*?\d+it \[[^\n\]]*\][^\n]*$`), "<progress>"},
	{"/step", regexp.MustCompile(`(?:\d+[hms] ?|\d+:\d+ ?)?\d+[mµμun]?s/step`), "<timing>"},
	{"-", regexp.MustCompile(`\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`), "<uuid>"},
}

// timeMasks hide dates with a time of day. A date alone is data, and so is a time alone.
var timeMasks = []mask{
	{":", regexp.MustCompile(`\b\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z\b| ?[+-]\d{2}:?\d{2}\b| UTC\b)?`), "<time>"},
	{":", regexp.MustCompile(`\b\d{1,2}[./]\d{1,2}[./]\d{4},? \d{1,2}:\d{2}(?::\d{2})?(?: [AP]M\b)?`), "<time>"},
	{":", regexp.MustCompile(`\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d ` +
		`\d{2}:\d{2}:\d{2}(?: [A-Z]{2,5})? \d{4}\b`), "<time>"},
	{":", regexp.MustCompile(`\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} ` +
		`\d{2}:\d{2}(?::\d{2})?(?: (?:[A-Z]{2,5}|[+-]\d{4}))?\b`), "<time>"},
	// The head of a statsmodels summary: the date in one line of a table, the time of day in the next.
	{"Date:", regexp.MustCompile(`\bDate: +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} \w{3} \d{4}\b`), "Date: <time>"},
	{"Time:", regexp.MustCompile(`\bTime: +\d{2}:\d{2}:\d{2}\b`), "Time: <time>"},
}

// numpyScalar is how numpy 2 shows a scalar; numpy 1 shows the number alone.
var numpyScalar = regexp.MustCompile(`\bnp\.(?:(?:float|int|uint)\d+|longdouble|u?longlong|u?intc|half|bool|bool_|str_|bytes_)` +
	`\(([-+]?(?:nan|inf|[\d.][-+\w.]*)|True|False|b?'[^'\n]*'|b?"[^"\n]*")\)`)

var (
	numpyComplex = regexp.MustCompile(`\bnp\.c(?:omplex\d+|longdouble)\(([^()\n]*)\)`)
	numpyTime    = strings.NewReplacer("numpy.datetime64(", "np.datetime64(", "numpy.timedelta64(", "np.timedelta64(")
	numpyBool    = regexp.MustCompile(`\bnp\.(True|False)_?\b`)
)

// asOldNumpy writes the scalars of numpy 2 as numpy 1 does, so that a golden notebook outlives the change.
func asOldNumpy(text string) string {
	text = numpyTime.Replace(text)
	if !strings.Contains(text, "np.") {
		return text
	}
	text = numpyScalar.ReplaceAllString(text, "$1")
	text = numpyComplex.ReplaceAllString(text, "($1)")
	return numpyBool.ReplaceAllString(text, "$1")
}

func applyMasks(text string, masks []mask) string {
	for _, m := range masks {
		if strings.Contains(text, m.needs) {
			text = m.pattern.ReplaceAllLiteralString(text, m.replacement)
		}
	}
	return text
}

// maskOwn applies the user's masks. A pattern that also matches nothing, such as x*, hides only what it finds.
func (r *rules) maskOwn(text string) string {
	for _, pattern := range r.own {
		text = pattern.ReplaceAllStringFunc(text, func(match string) string {
			if match == "" {
				return ""
			}
			return masked
		})
	}
	return text
}
