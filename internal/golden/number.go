package golden

import (
	"math"
	"strconv"
	"strings"
)

// minRounded is how many significant digits both numbers must show before the last one may differ by one: with fewer,
// 0.9 would be 1.0.
const minRounded = 5

// number is a printed number.
type number struct {
	// text without a plus sign and the commas between thousands.
	text  string
	value float64
	// whole is set for a number that was printed as an integer.
	whole bool
	// unit is the worth of the last printed place, 0 where nothing was rounded.
	unit float64
	// significant is how many significant digits were printed.
	significant int
}

// numberOf reads a token of the lexer. What is beyond the range of float64 is not a number that can be compared by value.
func numberOf(text string) (number, bool) {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "+"), ",", "")
	n := number{text: text}
	if strings.EqualFold(strings.TrimPrefix(text, "-"), "nan") {
		n.value = math.NaN()
		return n, true
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return n, false
	}
	n.value = value
	mantissa, power, scientific := strings.Cut(strings.ToLower(text), "e")
	mantissa = strings.TrimPrefix(mantissa, "-")
	n.whole = !scientific && digits(mantissa) == len(mantissa)
	n.significant = len(strings.TrimLeft(strings.ReplaceAll(mantissa, ".", ""), "0"))
	_, fraction, _ := strings.Cut(mantissa, ".")
	if fraction != "" {
		exponent, _ := strconv.Atoi(power)
		n.unit = math.Pow(10, float64(exponent-len(fraction)))
	}
	return n, true
}

// sameNumber tells whether two printed numbers are close enough to be the same.
func (r *rules) sameNumber(a, b string) bool {
	if a == b || !r.numbers {
		return a == b
	}
	x, xGood := numberOf(a)
	y, yGood := numberOf(b)
	switch {
	case !xGood || !yGood:
		return false
	case x.whole && y.whole:
		return x.text == y.text
	case math.IsNaN(x.value) || math.IsNaN(y.value):
		return math.IsNaN(x.value) && math.IsNaN(y.value)
	case math.IsInf(x.value, 0) || math.IsInf(y.value, 0) || x.value == y.value:
		return x.value == y.value
	}
	difference := math.Abs(x.value - y.value)
	return difference <= r.absolute || difference <= r.relative*math.Max(math.Abs(x.value), math.Abs(y.value)) ||
		difference <= roundedBy(x, y)
}

// roundedBy is how far two numbers may be apart because each was rounded where it was printed: one unit in the last place
// of the one that shows fewer. The factor is for the unit itself, which binary numbers do not hold exactly.
func roundedBy(x, y number) float64 {
	if min(x.significant, y.significant) < minRounded || x.unit == 0 || y.unit == 0 {
		return 0
	}
	return math.Max(x.unit, y.unit) * 1.0000001
}

// relativeDifference of two printed numbers, NaN where there is none.
func relativeDifference(a, b string) float64 {
	x, xGood := numberOf(a)
	y, yGood := numberOf(b)
	if !xGood || !yGood || math.IsInf(x.value, 0) || math.IsInf(y.value, 0) {
		return math.NaN()
	}
	larger := math.Max(math.Abs(x.value), math.Abs(y.value))
	if larger == 0 {
		return 0
	}
	return math.Abs(x.value/larger - y.value/larger)
}
