package explain_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/explain"
	"mlops.dev/notebook-validator-operator/internal/rules"
)

func run(arguments ...string) (string, error) {
	cmd := explain.New()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetArgs(arguments)
	err := cmd.Execute()
	return out.String(), err
}

func TestEveryRuleIsExplained(t *testing.T) {
	t.Parallel()
	list, err := run("--list")
	require.NoError(t, err)
	for _, rule := range rules.All() {
		t.Run(rule.ID, func(t *testing.T) {
			t.Parallel()
			assert.Contains(t, list, "\n"+rule.ID+" ")
			text, err := run(strings.ToLower(rule.ID))
			require.NoError(t, err)
			for _, part := range []string{rule.ID + ": " + rule.Title, "Why: " + rule.Why, "Fix: " + rule.Fix, "production", rule.Link()} {
				assert.Contains(t, text, part)
			}
			if rule.Milder != nil {
				assert.Contains(t, text, rule.Milder.When)
			}
		})
	}
}

func TestSeveralRulesAtOnce(t *testing.T) {
	t.Parallel()
	text, err := run("nb101", "NB102")
	require.NoError(t, err)
	assert.Less(t, strings.Index(text, "NB101: "), strings.Index(text, "NB102: "))
}

func TestWhatIsNoRuleIsSaid(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		arguments []string
		says      string
	}{
		"nothing":            {nil, "name a rule, or see all of them with --list"},
		"almost a rule":      {[]string{"nb1022"}, "there is no rule nb1022; did you mean NB102?"},
		"no rule":            {[]string{"everything"}, "there is no rule everything; see all of them with --list"},
		"the second is none": {[]string{"NB102", "nothing at all"}, "there is no rule nothing at all"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := run(test.arguments...)
			require.ErrorContains(t, err, test.says)
			assert.Empty(t, text)
			var coded interface{ ExitCode() int }
			require.ErrorAs(t, err, &coded)
			assert.Equal(t, 5, coded.ExitCode())
		})
	}
}
