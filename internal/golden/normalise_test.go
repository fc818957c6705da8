package golden

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

func TestShownIsWhatATerminalShows(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"plain":                     {"a\n\tb", "a\n\tb"},
		"a carriage return":         {"10%\r20%\r100%\nend", "100%\nend"},
		"a shorter text over it":    {"abcdef\rxy", "xycdef"},
		"line ends of Windows":      {"a\r\nb\r\n", "a\nb\n"},
		"backspaces":                {"ab\b\b\b\bxyz", "xyz"},
		"colours":                   {"\x1b[1;31mred\x1b[0m \x1b]8;;link\x07text", "red text"},
		"an erased line":            {"long line\x1b[2K\rok", "ok"},
		"erased to the end":         {"long line\r\x1b[Kok", "ok"},
		"erased before":             {"ab\x1b[1Kc", "abc"},
		"other control characters":  {"a\x00\x01b\x07", "ab"},
		"control characters as are": {"a\x1b[mb\x01\x02c", "abc"},
		"more than ASCII":           {"héé\rxy", "xyé"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, shown(test.text))
		})
	}
}

func TestMasksForgiveWhatDiffersFromRunToRun(t *testing.T) {
	cases := map[string]struct{ one, other string }{
		"addresses":               {"<object at 0x7f12>", "<object at 0x8a00>"},
		"long addresses":          {"ptr 0x7f3a4c001230", "ptr 0x55d0aa001230"},
		"cells of ipykernel":      {"/tmp/ipykernel_12/345.py:3: x", "/tmp/ipykernel_99/1.py:7: x"},
		"cells on other systems":  {`C:\Temp\ipykernel_12\345.py:3: x`, `/var/f/T/ipykernel_1/2.py:1: x`},
		"cells of IPython":        {"<ipython-input-3-0a1b>", "<ipython-input-4-ffff>"},
		"cells of syntax errors":  {"invalid syntax (123.py, line 1)", "invalid syntax (456.py, line 1)"},
		"times":                   {"2024-01-02 03:04:05.678 ok", "2025-11-12T13:14:15Z ok"},
		"times with zones":        {"2024-01-02T03:04:05+01:00", "2024-01-02 03:04"},
		"times of ctime":          {"Wed Nov 25 08:56:27 2026", "Thu Jan  1 00:00:00 UTC 1970"},
		"times of mail":           {"Wed, 25 Nov 2026 08:56:27 GMT", "Thu, 1 Jan 1970 00:00:00 +0000"},
		"times in other orders":   {"25.11.2026 08:56", "1/2/2025, 8:56:01 PM"},
		"a statsmodels summary":   {"Date: Wed, 25 Nov 2026  R: 1\nTime: 08:56:27  L: 2", "Date: Thu, 01 Jan 1970  R: 1\nTime: 10:00:00  L: 2"},
		"timeit":                  {"1.23 µs ± 4.5 ns per loop (mean ± std. dev. of 7 runs, 1,000 loops each)", "9 ms ± 1 us per loop (mean ± std. dev. of 7 runs, 100 loops each)"},
		"old timeit":              {"1000 loops, best of 3: 1.2 ms per loop", "10 loops, best of 3: 900 µs per loop"},
		"slow timeit":             {"The slowest run took 5.97 times longer than the fastest. This could mean that an intermediate result is being cached.", "The slowest run took 4 times longer than the fastest. This could mean that an intermediate result is being cached."},
		"time":                    {"CPU times: user 3 ms, total: 3 ms\nWall time: 3.2 ms", "CPU times: user 9 s, total: 10 s\nWall time: 12 s"},
		"memit":                   {"peak memory: 100.00 MiB, increment: 0.00 MiB", "peak memory: 90.10 MiB, increment: 0.20 MiB"},
		"progress bars":           {"fit: 100%|█████| 10/10 [00:01<00:00, 9.9it/s]", "fit: 100%|█████| 10/10 [00:02<00:00, 4.9it/s]"},
		"progress without an end": {"123it [00:01, 100.0it/s]", "123it [00:09, 10.0it/s]"},
		"progress of Keras":       {"10/10 - 2s 150ms/step - loss: 0.5", "10/10 - 0s 9ms/step - loss: 0.5"},
		"figures":                 {"<Figure size 640x480 with 1 Axes>", "<Figure size 432x288 with 2 Axes>"},
		"axes":                    {"<Axes: title={'center': 'a'}>", "<matplotlib.axes._subplots.AxesSubplot at 0x7f>"},
		"old axes":                {"AxesSubplot(0.125,0.125;0.775x0.755)", "Axes(0.1,0.1;0.7x0.7)"},
		"UUIDs":                   {"id 123e4567-e89b-12d3-a456-426614174000", "id 00000000-0000-0000-0000-000000000000"},
		"scalars of numpy 2":      {"[np.float64(0.5), np.int64(-3), np.str_('a'), np.float32(nan)]", "[0.5, -3, 'a', nan]"},
		"truth of numpy 2":        {"(np.True_, np.complex128(1+2j))", "(True, (1+2j))"},
		"times of numpy 2":        {"np.datetime64('2015-07-04')", "numpy.datetime64('2015-07-04')"},
		"spaces":                  {"  a   b\t\n\n", "a b"},
		"spaces in brackets":      {"[ 0.5  1.2 ]", "[0.5 1.2]"},
	}
	r := mustRules(t, normalizedConfig)
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, r.normalise(test.one), r.normalise(test.other))
		})
	}
}

func TestMasksLeaveData(t *testing.T) {
	cases := map[string]struct{ one, other string }{
		"dates":             {"2024-01-02", "2024-01-03"},
		"times of day":      {"12:30:00", "12:30:01"},
		"long integers":     {"1700000000000", "1700000000001"},
		"seconds":           {"1.5s", "1.6s"},
		"short hexadecimal": {"0xff00", "0xff01"},
		"lines":             {"a\nb", "a b"},
		"names":             {"<Figure> a", "<Figure> b"},
		"losses":            {"10/10 - 2s 150ms/step - loss: 0.5", "10/10 - 2s 150ms/step - loss: 0.6"},
		"words of numpy":    {"np.float64(x)", "x"},
		"case":              {"True", "true"},
	}
	r := mustRules(t, normalizedConfig)
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.NotEqual(t, r.normalise(test.one), r.normalise(test.other))
		})
	}
}

func TestMasksOfTheUser(t *testing.T) {
	no := false
	type config = v1alpha1.ComparisonConfig
	cases := map[string]struct {
		config     config
		text, want string
	}{
		"a mask":                          {config{Masks: []string{`took \d+ ms`}}, "took 5 ms", "<masked>"},
		"before the others":               {config{Masks: []string{`0x\w+`}}, "at 0x7f", "at <masked>"},
		"one that matches nothing too":    {config{Masks: []string{`x*`}}, "axxb", "a<masked>b"},
		"with exact too":                  {config{Strategy: "exact", Masks: []string{`\d`}}, "a 1  ", "a <masked>  "},
		"a pattern of times":              {config{CustomTimestampPatterns: []string{`day \d+`}}, "day 5", "<masked>"},
		"no times":                        {config{IgnoreTimestamps: &no}, "2024-01-02 03:04:05", "2024-01-02 03:04:05"},
		"no times, so no patterns":        {config{IgnoreTimestamps: &no, CustomTimestampPatterns: []string{`day \d+`}}, "day 5", "day 5"},
		"no times, but masks":             {config{IgnoreTimestamps: &no, CustomTimestampPatterns: []string{`day`}, Masks: []string{`\d+`}}, "day 5", "day <masked>"},
		"exact does not forgive patterns": {config{Strategy: "exact", CustomTimestampPatterns: []string{`day \d+`}}, "day 5", "day 5"},
		"exact leaves all else":           {config{Strategy: "exact"}, " \x1b[mat 0x7f\r", " \x1b[mat 0x7f\r"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, mustRules(t, test.config).normalise(test.text))
		})
	}
}

func TestHTMLTextIsWhatAPersonReads(t *testing.T) {
	cases := map[string]struct{ text, want string }{
		"a table":             {`<table id="T_1a2b"><tr><td class=x>a &amp; b</td><td>1</td></tr><tr><td>2</td></tr></table>`, "a & b 1\n2"},
		"styles and scripts":  {`<style>#T_1 {}</style>a<SCRIPT>if (a<b) "</scrip"</Script >b<!-- <b> -->c`, "a b c"},
		"quotes in tags":      {`<a title="x > y" b='>'>z</a>`, "z"},
		"quotes outside tags": {`it's <b>5"</b>`, `it's 5"`},
		"less than":           {"1 < 2 <3", "1 < 2 <3"},
		"what does not end":   {"a<!-- b", "a"},
		"a tag without end":   {"a<b c", "a"},
		"a script without":    {"a<script>b", "a"},
	}
	r := mustRules(t, normalizedConfig)
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, r.normalise(htmlText(test.text)))
		})
	}
}

func TestLongNonsenseIsReadInLittleTime(t *testing.T) {
	const length = 1 << 18
	r := mustRules(t, toleranceConfig)
	pieces := []string{
		"<style><!-- -->", "<a'\"", "</", "<script></", "<", "\r\b\x1b[K", "\x1b]", "1%|a|", "at 0x", "1 s ± ", "<Figure Figure(",
		"np.float64(", "CPU times: ", "it [", "2024-01-02 ", "ipykernel_1/", "[ ", "Date: ", "The slowest run took \n", "1234567-",
	}
	began := time.Now()
	for _, piece := range pieces {
		text := strings.Repeat(piece, length/len(piece))
		_ = r.normalise(htmlText(text))
		_ = r.normalise(text)
	}
	assert.Less(t, time.Since(began), 20*time.Second, "something is quadratic")
}

func FuzzNormalise(f *testing.F) {
	for _, text := range []string{
		"10%\r\x1b[31m20%\x1b[0m\b", "<table><tr><td>1</td></tr>", "at 0x7f 2024-01-02 03:04:05", "[ np.float64(1.5) ]", "a|b 5%|#| [x]",
	} {
		f.Add(text)
	}
	rules := []*rules{mustRules(f, normalizedConfig), mustRules(f, exactConfig)}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range rules {
			if left, right := r.normalise(text), r.normalise(strings.Clone(text)); r.compareTexts(left, right) != nil {
				t.Fatal("one text has two meanings")
			}
		}
		if strings.IndexFunc(shown(text), isControl) >= 0 {
			t.Fatalf("%q shows control characters", text)
		}
		if shown(shown(text)) != shown(text) {
			t.Fatalf("%q is shown in two ways", text)
		}
		_ = htmlText(text)
		_ = evenJSON(text)
		_, _ = window(text, len(text)/2, 100), excerpt(text, len(text))
	})
}
