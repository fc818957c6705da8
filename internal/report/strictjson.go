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

// decodeStrict decodes one JSON document into a value whose every field is
// required: a field that is unknown, missing, doubled, or null where the type
// knows no null, is an error. The decoder of the standard library alone takes
// the last of two equal keys and leaves missing fields at zero.
func decodeStrict(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := checkShape(decoder, reflect.TypeOf(into).Elem(), "the document"); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text follows the document")
	}
	return json.Unmarshal(data, into)
}

// checkShape consumes one value and compares it with the type. Its recursion
// follows the type, so deeply nested input cannot exhaust the stack.
func checkShape(decoder *json.Decoder, want reflect.Type, where string) error {
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
	case token == nil:
		return fmt.Errorf("%s is null", where)
	case want.Kind() == reflect.Slice:
		return checkList(decoder, token, want, where)
	case want.Kind() == reflect.Map, want.Kind() == reflect.Struct && want != reflect.TypeFor[time.Time]():
		return checkObject(decoder, token, want, where)
	}
	if _, isDelimiter := token.(json.Delim); isDelimiter {
		return fmt.Errorf("%s is not a single value", where)
	}
	return nil
}

func checkList(decoder *json.Decoder, token json.Token, want reflect.Type, where string) error {
	if token != json.Delim('[') {
		return fmt.Errorf("%s is not a list", where)
	}
	for number := 0; decoder.More(); number++ {
		if err := checkShape(decoder, want.Elem(), fmt.Sprintf("%s[%d]", where, number)); err != nil {
			return err
		}
	}
	return closeValue(decoder, where)
}

func checkObject(decoder *json.Decoder, token json.Token, want reflect.Type, where string) error {
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
			inner, known = want.Elem(), true
		}
		if !known {
			return fmt.Errorf("%s has the unknown field %.60q", where, key)
		}
		if err := checkShape(decoder, inner, where+"."+shorten(key, 60)); err != nil {
			return err
		}
	}
	for name := range fields {
		if !seen[name] {
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

// fieldsOf returns the JSON names of a struct's fields with their types; a map
// has none.
func fieldsOf(structure reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	if structure.Kind() != reflect.Struct {
		return fields
	}
	for field := range structure.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		fields[name] = field.Type
	}
	return fields
}
