package environment

import (
	"regexp"
	"strings"
)

// onLinux are the variables of an environment marker whose value is known before a build: every one runs on Linux.
var onLinux = map[string]string{
	"sys_platform": "linux", "sys.platform": "linux", "platform_system": "Linux", "os_name": "posix", "os.name": "posix",
}

var markerWord = regexp.MustCompile(`[()]|'[^']*'|"[^"]*"|[=!<>~]+|[^\s()'"=!<>~]+`)

// canHold tells whether an environment marker may be true in a build. One that cannot be read may, for pip tells of it.
func canHold(marker string) bool {
	m := &markerWords{markerWord.FindAllString(marker, -1)}
	return m.any() || len(m.left) > 0
}

// markerWords are the words of a marker that are not read yet.
type markerWords struct{ left []string }

func (m *markerWords) any() bool {
	can := m.all()
	for m.skip("or") {
		can = m.all() || can
	}
	return can
}

func (m *markerWords) all() bool {
	can := m.comparison()
	for m.skip("and") {
		can = m.comparison() && can
	}
	return can
}

func (m *markerWords) comparison() bool {
	if m.skip("(") {
		can := m.any()
		m.skip(")")
		return can
	}
	left, operator, right := m.next(), m.next(), m.next()
	if operator == "not" {
		right = m.next()
	}
	if _, known := onLinux[left]; !known {
		left, right = right, left
	}
	is, known := onLinux[left]
	same := is == strings.Trim(right, `'"`)
	return !known || operator == "==" && same || operator == "!=" && !same || operator != "==" && operator != "!="
}

func (m *markerWords) skip(word string) bool {
	if len(m.left) == 0 || m.left[0] != word {
		return false
	}
	m.left = m.left[1:]
	return true
}

func (m *markerWords) next() string {
	if len(m.left) == 0 {
		return ""
	}
	word := m.left[0]
	m.left = m.left[1:]
	return word
}
