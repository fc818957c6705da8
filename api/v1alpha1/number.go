package v1alpha1

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
)

// Number is a finite JSON number. The API server keeps it as it was written.
// +kubebuilder:validation:Type=number
type Number struct {
	value float64
}

// NumberOf makes a Number of a finite value.
func NumberOf(value float64) Number { return Number{value: value} }

// Float64 is the value.
func (n Number) Float64() float64 { return n.value }

// MarshalJSON writes the shortest form that reads back as the same value.
func (n Number) MarshalJSON() ([]byte, error) { return json.Marshal(n.value) }

// UnmarshalJSON reads a JSON number and nothing else; one beyond the range of float64 is an error.
func (n *Number) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	value, err := strconv.ParseFloat(string(data), 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) || !json.Valid(data) {
		return errors.New("not a number: " + strconv.QuoteToASCII(string(data[:min(len(data), 40)])))
	}
	n.value = value
	return nil
}

// DeepCopyInto copies the value.
func (n *Number) DeepCopyInto(out *Number) { *out = *n }
