package nbformat

import (
	"bytes"
	"encoding/json"
	"strings"
)

// objectOf returns nil for what is not an object.
func objectOf(raw json.RawMessage) Object {
	var object Object
	if json.Unmarshal(raw, &object) != nil {
		return nil
	}
	return object
}

// textOf returns the empty string for what is not text.
func textOf(raw json.RawMessage) string {
	var value string
	if json.Unmarshal(raw, &value) != nil {
		return ""
	}
	return value
}

// joined returns the text of a string or of a list of strings, the two forms that notebooks write texts in.
func joined(raw json.RawMessage) (string, bool) {
	var whole *string
	if json.Unmarshal(raw, &whole) == nil && whole != nil {
		return *whole, true
	}
	var text strings.Builder
	good := true
	isList, _ := each(raw, func(item json.RawMessage) error {
		var line *string
		if json.Unmarshal(item, &line) != nil || line == nil {
			good = false
			return nil
		}
		text.WriteString(*line)
		return nil
	})
	return text.String(), isList && good
}

// each calls do for each element of a list, one by one: a list of millions of small things is never held as a whole. It
// tells whether raw is a list.
func each(raw json.RawMessage, do func(json.RawMessage) error) (bool, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if start, err := decoder.Token(); err != nil || start != json.Delim('[') {
		return false, nil
	}
	for decoder.More() {
		var item json.RawMessage
		if err := decoder.Decode(&item); err != nil {
			return false, err
		}
		if err := do(item); err != nil {
			return true, err
		}
	}
	return true, nil
}

// tolerateNaN makes null of the numbers NaN, Infinity and -Infinity, which Python writes into notebooks and JSON does
// not know.
func tolerateNaN(data []byte) []byte {
	if !bytes.Contains(data, []byte("NaN")) && !bytes.Contains(data, []byte("Infinity")) {
		return data
	}
	result := make([]byte, 0, len(data))
	inString := false
	for i := 0; i < len(data); i++ {
		switch {
		case inString && data[i] == '\\' && i+1 < len(data):
			result = append(result, data[i])
			i++
		case data[i] == '"':
			inString = !inString
		case !inString:
			if word := notANumber(data[i:]); word > 0 {
				result = append(result, "null"...)
				i += word - 1
				continue
			}
		}
		result = append(result, data[i])
	}
	return result
}

func notANumber(data []byte) int {
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(data, []byte(word)) {
			return len(word)
		}
	}
	return 0
}
