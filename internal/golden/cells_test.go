package golden

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

func TestCompareOutputsOfACell(t *testing.T) {
	type (
		config  = v1alpha1.ComparisonConfig
		outputs = []nbformat.Output
	)
	no := false
	png := func(data string) nbformat.Output {
		return display("image/png", data, "text/plain", "<Figure size 1x1 with 1 Axes>")
	}
	one, two := code("a", "f()", stdout("x")), code("a", "f()", stdout("x"))
	*two.ExecutionCount = 2
	cases := map[string]struct {
		config         config
		golden, actual outputs
		// want is a part of the message, empty where both are the same.
		want string
	}{
		"the same":                        {config{}, outputs{stdout("a"), plain("1")}, outputs{stdout("a"), plain("1")}, ""},
		"pieces of streams":               {config{}, outputs{stdout("a"), stderr("w"), stdout("b\n")}, outputs{stdout("ab")}, ""},
		"an empty line is nothing":        {config{}, outputs{stdout("\n"), plain("1")}, outputs{plain("1")}, ""},
		"another line":                    {config{}, outputs{stdout("a\nb\n")}, outputs{stdout("a\nc\n")}, `stdout, line 2: "b" was expected and "c" came`},
		"a line too few":                  {config{}, outputs{stdout("a\nb\n")}, outputs{stdout("a")}, `stdout ends too early, the golden notebook goes on with "b"`},
		"a line too many":                 {config{}, outputs{stdout("a")}, outputs{stdout("a\nb\n")}, `stdout goes on with "b", where the golden notebook ends`},
		"an empty line more inside":       {config{}, outputs{stdout("a\nb")}, outputs{stdout("a\n\nb")}, `stdout, line 2: "b" was expected and "" came`},
		"nothing printed":                 {config{}, outputs{stdout("a")}, outputs{}, `stdout is empty, the golden notebook has "a"`},
		"something printed":               {config{}, outputs{}, outputs{stdout("a")}, `stdout is empty in the golden notebook, this run has "a"`},
		"a near number":                   {config{}, outputs{plain("[0.1 2. ]")}, outputs{plain("[0.10000001 2. ]")}, ""},
		"a far number":                    {config{}, outputs{plain("loss 0.25 of 2")}, outputs{plain("loss 0.26 of 2")}, "the result: 0.25 was expected and 0.26 came (relative difference 0.038, allowed is 1e-06); 1 of 2 numbers differ"},
		"another integer":                 {config{}, outputs{plain("13 rows")}, outputs{plain("12 rows")}, "13 was expected and 12 came, whole numbers must be the same"},
		"NaN came":                        {config{}, outputs{plain("0.5")}, outputs{plain("nan")}, "the result: 0.5 was expected and nan came"},
		"a number more":                   {config{}, outputs{plain("[1. 2.]")}, outputs{plain("[1. 2. 3.]")}, "was expected and"},
		"normalized and a number":         {config{Strategy: "normalized"}, outputs{plain("0.10000001")}, outputs{plain("0.1")}, "(relative difference 1e-07)"},
		"rows left out":                   {config{}, outputs{plain("0 1.0\n.. ...\n9 2.0")}, outputs{plain("0 1.0\n8 2.0\n9 2.0")}, "line 2"},
		"stderr":                          {config{}, outputs{stderr("a")}, outputs{stderr("b")}, ""},
		"stderr is looked at":             {config{CompareStderr: true}, outputs{stderr("a")}, outputs{stderr("b")}, `stderr: "a" was expected`},
		"plain decides, not HTML":         {config{}, outputs{result("text/plain", "1", "text/html", "<b>1</b>")}, outputs{result("text/plain", "1", "text/html", "<b>2</b>")}, ""},
		"HTML, without its tags":          {config{}, outputs{display("text/html", `<b id="a1">x</b>`)}, outputs{display("text/html", `<b id="b2">x</b>`)}, ""},
		"HTML, other text":                {config{}, outputs{display("text/html", "<b>x</b>")}, outputs{display("text/html", "<b>y</b>")}, `output 1 as text/html: "x" was expected and "y" came`},
		"HTML where plain names a type":   {config{}, outputs{display("text/plain", "<IPython.core.display.HTML object>", "text/html", "x")}, outputs{display("text/plain", "<IPython.core.display.HTML object>", "text/html", "y")}, "as text/html"},
		"nothing but the name of a type":  {config{}, outputs{plain("<a.B at 0x7f00>")}, outputs{plain("<a.B at 0x8000>")}, ""},
		"another type":                    {config{}, outputs{plain("<a.B at 0x7f00>")}, outputs{plain("<a.C at 0x8000>")}, "the result"},
		"JSON in another order":           {config{}, outputs{display("application/json", `{"a":1,"b":[2]}`)}, outputs{display("application/json", `{"b":[2],"a":1}`)}, ""},
		"JSON with another number":        {config{}, outputs{display("application/vnd.plotly.v1+json", `{"a":1.5}`)}, outputs{display("application/vnd.plotly.v1+json", `{"a":1.6}`)}, "1.5 was expected and 1.6 came"},
		"Markdown":                        {config{}, outputs{display("text/markdown", "# a")}, outputs{display("text/markdown", "# b")}, "as text/markdown"},
		"a form that both have":           {config{}, outputs{result("text/plain", "x", "text/html", "1")}, outputs{result("text/html", "1")}, ""},
		"no form that both have":          {config{}, outputs{result("text/plain", "x")}, outputs{result("text/html", "1")}, "has other forms than in the golden notebook: text/html instead of text/plain"},
		"forms that are no text":          {config{}, outputs{display("application/pdf", "x")}, outputs{display("application/pdf", "y")}, ""},
		"an output too many":              {config{}, outputs{display("text/plain", "1")}, outputs{display("text/plain", "1"), plain("2")}, "the result is not in the golden notebook"},
		"an output too few":               {config{}, outputs{display("text/plain", "1"), display("text/plain", "2")}, outputs{display("text/plain", "1")}, "output 2 is missing, the golden notebook has it"},
		"images are there":                {config{}, outputs{png("AAAA")}, outputs{png("BBBB")}, ""},
		"an image is gone":                {config{}, outputs{png("AAAA")}, outputs{display("text/plain", "<Figure size 1x1 with 1 Axes>")}, "output 1 has other forms than in the golden notebook: none instead of image/png"},
		"another kind of image":           {config{}, outputs{display("image/png", "A")}, outputs{display("image/svg+xml", "A")}, "image/svg+xml instead of image/png"},
		"images exactly":                  {config{Images: "exact"}, outputs{png("AA\nAA\n")}, outputs{png("AAAA")}, ""},
		"images exactly, and others":      {config{Images: "exact"}, outputs{png("AAAA")}, outputs{png("BBBB")}, "output 1 is another image (image/png)"},
		"images are not looked at":        {config{Images: "ignore"}, outputs{png("AAAA"), plain("1")}, outputs{plain("1")}, ""},
		"the same error":                  {config{}, outputs{raised("KeyError", "at 0x7f00")}, outputs{raised("KeyError", "at 0x8000")}, ""},
		"another error":                   {config{}, outputs{raised("KeyError", "'a'")}, outputs{raised("ValueError", "'a'")}, `the error is "ValueError", and "KeyError" in the golden notebook`},
		"an error says other things":      {config{}, outputs{raised("KeyError", "'a'")}, outputs{raised("KeyError", "'b'")}, "the message of the KeyError"},
		"an error came":                   {config{}, outputs{plain("1")}, outputs{raised("KeyError", "'b'")}, `it raised "KeyError" where the golden notebook has the result`},
		"an error came at the end":        {config{}, outputs{}, outputs{raised("KeyError", "'b'")}, `it raised "KeyError", and did not in the golden notebook`},
		"an error did not come":           {config{}, outputs{raised("KeyError", "'b'")}, outputs{plain("1")}, `it raised nothing, and "KeyError" in the golden notebook`},
		"an error did not come at all":    {config{}, outputs{raised("KeyError", "'b'")}, outputs{}, `it raised nothing, and "KeyError" in the golden notebook`},
		"widgets":                         {config{}, outputs{display(widgetView, `{"model_id":"1"}`, "text/plain", "Box(1)")}, outputs{}, ""},
		"ignored streams":                 {config{IgnoreOutputTypes: []string{"stream"}}, outputs{stdout("a")}, outputs{stdout("b")}, ""},
		"ignored errors":                  {config{IgnoreOutputTypes: []string{"error"}}, outputs{raised("A", "")}, outputs{}, ""},
		"an ignored form":                 {config{IgnoreOutputTypes: []string{"text/plain"}}, outputs{result("text/plain", "1", "text/html", "x")}, outputs{result("text/plain", "2", "text/html", "x")}, ""},
		"a value of ignored forms only":   {config{IgnoreOutputTypes: []string{"text/plain"}}, outputs{plain("1")}, outputs{}, ""},
		"random numbers":                  {config{}, outputs{plain("[0.12 0.34\n 0.56]")}, outputs{plain("[0.99 0.01 0.77]")}, "random numbers without a seed look like this"},
		"exact, the same":                 {exactConfig, outputs{stdout("a"), stdout("b"), plain("1")}, outputs{stdout("ab"), plain("1")}, ""},
		"exact, a space":                  {exactConfig, outputs{stdout("a ")}, outputs{stdout("a")}, "stdout"},
		"exact, another form":             {exactConfig, outputs{result("text/plain", "1", "text/html", "a")}, outputs{result("text/plain", "1", "text/html", "b")}, "the result as text/html"},
		"exact, a form is gone":           {exactConfig, outputs{result("text/plain", "1", "text/html", "a")}, outputs{result("text/plain", "1")}, "text/plain instead of text/html, text/plain"},
		"exact, displayed":                {exactConfig, outputs{plain("1")}, outputs{display("text/plain", "1")}, "the result is displayed by a call, and the value of the last line in the golden notebook"},
		"exact, another image":            {exactConfig, outputs{png("AAAA")}, outputs{png("BBBB")}, "is another image"},
		"exact, images are not looked at": {config{Strategy: "exact", Images: "ignore"}, outputs{png("AAAA"), plain("1")}, outputs{png("BBBB"), plain("1")}, ""},
		"exact, a time":                   {exactConfig, outputs{stdout("2024-01-02 03:04:05")}, outputs{stdout("2024-01-02 03:04:06")}, "stdout"},
		"a time":                          {config{}, outputs{stdout("2024-01-02 03:04:05")}, outputs{stdout("2024-01-02 03:04:06")}, ""},
		"times count":                     {config{IgnoreTimestamps: &no}, outputs{stdout("2024-01-02 03:04:05")}, outputs{stdout("2024-01-02 03:04:06")}, "stdout"},
		"too large to be kept":            {config{}, outputs{stderr(leftOut + "\n")}, outputs{stdout("1")}, "too large to be kept in one of the notebooks"},
		"both too large to be kept":       {config{}, outputs{stderr(leftOut + "\n")}, outputs{stderr(leftOut + "\n")}, "too large to be kept in either notebook"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			golden, actual := code("a", "f()", test.golden...), code("a", "f()", test.actual...)
			diff := mustRules(t, test.config).compareCells(&actual, &golden)
			if test.want == "" {
				assert.Nil(t, diff)
				return
			}
			require.NotNil(t, diff)
			assert.Contains(t, diff.Message, test.want)
		})
	}
	t.Run("execution counts", func(t *testing.T) {
		assert.Nil(t, mustRules(t, config{}).compareCells(&one, &two))
		diff := mustRules(t, config{IgnoreExecutionCount: &no}).compareCells(&one, &two)
		require.NotNil(t, diff)
		assert.Equal(t, "In [2]", diff.Expected)
		assert.Equal(t, "In [1]", diff.Actual)
		assert.Nil(t, mustRules(t, config{IgnoreExecutionCount: &no}).compareCells(&one, &one))
	})
}
