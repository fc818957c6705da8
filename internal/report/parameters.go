package report

import "fmt"

// maxParametersBytes bounds the JSON of the parameters in a report; a job may
// have half of that.
const maxParametersBytes = 64 << 10

// parameterize copies the parameters, every text of them made safe. They are
// left out as a whole where they are longer than a job's can be.
func (r *Report) parameterize(parameters map[string]any) {
	if len(parameters) == 0 {
		return
	}
	safe, _ := safeValue(parameters).(map[string]any)
	data, err := encodeJSON(safe)
	if err != nil || len(data) > maxParametersBytes {
		r.Notes = append(r.Notes, fmt.Sprintf("the parameters are left out here: they are longer than %d KiB", maxParametersBytes>>10))
		return
	}
	r.Parameters = safe
}

func safeValue(value any) any {
	switch value := value.(type) {
	case string:
		return sanitize(value)
	case []any:
		safe := make([]any, 0, len(value))
		for _, item := range value {
			safe = append(safe, safeValue(item))
		}
		return safe
	case map[string]any:
		safe := make(map[string]any, len(value))
		for key, item := range value {
			safe[sanitize(key)] = safeValue(item)
		}
		return safe
	}
	return value
}
