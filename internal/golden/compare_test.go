package golden

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

const (
	matched    = v1alpha1.ComparisonMatched
	mismatched = v1alpha1.ComparisonMismatched
	failed     = v1alpha1.ComparisonFailed
)

func TestCompareNotebooks(t *testing.T) {
	type config = v1alpha1.ComparisonConfig
	good, bad := stdout("good"), stdout("bad")
	first := code("a", "f()", good)
	cases := map[string]struct {
		config         config
		actual, golden *nbformat.Notebook
		verdict        v1alpha1.ComparisonVerdict
		// message is a part of the result's message, diff of the first diff's, note of the notes.
		message, diff, note string
	}{
		"the same":                     {config{}, notebook(first, code("b", "g()")), notebook(first, code("b", "g()")), matched, "2 of 2 compared cells match", "", ""},
		"a cell differs":               {config{}, notebook(first, code("b", "g()", bad)), notebook(first, code("b", "g()", good)), mismatched, "1 of 2 compared cells differ", "stdout", ""},
		"golden was never executed":    {config{}, only(good), only(), failed, "golden was never executed", "", ""},
		"no golden notebook":           {config{}, only(good), nil, failed, "no notebook to compare with", "", ""},
		"no executed notebook":         {config{}, nil, only(good), failed, "no notebook to compare with", "", ""},
		"a bad configuration":          {config{Masks: []string{"("}}, only(good), only(good), failed, "masks[0]", "", ""},
		"a cell is missing":            {config{}, notebook(first), notebook(first, code("b", "g()\nh()")), mismatched, "", `the cell is missing, the golden notebook has it: "g()"`, ""},
		"a cell is extra":              {config{}, notebook(first, code("b", "g()")), notebook(first), mismatched, "", `the cell is not in the golden notebook: "g()"`, ""},
		"another source":               {config{}, notebook(first, code("b", "h()")), notebook(first, code("b", "g()")), matched, "", "", "cell 1 has another source"},
		"another order":                {config{}, notebook(code("b", "g()"), first), notebook(first, code("b", "g()")), matched, "", "", "cell 1 stands at another place"},
		"another text":                 {config{}, notebook(first, nbformat.Cell{Type: "markdown", Source: "a"}), notebook(first), matched, "", "", "the Markdown text"},
		"a skipped cell":               {config{}, notebook(first, unrun(tagged(code("b", "g()"), "skip-execution"))), notebook(first, code("b", "g()", good)), matched, "1 of 1", "", ""},
		"a cell that golden skips":     {config{}, notebook(first, code("b", "g()", bad)), notebook(first, tagged(code("b", "g()"), "skip-execution")), matched, "1 of 1", "", ""},
		"an extra skipped cell":        {config{}, notebook(first, tagged(code("b", "g()"), "skip-execution")), notebook(first), matched, "1 of 1", "", "cell 1 is in one of the notebooks only"},
		"a cell that was not run":      {config{}, notebook(first, unrun(code("b", "g()"))), notebook(first, code("b", "g()", good)), matched, "1 of 1", "", "1 cell was not compared: the run ended before"},
		"two cells that were not run":  {config{}, notebook(first, unrun(code("b", "g()")), unrun(code("c", "h()"))), notebook(first, code("b", "g()"), code("c", "h()")), matched, "", "", "2 cells were not compared"},
		"no cell was run":              {config{}, notebook(unrun(first)), notebook(first), failed, "the run ended before the first cell", "", "1 cell was not compared"},
		"counts that were taken out":   {config{}, notebook(withoutCount(first), unrun(code("b", "g()"))), notebook(first, code("b", "g()", good)), mismatched, "", "stdout is empty", ""},
		"golden did not run the cell":  {config{}, notebook(first, code("b", "g()", bad)), notebook(first, unrun(code("b", "g()"))), mismatched, "", "stdout is empty in the golden notebook", ""},
		"ignored by a tag":             {config{}, notebook(first, tagged(code("b", "g()", bad), "nbval-ignore-output")), notebook(first, code("b", "g()", good)), matched, "1 of 1", "", ""},
		"ignored by a comment":         {config{}, notebook(first, code("b", "#NBVAL_IGNORE_OUTPUT\ng()", bad)), notebook(first, code("b", "g()", good)), matched, "1 of 1", "", "cell 1 has another source"},
		"a comment wins over a tag":    {config{}, notebook(first, tagged(code("b", "  ## NBVAL_CHECK_OUTPUT\ng()", bad), "nbval-ignore-output")), notebook(first, code("b", "g()", good)), mismatched, "", "stdout", "cell 1 has another source"},
		"a comment must fill the line": {config{}, notebook(first, code("b", "g() # NBVAL_IGNORE_OUTPUT", bad)), notebook(first, code("b", "g()", good)), mismatched, "", "stdout", "cell 1 has another source"},
		"skipped by a tag":             {config{}, notebook(first, tagged(code("b", "g()", bad), "nbval-skip", "nbval-check-output")), notebook(first, code("b", "g()", good)), matched, "1 of 1", "", ""},
		"skipped by a comment":         {config{}, notebook(first, code("b", "# NBVAL_SKIP\ng()", bad)), notebook(first, code("b", "g()", good)), matched, "1 of 1", "", "cell 1 has another source"},
		"all are ignored":              {config{}, notebook(tagged(first, "nbval-ignore-output")), notebook(first), failed, "every code cell is empty, skipped, or tagged", "", ""},
		"marked only":                  {config{MarkedOnly: true}, notebook(code("a", "f()", bad), tagged(code("b", "g()", good), "nbval-check-output"), code("c", "h()")), notebook(first, code("b", "g()", good)), matched, "1 of 1", "", "cell 2 is in one of the notebooks only"},
		"a marked one differs":         {config{MarkedOnly: true}, notebook(first, code("b", "# NBVAL_CHECK_OUTPUT\ng()", bad)), notebook(first, code("b", "g()", good)), mismatched, "1 of 1", "stdout", "cell 1 has another source"},
		"none is marked":               {config{MarkedOnly: true}, notebook(first), notebook(first), failed, "markedOnly is set, and no cell that ran is tagged nbval-check-output", "", ""},
		"injected parameters":          {config{}, notebook(tagged(code("p", "x = 1", bad), "injected-parameters"), first), notebook(first), matched, "1 of 1", "", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			result := Compare(test.actual, test.golden, test.config)
			assert.Equal(t, test.verdict, result.Verdict)
			assert.Contains(t, result.Message, test.message)
			assert.Equal(t, result.TotalCells, result.Matched+result.Mismatched)
			if notes := strings.Join(result.Notes, "\n"); test.note == "" {
				assert.Empty(t, notes)
			} else {
				assert.Contains(t, notes, test.note)
			}
			assert.Equal(t, test.verdict == mismatched, len(result.Diffs) > 0)
			if test.diff != "" {
				require.NotEmpty(t, result.Diffs)
				assert.Contains(t, result.Diffs[0].Message, test.diff)
			}
		})
	}
}

func withoutCount(cell nbformat.Cell) nbformat.Cell {
	cell.ExecutionCount = nil
	return cell
}

func TestCompareTellsThePlace(t *testing.T) {
	golden := notebook(code("a", "f()", stdout("1")), code("gone", "old()"), code("b", "g()", stdout("x")))
	actual := notebook(code("new", "n()"), code("a", "f()", stdout("1")), code("b", "g()", stdout("y")))
	result := Compare(actual, golden, v1alpha1.ComparisonConfig{})
	assert.Equal(t, v1alpha1.StrategyTolerance, result.Strategy)
	at := func(n int) *int { return &n }
	require.Len(t, result.Diffs, 3)
	assert.Equal(t, Diff{Cell: at(0), CellID: "new", Message: `the cell is not in the golden notebook: "n()"`}, result.Diffs[0])
	assert.Equal(t, Diff{GoldenCell: at(1), CellID: "gone", Message: `the cell is missing, the golden notebook has it: "old()"`}, result.Diffs[1])
	assert.Equal(t, Diff{Cell: at(2), GoldenCell: at(2), CellID: "b", Message: `stdout: "x" was expected and "y" came`,
		Expected: "x", Actual: "y"}, result.Diffs[2])
}

func TestCompareIsBounded(t *testing.T) {
	t.Run("diffs", func(t *testing.T) {
		result := Compare(many(MaxDiffs+7, "a"), many(MaxDiffs+7, "b"), v1alpha1.ComparisonConfig{})
		assert.Equal(t, MaxDiffs+7, result.Mismatched)
		assert.Len(t, result.Diffs, MaxDiffs)
		assert.Equal(t, 7, result.OmittedDiffs)
	})
	t.Run("notes", func(t *testing.T) {
		golden := many(100, "a")
		for i := range golden.Cells {
			golden.Cells[i].Source = "old"
		}
		result := Compare(many(100, "a"), golden, v1alpha1.ComparisonConfig{})
		assert.Equal(t, matched, result.Verdict)
		assert.Len(t, result.Notes, maxNotes+1)
		assert.Equal(t, "50 more notes were left out", result.Notes[maxNotes])
	})
	t.Run("texts", func(t *testing.T) {
		same := strings.Repeat("the same\n", 10000)
		result := Compare(only(stdout(same+"new\n"+same)), only(stdout(same+"old\n"+same)), v1alpha1.ComparisonConfig{})
		diff := result.Diffs[0]
		assert.Equal(t, `stdout, line 10001: "old" was expected and "new" came`, diff.Message)
		assert.LessOrEqual(t, max(len(diff.Expected), len(diff.Actual)), MaxDiffBytes)
		assert.Contains(t, diff.Expected, "old")
		assert.Contains(t, diff.Actual, "new")
	})
	t.Run("messages", func(t *testing.T) {
		long := strings.Repeat("é", 5000)
		result := Compare(only(stdout("new"+long)), only(raised(long, long)), v1alpha1.ComparisonConfig{})
		assert.LessOrEqual(t, len(result.Diffs[0].Message), 1000)
	})
}

func TestRandomNumbersAreKnown(t *testing.T) {
	cases := map[string]struct {
		golden, actual string
		want           bool
	}{
		"an array":                    {"array([0.1234, 0.5, 0.9])", "array([0.3421, 0.6, 0.1])", true},
		"an array in other lines":     {"array([-0.1234,\n 0.5, 0.9])", "array([ 0.3421, 0.6,\n 0.1])", true},
		"a frame, its index the same": {"  a  b\n0 0.12 0.5\n1 0.9 0.3", "  a  b\n0 0.77 0.1\n1 0.2 0.8", true},
		"random integers":             {"[5 0 3 3 7]", "[9 0 2 1 4]", true},
		"one number":                  {"accuracy 0.93", "accuracy 0.91", false},
		"one of many":                 {"[0.1 0.2 0.3]", "[0.1 0.2 0.4]", false},
		"drift of all":                {"[0.1 0.2 0.3]", "[0.10001 0.20002 0.30003]", false},
		"another text":                {"loss [0.1 0.2 0.3]", "gain [0.4 0.5 0.6]", false},
		"another length":              {"[0.1 0.2 0.3]", "[0.4 0.5 0.6 0.7]", false},
		"another type":                {"[0.1 0.2 0.3]", "[4 True 6]", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			result := Compare(only(plain(test.actual)), only(plain(test.golden)), v1alpha1.ComparisonConfig{})
			require.Len(t, result.Diffs, 1)
			assert.Equal(t, test.want, result.Diffs[0].Random)
			assert.Equal(t, test.want, strings.Contains(result.Diffs[0].Message, "set one (np.random.seed(0), random_state=0)"))
		})
	}
}

func TestAFewRandomNumbersAreKnownByTheSource(t *testing.T) {
	cases := map[string]struct {
		source, golden, actual string
		want                   bool
	}{
		"drawn":                {"np.random.rand()", "0.93", "0.12", true},
		"split":                {"train_test_split(x, y)", "accuracy 0.93", "accuracy 0.91", true},
		"an integer":           {"random.randint(1, 6)", "6", "2", true},
		"not drawn":            {"score()", "0.93", "0.12", false},
		"with a seed":          {"np.random.seed(0)\nnp.random.rand()", "0.93", "0.12", false},
		"with a random state":  {"train_test_split(x, y, random_state=1)", "0.93", "0.12", false},
		"with a generator":     {"np.random.default_rng( 5)", "0.93", "0.12", false},
		"hardly another":       {"np.random.rand()", "0.9300", "0.9301", false},
		"one of two":           {"np.random.rand()", "0.93 0.5", "0.12 0.5", false},
		"no number":            {"np.random.rand()", "yes", "no", false},
		"a text with a number": {"np.random.rand()", "a 0.93", "b 0.12", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			result := Compare(notebook(code("a", test.source, plain(test.actual))), notebook(code("a", test.source, plain(test.golden))),
				v1alpha1.ComparisonConfig{})
			require.Len(t, result.Diffs, 1)
			assert.Equal(t, test.want, result.Diffs[0].Random)
			assert.Equal(t, test.want, strings.Contains(result.Diffs[0].Message, "draws random numbers and sets no seed"))
		})
	}
}

// printouts are what libraries print, with numbers of all shapes.
func printouts(t testing.TB) *nbformat.Notebook {
	t.Helper()
	data, err := os.ReadFile("testdata/printouts.ipynb")
	require.NoError(t, err)
	parsed, err := nbformat.Parse(data)
	require.NoError(t, err)
	return parsed
}

func TestOnePercentIsFoundAndNoiseIsNot(t *testing.T) {
	golden := printouts(t)
	require.Equal(t, matched, Compare(golden, golden, v1alpha1.ComparisonConfig{}).Verdict)
	floats := 0
	for _, at := range numbersIn(golden) {
		if !isFloat(at.token.text) {
			continue
		}
		floats++
		more := replaced(t, golden, at, scaled(at.token.text, 1.01))
		assert.Equal(t, mismatched, Compare(more, golden, v1alpha1.ComparisonConfig{}).Verdict, "1 %% of %s in cell %d", at.token.text, at.cell)
		n, _ := numberOf(at.token.text)
		noisy := replaced(t, golden, at, signed(at.token.text, fmt.Sprintf("%.17g", n.value*(1+1e-12))))
		assert.Equal(t, matched, Compare(noisy, golden, v1alpha1.ComparisonConfig{}).Verdict, "1e-12 of %s in cell %d", at.token.text, at.cell)
	}
	assert.Greater(t, floats, 150)
}

func TestOneMoreIsFoundInEveryInteger(t *testing.T) {
	golden := printouts(t)
	integers := 0
	for _, at := range numbersIn(golden) {
		n, good := numberOf(at.token.text)
		if !good || !n.whole {
			continue
		}
		integers++
		more := replaced(t, golden, at, fmt.Sprint(int64(n.value)+1))
		assert.Equal(t, mismatched, Compare(more, golden, v1alpha1.ComparisonConfig{}).Verdict, "%s in cell %d", at.token.text, at.cell)
	}
	assert.Greater(t, integers, 50)
}

func FuzzCompare(f *testing.F) {
	data, err := os.ReadFile("testdata/printouts.ipynb")
	require.NoError(f, err)
	f.Add(data, uint16(3), "0.5", uint8(0))
	f.Add([]byte(`{"nbformat":4,"cells":[{"cell_type":"code","source":"f()","execution_count":1,"outputs":[{"output_type":"stream",
		"text":"1.5"},{"output_type":"error","ename":"E","evalue":"v"},{"output_type":"display_data","data":{"text/html":"<b>2</b>"}}]}]}`),
		uint16(0), "<b", uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, which uint16, text string, setting uint8) {
		original, err := nbformat.Parse(data)
		if err != nil {
			return
		}
		config := []v1alpha1.ComparisonConfig{{}, normalizedConfig, exactConfig, {CompareStderr: true, Images: "exact"}}[setting%4]
		itself := Compare(original, original, config)
		if itself.Verdict == mismatched {
			t.Fatalf("a notebook differs from itself: %s", itself.Diffs[0].Message)
		}
		changed := *original
		spots := numbersIn(original)
		if len(spots) > 0 {
			changed = *replaced(t, original, spots[int(which)%len(spots)], text)
		}
		there, back := Compare(&changed, original, config), Compare(original, &changed, config)
		if there.Verdict != back.Verdict || there.Mismatched != back.Mismatched {
			t.Fatalf("one way %s (%s), the other way %s (%s)", there.Verdict, there.Message, back.Verdict, back.Message)
		}
		for _, diff := range there.Diffs {
			if len(diff.Expected) > MaxDiffBytes || len(diff.Actual) > MaxDiffBytes || len(diff.Message) > 1000 {
				t.Fatalf("a diff is too large: %s", diff.Message)
			}
			_ = Lines(diff.Expected, diff.Actual)
		}
	})
}
