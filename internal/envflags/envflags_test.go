package envflags

import (
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// given are the flags of a command.
type given struct {
	image  string
	number int
	on     bool
	wait   time.Duration
	pairs  map[string]string
	list   []string
}

func parse(t *testing.T, args ...string) (*given, *Variables, error) {
	t.Helper()
	g, flags := &given{}, pflag.NewFlagSet("a", pflag.ContinueOnError)
	flags.StringVar(&g.image, "operator-image", "default", "")
	flags.IntVar(&g.number, "max-builds", 1, "")
	flags.BoolVar(&g.on, "on", false, "")
	flags.DurationVar(&g.wait, "wait", time.Second, "")
	flags.StringToStringVar(&g.pairs, "pairs", map[string]string{"a": "1", "b": "2"}, "")
	flags.StringSliceVar(&g.list, "list", nil, "")
	flags.Bool("help", false, "")
	require.NoError(t, flags.Parse(args))
	v := &Variables{Prefix: "TEST", Also: map[string]string{"operator-image": "THE_IMAGE"}}
	return g, v, v.Apply(flags)
}

func TestAVariableGivesAFlagItsValue(t *testing.T) {
	for name, value := range map[string]string{
		"TEST_OPERATOR_IMAGE": "image:1", "TEST_MAX_BUILDS": "7", "TEST_ON": "true", "TEST_WAIT": "1m30s", "TEST_PAIRS": "c=3", "TEST_LIST": "x,y",
		"TEST_HELP": "true", "TEST_NOTHING": "x",
	} {
		t.Setenv(name, value)
	}
	g, v, err := parse(t)
	require.NoError(t, err)
	assert.Equal(t, &given{
		image: "image:1", number: 7, on: true, wait: 90 * time.Second,
		pairs: map[string]string{"c": "3"}, // in place of the defaults, as an argument
		list:  []string{"x", "y"},
	}, g)
	assert.Equal(t, "TEST_MAX_BUILDS", v.Origin("max-builds"))
}

func TestWhichValueOfAFlagWins(t *testing.T) {
	for name, test := range map[string]struct {
		environment map[string]string
		args        []string
		image       string
		origin      string
	}{
		"nothing is given":                           {nil, nil, "default", "--operator-image"},
		"an argument":                                {map[string]string{"TEST_OPERATOR_IMAGE": "a", "THE_IMAGE": "b"}, []string{"--operator-image=c"}, "c", "--operator-image"},
		"an argument that is empty":                  {map[string]string{"TEST_OPERATOR_IMAGE": "a"}, []string{"--operator-image="}, "", "--operator-image"},
		"the variable with the prefix":               {map[string]string{"TEST_OPERATOR_IMAGE": "a", "THE_IMAGE": "b"}, nil, "a", "TEST_OPERATOR_IMAGE"},
		"the other variable":                         {map[string]string{"THE_IMAGE": "b"}, nil, "b", "THE_IMAGE"},
		"a variable that is empty says nothing":      {map[string]string{"TEST_OPERATOR_IMAGE": "", "THE_IMAGE": "b"}, nil, "b", "THE_IMAGE"},
		"variables that are empty leave the default": {map[string]string{"TEST_OPERATOR_IMAGE": "", "THE_IMAGE": ""}, nil, "default", "--operator-image"},
	} {
		t.Run(name, func(t *testing.T) {
			for name, value := range test.environment {
				t.Setenv(name, value)
			}
			g, v, err := parse(t, test.args...)
			require.NoError(t, err)
			assert.Equal(t, test.image, g.image)
			assert.Equal(t, test.origin, v.Origin("operator-image"))
		})
	}
}

func TestABadValueIsToldByTheNameOfItsVariable(t *testing.T) {
	for variable, value := range map[string]string{"TEST_MAX_BUILDS": "ten", "TEST_ON": "perhaps", "TEST_WAIT": "30", "TEST_PAIRS": "cpu"} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, value)
			_, _, err := parse(t)
			require.ErrorContains(t, err, "environment variable "+variable+` is "`+value+`": `)
		})
	}
}
