package policy

// kind is a family of faults; a value that is passed on keeps its kind.
type kind string

const (
	kindNone      kind = "none"
	kindNumber    kind = "number"
	kindEmpty     kind = "empty"
	kindCoroutine kind = "coroutine"
	kindAnswer    kind = "answer"
)

// confidence of a fault, comparable.
type confidence int

const (
	unfounded confidence = iota
	low
	medium
	high
)

// faults hold the most certain fault of each kind that was found in a function, by its qualified name, or in an
// attribute, by a dot and its name.
type faults map[string]map[kind]confidence

func (f faults) note(owner string, k kind, c confidence) {
	if f[owner] == nil {
		f[owner] = map[kind]confidence{}
	}
	f[owner][k] = max(f[owner][k], c)
}

// attribute is the owner that stands for an attribute of whatever object; empty for a plain name.
func attribute(name string) string {
	if leaf := leafOf(name); leaf != name {
		return "." + leaf
	}
	return ""
}
