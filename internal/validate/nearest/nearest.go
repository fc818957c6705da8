// Package nearest finds what somebody meant who mistyped a word.
package nearest

import "strings"

// maxDistance is how many letters may be wrong.
const maxDistance = 2

// Word returns the one of the words that is most like word, whatever the case of the letters; empty where none is.
func Word(word string, of []string) string {
	best, least := "", maxDistance+1
	for _, candidate := range of {
		distance := distance(strings.ToLower(word), strings.ToLower(candidate))
		if distance < least && distance < len(candidate) {
			best, least = candidate, distance
		}
	}
	return best
}

// distance is the number of letters to insert, drop or replace to make b of a; words of very different length are not
// looked at closely.
func distance(a, b string) int {
	if len(a)-len(b) > maxDistance || len(b)-len(a) > maxDistance {
		return maxDistance + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
