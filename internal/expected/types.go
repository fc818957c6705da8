package expected

import (
	"slices"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/facts"
)

// shortNames are what people write for types that live in modules.
var shortNames = map[string]string{
	"DataFrame": "pandas.DataFrame",
	"Series":    "pandas.Series",
	"ndarray":   "numpy.ndarray",
	"array":     "numpy.ndarray",
	"Tensor":    "torch.Tensor",
	"Figure":    "matplotlib.figure.Figure",
	"None":      "NoneType",
}

// numpyNames are types that NumPy 2 calls otherwise than NumPy 1.
var numpyNames = map[string]string{
	"numpy.bool_":    "numpy.bool",
	"numpy.str_":     "numpy.str",
	"numpy.bytes_":   "numpy.bytes",
	"numpy.float_":   "numpy.float64",
	"numpy.complex_": "numpy.complex128",
}

// hasType is true if the value is of the type that the user wrote.
func hasType(want string, v facts.Value) bool {
	want, got := full(want), full(v.Type)
	if short, known := shortNames[want]; known && !strings.Contains(got, "__main__.") {
		want = short
	}
	switch want {
	case "float":
		return isFloat(v)
	case "int":
		return isInt(v)
	case "number":
		return isFloat(v) || isInt(v)
	case "bool":
		return got == "bool" || got == "numpy.bool"
	case "str":
		return got == "str" || got == "numpy.str"
	default:
		return want == got || "__main__."+want == got || sameClass(want, got) || sameClass(got, want)
	}
}

func full(name string) string {
	name = strings.TrimPrefix(strings.TrimSpace(name), "builtins.")
	if other, known := numpyNames[name]; known {
		return other
	}
	return name
}

func isArray(name string) bool { return name == "numpy.ndarray" }

func isFloat(v facts.Value) bool {
	kind := v.Type
	if v.Scalar && isArray(kind) {
		kind = "numpy." + v.DType
	}
	rest, numpy := strings.CutPrefix(kind, "numpy.float")
	return kind == "float" || kind == "numpy.longdouble" || numpy && digits(rest)
}

func isInt(v facts.Value) bool {
	kind := v.Type
	if v.Scalar && isArray(kind) {
		kind = "numpy." + v.DType
	}
	if kind == "int" || slices.Contains([]string{"numpy.longlong", "numpy.ulonglong", "numpy.intc", "numpy.uintc"}, kind) {
		return true
	}
	rest, numpy := strings.CutPrefix(strings.Replace(kind, "numpy.uint", "numpy.int", 1), "numpy.int")
	return numpy && digits(rest)
}

func digits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// sameClass is true if the short name is where the package shows the class and the long one where it is defined:
// pandas.DataFrame and pandas.core.frame.DataFrame, sklearn.svm.SVC and sklearn.svm._classes.SVC.
func sameClass(short, long string) bool {
	shortModule, shortClass := split(short)
	longModule, longClass := split(long)
	return shortModule != "" && shortClass == longClass && strings.HasPrefix(longModule+".", shortModule+".")
}

func split(name string) (module, class string) {
	dot := strings.LastIndex(name, ".")
	if dot < 0 {
		return "", name
	}
	return name[:dot], name[dot+1:]
}
