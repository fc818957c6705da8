package expected

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/facts"
	"mlops.dev/notebook-validator-operator/internal/rules"
)

func ptr[T any](value T) *T { return &value }

func displaying(v facts.Value) Cell {
	return Cell{Index: 2, ID: "abc", Tags: []string{"result"}, Ran: true, Facts: &facts.Cell{
		Displayed: []facts.Value{{Type: "str"}, v}, Values: map[string]facts.Value{"x": v},
	}}
}

func broken(cells []Cell, e v1alpha1.ExpectedOutput) []string {
	var all []string
	for _, m := range Check(cells, []v1alpha1.ExpectedOutput{e}) {
		all = append(all, m.Rule)
	}
	return all
}

func TestAddress(t *testing.T) {
	cell := displaying(facts.Value{Type: "float"})
	other := Cell{Index: 3, ID: "def", Tags: []string{"result"}, Ran: true}
	first := Cell{Index: 1, Ran: true}
	for name, test := range map[string]struct {
		cells []Cell
		e     v1alpha1.ExpectedOutput
		want  []string
	}{
		"by id":                        {[]Cell{first, cell}, v1alpha1.ExpectedOutput{CellID: "abc"}, nil},
		"by tag":                       {[]Cell{first, cell}, v1alpha1.ExpectedOutput{Tag: "result"}, nil},
		"by the index":                 {[]Cell{first, cell}, v1alpha1.ExpectedOutput{Cell: ptr(int32(2))}, nil},
		"by a name":                    {[]Cell{cell}, v1alpha1.ExpectedOutput{CellID: "abc", Name: "x"}, nil},
		"an index of no code cell":     {[]Cell{cell}, v1alpha1.ExpectedOutput{Cell: ptr(int32(0))}, []string{"OUTPUT-CELL"}},
		"an id that is not there":      {[]Cell{cell}, v1alpha1.ExpectedOutput{CellID: "zzz"}, []string{"OUTPUT-CELL"}},
		"a tag of two cells":           {[]Cell{cell, other}, v1alpha1.ExpectedOutput{Tag: "result"}, []string{"OUTPUT-CELL"}},
		"no address at all":            {[]Cell{cell}, v1alpha1.ExpectedOutput{}, []string{"OUTPUT-CELL"}},
		"a cell without facts":         {[]Cell{other}, v1alpha1.ExpectedOutput{CellID: "def"}, []string{"OUTPUT-UNOBSERVED"}},
		"a cell that did not run":      {[]Cell{{ID: "n"}}, v1alpha1.ExpectedOutput{CellID: "n"}, []string{"OUTPUT-UNOBSERVED"}},
		"a name that is not there":     {[]Cell{cell}, v1alpha1.ExpectedOutput{CellID: "abc", Name: "y"}, []string{"OUTPUT-UNOBSERVED"}},
		"a cell that displays nothing": {[]Cell{{ID: "q", Ran: true, Facts: &facts.Cell{}}}, v1alpha1.ExpectedOutput{CellID: "q"}, []string{"OUTPUT-UNOBSERVED"}},
	} {
		t.Run(name, func(t *testing.T) {
			test.e.Type = "float"
			assert.Equal(t, test.want, broken(test.cells, test.e))
		})
	}
}

func TestTypes(t *testing.T) {
	zero := func(dtype string) facts.Value {
		return facts.Value{Type: "numpy.ndarray", Scalar: true, DType: dtype, Shape: []int64{}, Size: ptr(int64(1))}
	}
	for _, test := range []struct {
		want  string
		value facts.Value
		ok    bool
	}{
		{"float", facts.Value{Type: "float"}, true},
		{"float", facts.Value{Type: "numpy.float32"}, true},
		{"float", zero("float64"), true},
		{"float", facts.Value{Type: "int"}, false},
		{"float", facts.Value{Type: "str"}, false},
		{"float", zero("int64"), false},
		{"float", facts.Value{Type: "numpy.floatish"}, false},
		{"int", facts.Value{Type: "int"}, true},
		{"int", facts.Value{Type: "numpy.int64"}, true},
		{"int", facts.Value{Type: "numpy.uint8"}, true},
		{"int", facts.Value{Type: "bool"}, false},
		{"int", facts.Value{Type: "numpy.bool_"}, false},
		{"number", facts.Value{Type: "numpy.int8"}, true},
		{"number", facts.Value{Type: "float"}, true},
		{"number", facts.Value{Type: "bool"}, false},
		{"bool", facts.Value{Type: "numpy.bool"}, true},
		{"numpy.bool_", facts.Value{Type: "numpy.bool"}, true},
		{"str", facts.Value{Type: "numpy.str_"}, true},
		{"pandas.DataFrame", facts.Value{Type: "pandas.core.frame.DataFrame"}, true},
		{"pandas.core.frame.DataFrame", facts.Value{Type: "pandas.DataFrame"}, true},
		{"DataFrame", facts.Value{Type: "pandas.core.frame.DataFrame"}, true},
		{"DataFrame", facts.Value{Type: "__main__.DataFrame"}, true},
		{"pandas.DataFrame", facts.Value{Type: "pandas.core.series.Series"}, false},
		{"pandas.DataFrame", facts.Value{Type: "polars.dataframe.frame.DataFrame"}, false},
		{"sklearn.svm.SVC", facts.Value{Type: "sklearn.svm._classes.SVC"}, true},
		{"sk.SVC", facts.Value{Type: "sklearn.svm._classes.SVC"}, false},
		{"Model", facts.Value{Type: "__main__.Model"}, true},
		{"None", facts.Value{Type: "NoneType", None: true}, true},
		{"builtins.dict", facts.Value{Type: "dict"}, true},
		{"numpy.ndarray", facts.Value{Type: "numpy.ndarray"}, true},
		{"ndarray", facts.Value{Type: "numpy.ndarray"}, true},
	} {
		var want []string
		if !test.ok {
			want = []string{"OUTPUT-TYPE"}
		}
		assert.Equal(t, want, broken([]Cell{displaying(test.value)}, v1alpha1.ExpectedOutput{CellID: "abc", Type: test.want}),
			"%s and %s", test.want, test.value.Type)
	}
}

func TestValues(t *testing.T) {
	frame := facts.Value{Type: "pandas.core.frame.DataFrame", Shape: []int64{10, 4}, Size: ptr(int64(40))}
	hollow := facts.Value{Type: "pandas.core.frame.DataFrame", Shape: []int64{0, 4}, Size: ptr(int64(0))}
	list := facts.Value{Type: "list", Len: ptr(int64(3))}
	text := facts.Value{Type: "str", Len: ptr(int64(0))}
	half := facts.Value{Type: "float", Scalar: true, Number: ptr(0.5)}
	nan := facts.Value{Type: "float", Scalar: true, NaN: 1}
	inf := facts.Value{Type: "float", Scalar: true, Inf: 1}
	null := facts.Value{Type: "NoneType", None: true}
	strange := facts.Value{Type: "lib.Thing", Unassessed: "lazy"}
	limits := func(low, high float64) v1alpha1.ExpectedOutput {
		return v1alpha1.ExpectedOutput{Range: []v1alpha1.Number{v1alpha1.NumberOf(low), v1alpha1.NumberOf(high)}}
	}
	shape := func(sizes ...int64) v1alpha1.ExpectedOutput { return v1alpha1.ExpectedOutput{Shape: sizes} }
	full := v1alpha1.ExpectedOutput{NotEmpty: true}
	for name, test := range map[string]struct {
		value facts.Value
		e     v1alpha1.ExpectedOutput
		want  string
	}{
		"the shape":                     {frame, shape(10, 4), ""},
		"any number of rows":            {frame, shape(-1, 4), ""},
		"other columns":                 {frame, shape(-1, 5), "OUTPUT-SHAPE"},
		"fewer dimensions":              {frame, shape(10), "OUTPUT-SHAPE"},
		"the length of a list":          {list, shape(3), ""},
		"another length":                {list, shape(4), "OUTPUT-SHAPE"},
		"no shape":                      {half, shape(1), "OUTPUT-SHAPE"},
		"a text has no shape":           {text, shape(0), "OUTPUT-SHAPE"},
		"in range":                      {half, limits(0, 1), ""},
		"at its lower end":              {half, limits(0.5, 1), ""},
		"at its upper end":              {half, limits(0, 0.5), ""},
		"below":                         {half, limits(0.6, 1), "OUTPUT-RANGE"},
		"above":                         {half, limits(0, 0.4), "OUTPUT-RANGE"},
		"NaN":                           {nan, limits(-1e300, 1e300), "OUTPUT-RANGE"},
		"infinity":                      {inf, limits(-1e300, 1e300), "OUTPUT-RANGE"},
		"no number":                     {text, limits(0, 1), "OUTPUT-RANGE"},
		"a table":                       {frame, limits(0, 1), "OUTPUT-RANGE"},
		"not empty":                     {frame, full, ""},
		"a number is not empty":         {half, full, ""},
		"a table without rows":          {hollow, full, "OUTPUT-EMPTY"},
		"an empty text":                 {text, full, "OUTPUT-EMPTY"},
		"None":                          {null, full, "OUTPUT-EMPTY"},
		"what nobody knows the size of": {strange, full, "OUTPUT-UNOBSERVED"},
	} {
		t.Run(name, func(t *testing.T) {
			test.e.CellID = "abc"
			got := Check([]Cell{displaying(test.value)}, []v1alpha1.ExpectedOutput{test.e})
			if test.want == "" {
				assert.Empty(t, got)
				return
			}
			if assert.Len(t, got, 1) {
				assert.Equal(t, test.want, got[0].Rule)
				assert.Equal(t, 2, *got[0].Cell)
			}
		})
	}
}

func TestMessages(t *testing.T) {
	got := Check([]Cell{displaying(facts.Value{Type: "float", Scalar: true, Number: ptr(0.25)})}, []v1alpha1.ExpectedOutput{
		{CellID: "abc", Name: "x", Type: "int", Range: []v1alpha1.Number{v1alpha1.NumberOf(0.5), v1alpha1.NumberOf(1)}},
		{Tag: "gone", Type: "int"},
	})
	var messages []string
	for _, m := range got {
		messages = append(messages, m.Message)
	}
	assert.Equal(t, []string{"`x` is a float, not a int.", "`x` is 0.25, expected 0.5 to 1.", "No code cell has the tag gone."}, messages)
}

func TestEveryRuleOfOutputsIsInTheCatalogue(t *testing.T) {
	for _, id := range []string{"OUTPUT-TYPE", "OUTPUT-SHAPE", "OUTPUT-RANGE", "OUTPUT-EMPTY", "OUTPUT-UNOBSERVED", "OUTPUT-CELL"} {
		rule, known := rules.Find(id)
		assert.True(t, known)
		assert.Equal(t, rules.GroupOutput, rule.Group)
	}
}
