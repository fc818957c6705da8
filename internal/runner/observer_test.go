package runner_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/facts"
	"mlops.dev/notebook-validator-operator/internal/report"
)

// observe runs cells, each of which may raise, and returns the facts of each.
func observe(t *testing.T, sources ...string) []*facts.Cell {
	t.Helper()
	record := newBenchOf(t, nil, mayRaise(sources)...).run()
	require.True(t, record.Observed, record.ObservedDetail)
	require.True(t, record.Analysis.Done, record.Analysis.Detail)
	var seen []*facts.Cell
	for _, cell := range record.Cells {
		require.NotNil(t, cell.Facts, "cell %d", cell.Index)
		seen = append(seen, cell.Facts)
	}
	return seen
}

// Between its start and the first cell the kernel has the less to do.
func TestTheKernelFindsTheObserverCompiled(t *testing.T) {
	t.Parallel()
	source := "import os, sys\nassert sys.pycache_prefix is None\n" +
		"parts = [m for name, m in sys.modules.items() if name.startswith('_notebook_validator')]\n" +
		"assert len(parts) == 7, parts\n" +
		"print([m.__name__ for m in parts if not os.path.exists(m.__spec__.cached)])"
	record := newBenchOf(t, nil, code(source)).run()
	require.True(t, record.Observed, record.ObservedDetail)
	require.Equal(t, report.CellOK, record.Cells[0].Status, record.Cells[0].Error)
	assert.Equal(t, "[]", record.Cells[0].Output)
}

func mayRaise(sources []string) []part {
	var cells []part
	for _, source := range sources {
		cells = append(cells, code(source, "raises-exception"))
	}
	return cells
}

func TestValuesAreSeenAtTheEndOfTheirCell(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ source, name, want string }{
		"none":              {"x = None", "x", `{"type":"NoneType","none":true}`},
		"a float":           {"x = 1.5", "x", `{"type":"float","scalar":true,"number":1.5}`},
		"not a number":      {"x = float('nan')", "x", `{"type":"float","scalar":true,"nan":1}`},
		"infinite":          {"x = -1e999", "x", `{"type":"float","scalar":true,"inf":1}`},
		"true":              {"x = True", "x", `{"type":"bool","number":1}`},
		"an integer":        {"x = 7", "x", `{"type":"int","scalar":true,"number":7}`},
		"too large for one": {"x = 10 ** 400", "x", `{"type":"int","scalar":true}`},
		"complex":           {"x = complex(1, float('nan'))", "x", `{"type":"complex","scalar":true,"nan":1}`},
		"a text":            {"x = 'secret'", "x", `{"type":"str","len":6}`},
		"a list":            {"x = [1, None, float('inf'), [float('nan')]]", "x", `{"type":"list","len":4,"nan":1,"inf":1,"missing":1}`},
		"a dict":            {"x = {'a': 1.0, 'b': float('nan')}", "x", `{"type":"dict","len":2,"nan":1,"badKeys":["b"]}`},
		"a coroutine":       {"async def f(): pass\nx = f()", "x", `{"type":"coroutine","coroutine":true}`},
		"a process":         {"import subprocess\nx = subprocess.run(['false'])", "x", `{"type":"subprocess.CompletedProcess","returnCode":1}`},
		"an object": {"class M:\n    pass\nx = M()\nx.loss = float('nan')", "x",
			`{"type":"__main__.M","attributes":{"loss":{"type":"float","scalar":true,"nan":1}}}`},
		"its attribute": {"class M:\n    pass\nm = M()\nm.loss = 2", "m.loss", `{"type":"int","scalar":true,"number":2}`},
		"slots": {"class S:\n    __slots__ = ('a', 'b')\nx = S()\nx.a = None", "x",
			`{"type":"__main__.S","attributes":{"a":{"type":"NoneType","none":true}}}`},
		"what is gone":        {"x = 1\ndel x", "x", ""},
		"a module":            {"import os as x", "x", ""},
		"after a cell raised": {"x = 1\n1 / 0", "x", `{"type":"int","scalar":true,"number":1}`},
		"awaited at the top": {"import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 3\nx = await f()", "x",
			`{"type":"int","scalar":true,"number":3}`},
	}
	var sources, names []string
	for name, test := range cases {
		names, sources = append(names, name), append(sources, test.source)
	}
	for i, seen := range observe(t, sources...) {
		test := cases[names[i]]
		value, found := seen.Values[test.name]
		if test.want == "" {
			assert.False(t, found, names[i])
			continue
		}
		got, err := json.Marshal(value)
		require.NoError(t, err)
		assert.JSONEq(t, test.want, string(got), names[i])
	}
}

func TestArraysAndTablesAreCounted(t *testing.T) {
	t.Parallel()
	imports := "import numpy as np, pandas as pd\n"
	cases := map[string]struct{ source, want string }{
		"clean":      {"x = np.arange(3.0)", `{"type":"numpy.ndarray","shape":[3],"size":3,"dtype":"float64"}`},
		"some":       {"x = np.array([1, np.nan, np.inf])", `{"type":"numpy.ndarray","shape":[3],"size":3,"dtype":"float64","nan":1,"inf":1}`},
		"all":        {"x = np.full((2, 2), np.nan)", `{"type":"numpy.ndarray","shape":[2,2],"size":4,"dtype":"float64","nan":4,"allNaN":true}`},
		"one number": {"x = np.array(2.5)", `{"type":"numpy.ndarray","size":1,"dtype":"float64","scalar":true,"number":2.5}`},
		"a scalar":   {"x = np.float32('nan')", `{"type":"numpy.float32","scalar":true,"nan":1}`},
		"no time":    {"x = np.array(['2020-01-01', 'NaT'], 'M8[D]')", `{"type":"numpy.ndarray","shape":[2],"size":2,"dtype":"datetime64[D]","missing":1}`},
		"masked": {"x = np.ma.array([1.0, np.nan], mask=[False, True])",
			`{"type":"numpy.ma.core.MaskedArray","shape":[2],"size":2,"dtype":"float64","missing":1}`},
		"empty": {"x = np.array([])", `{"type":"numpy.ndarray","shape":[0],"size":0,"dtype":"float64"}`},
		"sampled": {"x = np.lib.stride_tricks.as_strided(np.zeros(1), (50_000_000,), (0,))",
			`{"type":"numpy.ndarray","shape":[50000000],"size":50000000,"dtype":"float64","sampled":true}`},
		"a frame": {"x = pd.DataFrame({'a': [1.0, np.nan], 'b': [None, None], 'c': [np.inf, 1]})",
			`{"type":"pandas.core.frame.DataFrame","shape":[2,3],"size":6,"nan":1,"inf":1,"missing":2,"allNaNColumns":["b"],"infColumns":["c"]}`},
		"equal names": {"x = pd.DataFrame([[1.0, np.nan]], columns=['a', 'a'])",
			`{"type":"pandas.core.frame.DataFrame","shape":[1,2],"size":2,"nan":1,"allNaNColumns":["a"]}`},
		"levels": {"x = pd.DataFrame([[np.nan]], columns=pd.MultiIndex.from_tuples([('a', 1)]))",
			`{"type":"pandas.core.frame.DataFrame","shape":[1,1],"size":1,"nan":1,"allNaN":true,"allNaNColumns":["(a, 1)"]}`},
		"nullable": {"x = pd.Series([1, None], dtype='Int64')",
			`{"type":"pandas.core.series.Series","shape":[2],"size":2,"dtype":"Int64","missing":1}`},
		"groups": {"x = pd.DataFrame({'a': [1]}).groupby('a')", `{"type":"pandas.core.groupby.generic.DataFrameGroupBy"}`},
	}
	var sources, names []string
	for name, test := range cases {
		names, sources = append(names, name), append(sources, imports+test.source)
	}
	for i, seen := range observe(t, sources...) {
		got, err := json.Marshal(seen.Values["x"])
		require.NoError(t, err)
		assert.JSONEq(t, cases[names[i]].want, string(got), names[i])
	}
}

func TestCallsOfTheNotebooksOwnFunctionsAreSeen(t *testing.T) {
	t.Parallel()
	seen := observe(t,
		"\n\ndef area(r, *rest, unit=1):\n    squared = r * float('nan')\n    return squared\n"+
			"class Model:\n    def fit(self, data):\n        self.loss = float('inf')\n        return self\n"+
			"m = Model()",
		"for i in range(50):\n    area(i)",
		"m.fit([1])",
		"def swallow():\n    def inner():\n        raise ValueError\n    try:\n        inner()\n    except ValueError:\n        pass\n"+
			"async def later():\n    import asyncio\n    await asyncio.sleep(0.001)\n    return None\n"+
			"def count():\n    yield 1\n    yield 2\n    return 3\nswallow(); list(count()); await later()",
	)
	require.Len(t, seen[1].Calls, 3, "a few calls of each are enough")
	call := seen[1].Calls[0]
	assert.Equal(t, "area", call.Function)
	assert.Equal(t, 3, call.Line)
	assert.Contains(t, call.Arguments, "r")
	assert.Contains(t, call.Arguments, "rest")
	assert.EqualValues(t, 1, call.Values["squared"].NaN)
	assert.EqualValues(t, 1, call.Returned.NaN)

	require.Len(t, seen[2].Calls, 1)
	assert.Equal(t, "Model.fit", seen[2].Calls[0].Function)
	assert.EqualValues(t, 1, seen[2].Calls[0].Arguments["self"].Attributes["loss"].Inf)

	returned := map[string]facts.Call{}
	for _, call := range seen[3].Calls {
		returned[call.Function] = call
	}
	assert.EqualValues(t, 3, *returned["count"].Returned.Number)
	assert.True(t, returned["later"].Returned.None)
	assert.False(t, returned["later"].Raised)
	assert.Contains(t, returned, "swallow")
}

// A class that looks at its own names is left alone, and with it the cells that use it, but no others.
func TestAClassThatLooksAtItsNamesHidesOnlyItself(t *testing.T) {
	t.Parallel()
	seen := observe(t,
		"class Show:\n    def one(self, text):\n        return eval(text)\nclass Table:\n    def rate(self):\n        found = None\n        return 1",
		"Show().one('1')",
		"t = Table()\nt.rate()",
		"u = Table()\nu.show = Show()",
		"u.rate()",
	)
	assert.Empty(t, seen[1].Calls)
	require.Len(t, seen[2].Calls, 1)
	assert.Equal(t, "Table.rate", seen[2].Calls[0].Function)
	assert.True(t, seen[2].Calls[0].Values["found"].None)
	assert.Empty(t, seen[4].Calls)
}

// To follow calls takes time, before Python 3.12 a lot: what a notebook may spend on it is soon used up.
func TestFunctionsThatAreCalledLateAreSeen(t *testing.T) {
	t.Parallel()
	seen := observe(t,
		"def one(x):\n    return x\ndef spin(n):\n    total = 0\n    for i in range(n):\n        total += one(i)\n    return total\n"+
			"def late(x):\n    y = x / 2\n    return y\n"+
			"class Model:\n    def fit(self, x):\n        self.half = x / 2\n",
		strings.Repeat("n = spin(400_000)\n", 6)+"half = late(n)",
		strings.Repeat("n = spin(100_000)\n", 6)+"m = Model()\nm.fit(n)",
		"half = late(3)",
	)
	called := func(cell int) []string {
		var names []string
		for _, call := range seen[cell].Calls {
			names = append(names, call.Function)
		}
		return names
	}
	assert.Contains(t, called(1), "late", "in the cell that uses it up")
	assert.Contains(t, called(2), "Model.fit")
	assert.Contains(t, called(3), "late")
}

func TestWhatGoesWrongBesideTheValuesIsSeen(t *testing.T) {
	t.Parallel()
	seen := observe(t,
		"import warnings\n\nwarnings.warn('careful')",
		"with warnings.catch_warnings(record=True):\n    warnings.warn('kept by the notebook')",
		"import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start(); t.join()",
		"!exit 3\n!true",
		"out = !exit 4",
		"1 + 1;",
		"print('x')",
		"import sys\nsys.exit(0)",
	)
	assert.Equal(t, []facts.Warning{{Category: "UserWarning", Message: "careful", Line: 3, Own: true}}, seen[0].Warnings)
	assert.Empty(t, seen[1].Warnings)
	assert.Equal(t, []string{"ZeroDivisionError"}, seen[2].Threads)
	for cell, code := range map[int]int{3: 3, 4: 4} {
		require.NotNil(t, seen[cell].ExitCode)
		assert.Equal(t, code, *seen[cell].ExitCode)
	}
	require.Len(t, seen[5].Displayed, 1, "a semicolon hides it from people only")
	assert.EqualValues(t, 2, *seen[5].Displayed[0].Number)
	assert.Nil(t, seen[5].ExitCode)
	require.Len(t, seen[6].Displayed, 1)
	assert.True(t, seen[6].Displayed[0].None)
	assert.Empty(t, seen[7].Warnings, "IPython's advice on how to exit is not the notebook's")
}

func TestNamesThatAreAskedForAreSeenInEveryCell(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, nil, code("a = 1"), code("b = 2"))
	bench.flags = []string{"--watch=a", "--watch=no_such"}
	record := bench.run()
	assert.Contains(t, record.Cells[1].Facts.Values, "a")
	assert.NotContains(t, record.Cells[1].Facts.Values, "no_such")
}

func TestWithoutAnObserverNothingIsSaidToBeClean(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, nil, code("a = 1"))
	bench.flags = []string{"--no-observer"}
	record := bench.run()
	assert.Equal(t, report.OutcomeCompleted, record.Outcome)
	assert.False(t, record.Observed)
	assert.Equal(t, "it was not asked for", record.ObservedDetail)
	assert.False(t, record.Analysis.Done)
	assert.Nil(t, record.Cells[0].Facts)
}

func TestAnotherLanguageIsNotObserved(t *testing.T) {
	t.Parallel()
	bench := newBenchOf(t, map[string]any{"kernelspec": map[string]any{"name": "speaks_r", "display_name": "R", "language": "R"}}, code("1"))
	root := t.TempDir()
	folder := filepath.Join(root, "kernels", "speaks_r")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	spec, err := json.Marshal(map[string]any{
		"argv": []string{python(t), "-m", "ipykernel_launcher", "-f", "{connection_file}"}, "display_name": "R", "language": "R"})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "kernel.json"), spec, 0o600))
	bench.environ = append(bench.environ, "JUPYTER_PATH="+root)
	record := bench.run()
	assert.Equal(t, report.OutcomeCompleted, record.Outcome)
	assert.False(t, record.Observed)
	assert.Equal(t, "the kernel's language is R", record.ObservedDetail)
	assert.False(t, record.Analysis.Done)
}

// TestGarbageInPlaceOfFacts writes into the observer's own file, as a notebook can.
func TestGarbageInPlaceOfFacts(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"no JSON":        `b"\x00\xff{\n"`,
		"half a line":    `b"{"`,
		"too much":       `b"x" * (5 << 20)`,
		"deep":           `b"[" * 60_000 + b"\n"`,
		"another form":   `('{"key": "%s", "facts": {"values": {}}}\n' % key).encode()`,
		"an empty key":   `b'{"key": null, "facts": null}\n'`,
		"numbers unreal": `('{"key": "%s", "facts": NaN}\n' % key).encode()`,
	}
	source := `import glob, hashlib, os, tempfile
key = hashlib.sha256(get_ipython().history_manager.input_hist_raw[-1].encode()).hexdigest()
path, = glob.glob(os.path.join(tempfile.gettempdir(), "nbv-*", "facts.jsonl"))
def spoil(_):
    get_ipython().events.unregister("post_run_cell", spoil)
    with open(path, "ab") as file:
        file.write(GARBAGE)
get_ipython().events.register("post_run_cell", spoil)`
	for name, garbage := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := newBenchOf(t, nil, code("GARBAGE = lambda key: "+garbage), code(
				regexp.MustCompile(`GARBAGE`).ReplaceAllString(source, "GARBAGE(key)")), code("x = 1")).run()
			assert.Equal(t, report.OutcomeCompleted, record.Outcome)
			require.NotNil(t, record.Cells[2].Facts, "what the notebook wrote is skipped")
			assert.EqualValues(t, 1, *record.Cells[2].Facts.Values["x"].Number)
		})
	}
}

// TestTheObserverIsNotNoticed runs nasty notebooks with and without it: every
// output, traceback and execution count must be the same.
func TestTheObserverIsNotNoticed(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{
		"tracebacks": {
			"def f(x):\n    return 1 / x\ndef g():\n    f(0)\ng()", "def fail(self):\n    raise ValueError('r')\nA = type('A', (), {'__repr__': fail})\nA()",
			"def stop(self):\n    raise KeyboardInterrupt\nB = type('B', (), {'__repr__': stop})\nB()", "return 1", "x = = 1", "1 / 0;", "nonlocal q",
			"import warnings\nwarnings.simplefilter('error')\nwarnings.warn('w')", "!sleep 1 &", "out = !sleep 1 &",
			"def r(n): return r(n + 1)\nr(0)", "%%time\n1 / 0", "%%capture c\n1 / 0", "import sys\nsys.exit(3)",
			"import asyncio\nasync def h():\n    await asyncio.sleep(0)\n    return 1 / 0\nawait h()",
		},
		"names and counts": {
			"_", "1", "_", "None;", "_", "Out", "In", "len(globals())", "dir()", "get_ipython().execution_count", "_i, _ii, _iii",
			"sorted(name for name in globals() if 'notebook' in name)",
		},
		"a reset and lost names": {"x = 1\nx", "%reset -f", "dir()", "y = 2\ny", "del y", "y"},
		"warnings": {
			"import warnings\ndef f(): warnings.warn('a')\nf(); f()", "f()", "for i in range(3): warnings.warn('l')",
			"def mine(*a, **k): print('mine', a[0])\nwarnings.showwarning = mine", "warnings.warn('b')", "warnings.showwarning is mine",
			"with warnings.catch_warnings(record=True) as w:\n    warnings.simplefilter('always')\n    warnings.warn('c')\nlen(w)",
			"warnings.simplefilter('always'); open('/dev/null')", "import logging; logging.captureWarnings(True); warnings.warn('d')",
		},
		"a display hook of its own": {
			"import sys\nsys.displayhook = lambda v: print('H', v)\n5", "6", "7;", "None",
			"get_ipython().ast_node_interactivity = 'all'", "1\n2\n3",
		},
		"values that talk": {
			"class E:\n    def __getattr__(self, n): print('GETATTR', n); raise RuntimeError(n)\n    def __len__(self): print('LEN'); return 1\n" +
				"    def __bool__(self): print('BOOL'); return True\n    def __eq__(self, o): print('EQ'); return True\n" +
				"    def __hash__(self): print('HASH'); return 1\n    def __iter__(self): print('ITER'); return iter([])\n" +
				"    @property\n    def __class__(self): print('CLASS'); return int\n" +
				"    @property\n    def __dict__(self): print('DICT'); return {}\n    def __array__(self): print('ARRAY')\ne = E()",
			"class Meta(type):\n    def __getattribute__(c, n): print('MG', n); return type.__getattribute__(c, n)\n" +
				"    def __instancecheck__(c, o): print('IC'); return True\n    def __hash__(c): print('MH'); return 1\n" +
				"    def __eq__(c, o): print('ME'); return True\nclass F(metaclass=Meta): pass\nf = F()",
			"class D(dict):\n    def items(self): print('ITEMS'); return []\n    def __len__(self): print('DL'); return 0\n" +
				"    def __iter__(self): print('DI'); return iter([])\nd = D(a=1)\nl = [D(a=float('nan')), e]",
			"class K:\n    def __repr__(self): print('KR'); return 'k'\nk = {K(): float('nan')}", "def use(x): return x\nu = use(e)",
		},
		"functions that look around": {
			"def f(a):\n    kw = locals()\n    abs(3)\n    b = 2\n    return kw\nf(1)",
			"import weakref\nclass O: pass\ndef h():\n    o = O(); return weakref.ref(o)\nh()() is None",
			"def w():\n    file = open('written', 'w'); file.write('hello')\nw(); open('written').read()",
			"def gen():\n    try:\n        yield 1\n    finally: print('finally')\nnext(gen())",
			"import sys\ndef depth():\n    n, frame = 0, sys._getframe()\n    while frame: n, frame = n + 1, frame.f_back\n    return n\ndepth()",
			"def rec(n): return n if n == 0 else rec(n - 1)\nrec(900)", "sys.getrecursionlimit()",
			"sys.setprofile(lambda *a: None)\ndef q(): return 1\nq()", "sys.setprofile(None)",
			"import threading\ndef name(): return threading.Thread().name\nname()", "threading.active_count()",
		},
		"objects that look around": {
			"def deep(n):\n    try:\n        return deep(n + 1)\n    except RecursionError:\n        return n",
			"class L:\n    def look(self):\n        kw = locals()\n        abs(3)\n        b = 2\n        return sorted(kw), deep(0)",
			"class M(L):\n    def go(self): return self.look()", "m = M()\nm.go()",
			"class H:\n    def go(self): return self.held.look()\nh = H()", "h.held = L()", "h.go()",
			"class G:\n    def __init__(self): self.all = []\n    def add(self, one): self.all.append(one)\n" +
				"    def go(self): return [one.look() for one in self.all]\ng = G()\nl = L()", "g.add(l)", "g.go()",
		},
		"shell lines": {
			"!false", "_exit_code", "out = !echo hi; exit 3\nout", "x = 'a b'\n!echo {x}", "def t(v):\n    !echo {v}\nt(4)",
			"def t2(v):\n    o = !echo {v}\n    return o\nt2(5)", "%sx echo 3", "!echo a; kill -9 $$",
		},
		"threads": {
			"import threading\ndef die(): 1 / 0\nt = threading.Thread(target=die); t.start(); t.join()",
			"t = threading.Thread(target=lambda: exit()); t.start(); t.join()",
		},
	}
	changing := regexp.MustCompile(`/tmp/[^" ]*/ipykernel_\d+|0x[0-9a-f]+`)
	for name, sources := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outputs := func(flags ...string) []string {
				bench := newBenchOf(t, nil, mayRaise(sources)...)
				bench.environ, bench.flags = append(bench.environ, "PYTHONHASHSEED=0"), flags
				observed := bench.run().Observed
				assert.Equal(t, len(flags) == 0, observed)
				var all []string
				for _, cell := range bench.executed().Cells {
					data, err := json.Marshal([]any{cell.ExecutionCount, cell.Outputs})
					require.NoError(t, err)
					all = append(all, changing.ReplaceAllString(string(data), "*"))
				}
				return all
			}
			with, without := outputs(), outputs("--no-observer")
			for i := range sources {
				assert.Equal(t, without[i], with[i], sources[i])
			}
		})
	}
}
