package files_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/validate/files"
)

func TestWhereReportsGo(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		said   []string
		output string
		want   []files.Output
		err    string
	}{
		"nothing said":               {nil, "", []files.Output{{Format: files.Text}}, ""},
		"one":                        {[]string{"json"}, "", []files.Output{{Format: files.JSON}}, ""},
		"one into a file":            {[]string{"junit"}, "x.xml", []files.Output{{files.JUnit, "x.xml"}, {Format: files.Text}}, ""},
		"several":                    {[]string{"text", "html=out", "json=a=b"}, "", []files.Output{{Format: files.Text}, {files.HTML, "out"}, {files.JSON, "a=b"}}, ""},
		"text beside files":          {[]string{"html=out"}, "", []files.Output{{files.HTML, "out"}, {Format: files.Text}}, ""},
		"one with a path, one in it": {[]string{"html=out", "json"}, "j", []files.Output{{files.HTML, "out"}, {files.JSON, "j"}, {Format: files.Text}}, ""},
		"unknown":                    {[]string{"xml"}, "", nil, "-o xml: there are"},
		"no path":                    {[]string{"html="}, "", nil, "-o html=: the path is missing"},
		"two for one place":          {[]string{"html", "json"}, "x", nil, "more than one -o"},
		"a path alone":               {nil, "x", nil, "--output x: say with -o"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := files.ParseOutputs(test.said, test.output)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}
