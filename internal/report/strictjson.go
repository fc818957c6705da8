package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// maxDepth bounds how deep a document may nest: a type that holds itself would
// otherwise let it exhaust the stack.
const maxDepth = 32

// maxAnyDepth bounds how deep a value may nest whose shape does not matter.
const maxAnyDepth = 64

// decodeStrict decodes one JSON document into a value whose every field is
// required unless it is tagged omitempty: a field that is unknown, missing,
// doubled, or null where the type knows no null, is an error. The decoder of the
// standard library alone takes the last of two equal keys and leaves missing
// fields at zero.
func decodeStrict(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := checkShape(decoder, reflect.TypeOf(into).Elem(), "the document", 0); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text follows the document")
	}
	// Numbers of no known type stay as they are written: a float64 would bend
	// large ones.
	decoder = json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// checkShape consumes one value and compares it with the type.
func checkShape(decoder *json.Decoder, want reflect.Type, where string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%.200s is nested too deep", where)
	}
	token, err := decoder.Token()
	if err != nil {
		return fmt.Errorf("%s is cut short or not JSON: %w", where, err)
	}
	if want.Kind() == reflect.Pointer {
		if token == nil {
			return nil
		}
		want = want.Elem()
	}
	switch {
	case want.Kind() == reflect.Interface:
		return skipValue(decoder, token, where)
	case token == nil:
		return fmt.Errorf("%s is null", where)
	case want.Kind() == reflect.Slice:
		return checkList(decoder, token, want, where, depth+1)
	case want.Kind() == reflect.Map, want.Kind() == reflect.Struct && want != reflect.TypeFor[time.Time]():
		return checkObject(decoder, token, want, where, depth+1)
	}
	if _, isDelimiter := token.(json.Delim); isDelimiter {
		return fmt.Errorf("%s is not a single value", where)
	}
	return nil
}

// skipValue consumes the rest of a value of any shape.
func skipValue(decoder *json.Decoder, token json.Token, where string) error {
	for depth := 0; ; {
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		if depth > maxAnyDepth {
			return fmt.Errorf("%s is nested too deep", where)
		}
		var err error
		if token, err = decoder.Token(); err != nil {
			return fmt.Errorf("%s is cut short or not JSON: %w", where, err)
		}
	}
}

func checkList(decoder *json.Decoder, token json.Token, want reflect.Type, where string, depth int) error {
	if token != json.Delim('[') {
		return fmt.Errorf("%s is not a list", where)
	}
	for number := 0; decoder.More(); number++ {
		if err := checkShape(decoder, want.Elem(), fmt.Sprintf("%s[%d]", where, number), depth); err != nil {
			return err
		}
	}
	return closeValue(decoder, where)
}

func checkObject(decoder *json.Decoder, token json.Token, want reflect.Type, where string, depth int) error {
	if token != json.Delim('{') {
		return fmt.Errorf("%s is not an object", where)
	}
	fields, seen := fieldsOf(want), map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return fmt.Errorf("%s is cut short or not JSON: %w", where, err)
		}
		key, _ := token.(string)
		if seen[key] {
			return fmt.Errorf("%s has the field %.60q twice", where, key)
		}
		seen[key] = true
		inner, known := fields[key]
		if want.Kind() == reflect.Map {
			inner, known = field{of: want.Elem()}, true
		}
		if !known {
			return fmt.Errorf("%s has the unknown field %.60q", where, key)
		}
		if err := checkShape(decoder, inner.of, where+"."+shorten(key, 60), depth); err != nil {
			return err
		}
	}
	for name, field := range fields {
		if !seen[name] && !field.optional {
			return fmt.Errorf("%s lacks the field %q", where, name)
		}
	}
	return closeValue(decoder, where)
}

func closeValue(decoder *json.Decoder, where string) error {
	if _, err := decoder.Token(); err != nil {
		return fmt.Errorf("%s is cut short or not JSON: %w", where, err)
	}
	return nil
}

// field is one field of a struct.
type field struct {
	of       reflect.Type
	optional bool
}

// fieldsOf returns a struct's fields by their JSON names; a map has none.
func fieldsOf(structure reflect.Type) map[string]field {
	fields := map[string]field{}
	if structure.Kind() != reflect.Struct {
		return fields
	}
	for each := range structure.Fields() {
		name, options, _ := strings.Cut(each.Tag.Get("json"), ",")
		fields[name] = field{of: each.Type, optional: options == "omitempty"}
	}
	return fields
}
