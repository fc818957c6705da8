package expected

import (
	"fmt"
	"strconv"
	"strings"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/facts"
)

func wrongType(expectation v1alpha1.ExpectedOutput, v facts.Value) (rule, message string) {
	if expectation.Type == "" || hasType(expectation.Type, v) {
		return "", ""
	}
	return "OUTPUT-TYPE", fmt.Sprintf("is a %s, not a %s", typeOf(v), expectation.Type)
}

// typeOf is the type in a message. NumPy's arrays without dimensions are shown with their kind of number.
func typeOf(v facts.Value) string {
	if v.Scalar && v.DType != "" && isArray(v.Type) {
		return v.Type + " of " + v.DType
	}
	return v.Type
}

func wrongShape(expectation v1alpha1.ExpectedOutput, v facts.Value) (rule, message string) {
	if len(expectation.Shape) == 0 {
		return "", ""
	}
	shape, known := shapeOf(v)
	if !known {
		return "OUTPUT-SHAPE", fmt.Sprintf("is a %s and has no shape, expected %s", v.Type, shapeText(expectation.Shape))
	}
	if matches(expectation.Shape, shape) {
		return "", ""
	}
	return "OUTPUT-SHAPE", fmt.Sprintf("has shape %s, expected %s", shapeText(shape), shapeText(expectation.Shape))
}

// shapeOf takes the length of a container for its shape.
func shapeOf(v facts.Value) ([]int64, bool) {
	if v.Shape != nil || v.Size == nil && v.Len == nil {
		return v.Shape, v.Shape != nil
	}
	if v.Len != nil && v.Type != "str" && v.Type != "bytes" {
		return []int64{*v.Len}, true
	}
	return nil, false
}

func matches(want, got []int64) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != -1 && want[i] != got[i] {
			return false
		}
	}
	return true
}

const maxDimensions = 32

func shapeText(shape []int64) string {
	parts := make([]string, 0, min(len(shape), maxDimensions))
	for _, size := range shape[:min(len(shape), maxDimensions)] {
		text := strconv.FormatInt(size, 10)
		if size == -1 {
			text = "any"
		}
		parts = append(parts, text)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func wrongRange(expectation v1alpha1.ExpectedOutput, v facts.Value) (rule, message string) {
	if len(expectation.Range) != 2 {
		return "", ""
	}
	low, high := expectation.Range[0].Float64(), expectation.Range[1].Float64()
	limits := fmt.Sprintf("expected %s to %s", number(low), number(high))
	switch {
	case v.NaN > 0 && v.Scalar:
		return "OUTPUT-RANGE", "is NaN, " + limits
	case v.Inf > 0 && v.Scalar:
		return "OUTPUT-RANGE", "is infinite, " + limits
	case v.Number == nil:
		return "OUTPUT-RANGE", fmt.Sprintf("is a %s and no single number, %s", v.Type, limits)
	case *v.Number < low || *v.Number > high || *v.Number != *v.Number:
		return "OUTPUT-RANGE", fmt.Sprintf("is %s, %s", number(*v.Number), limits)
	default:
		return "", ""
	}
}

func number(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }

func isEmpty(expectation v1alpha1.ExpectedOutput, v facts.Value) (rule, message string) {
	if !expectation.NotEmpty {
		return "", ""
	}
	switch {
	case v.None:
		return "OUTPUT-EMPTY", "is None"
	case v.Size != nil && *v.Size == 0, v.Size == nil && v.Len != nil && *v.Len == 0:
		return "OUTPUT-EMPTY", fmt.Sprintf("is a %s without elements", v.Type)
	case v.Size == nil && v.Len == nil && !v.Scalar && v.Number == nil:
		return "OUTPUT-UNOBSERVED", fmt.Sprintf("is a %s, of which the number of elements is not known", v.Type)
	default:
		return "", ""
	}
}
