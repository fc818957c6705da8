package golden

// maxTable bounds the work of a common sequence; beyond it only what is the same at both ends, or at the same place, is
// found.
const maxTable = 4_000_000

// commonSequence returns the places of the longest common sequence of two lists of texts, in order.
func commonSequence(left, right []string) [][2]int {
	// Numbers in place of texts: long texts are compared millions of times otherwise.
	names := map[string]int{}
	a, b := numbered(left, names), numbered(right, names)
	same := func(i, j int) bool { return a[i] == b[j] }
	n, m := len(a), len(b)
	var found [][2]int
	start := 0
	for start < n && start < m && same(start, start) {
		found = append(found, [2]int{start, start})
		start++
	}
	tail := 0
	for start < n-tail && start < m-tail && same(n-1-tail, m-1-tail) {
		tail++
	}
	for _, match := range commonMiddle(n-start-tail, m-start-tail, func(i, j int) bool { return same(start+i, start+j) }) {
		found = append(found, [2]int{start + match[0], start + match[1]})
	}
	for ; tail > 0; tail-- {
		found = append(found, [2]int{n - tail, m - tail})
	}
	return found
}

func numbered(texts []string, names map[string]int) []int {
	numbers := make([]int, len(texts))
	for i, text := range texts {
		number, known := names[text]
		if !known {
			number = len(names)
			names[text] = number
		}
		numbers[i] = number
	}
	return numbers
}

func commonMiddle(n, m int, same func(i, j int) bool) [][2]int {
	if n == 0 || m == 0 {
		return nil
	}
	if n > maxTable/m {
		return samePlaces(min(n, m), same)
	}
	// length[i][j] is the length of the longest common sequence of what follows i and j.
	width := m + 1
	length := make([]int32, (n+1)*width)
	equal := make([]bool, n*m)
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if same(i, j) {
				equal[i*m+j] = true
				length[i*width+j] = length[(i+1)*width+j+1] + 1
				continue
			}
			length[i*width+j] = max(length[(i+1)*width+j], length[i*width+j+1])
		}
	}
	var found [][2]int
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case equal[i*m+j]:
			found = append(found, [2]int{i, j})
			i, j = i+1, j+1
		case length[(i+1)*width+j] >= length[i*width+j+1]:
			i++
		default:
			j++
		}
	}
	return found
}

func samePlaces(n int, same func(i, j int) bool) [][2]int {
	var found [][2]int
	for i := range n {
		if same(i, i) {
			found = append(found, [2]int{i, i})
		}
	}
	return found
}
