package build

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

// limits are how many builds may be under way; zero is no limit.
type limits struct{ all, inNamespace int }

func (p planner) limits() limits {
	return limits{all: p.settings.MaxBuilds, inNamespace: p.settings.MaxBuildsPerNamespace}
}

// ahead is how many builds have to end or begin before this one may begin: zero when it is its turn. Everybody who
// computes it from the same fleet comes to the same order.
func (l limits) ahead(build *v1alpha1.NotebookBuild, fleet []v1alpha1.NotebookBuild) int {
	running, queued := split(build, fleet)
	under, total := map[string]int{}, len(running)
	for _, r := range running {
		under[r.Namespace]++
	}
	admitted := map[string]int{}
	position := 0
	for _, next := range draw(queued, under) {
		may := (l.all == 0 || total < l.all) && (l.inNamespace == 0 || under[next.Namespace]+admitted[next.Namespace] < l.inNamespace)
		if may {
			total++
			admitted[next.Namespace]++
		} else {
			position++
		}
		if next.UID == build.UID {
			if may {
				return 0
			}
			return position
		}
	}
	return position + 1
}

// split tells builds with work of their own from those that wait for their turn. A build that waits for something else, such
// as the image of another or a build system, keeps nobody from beginning.
func split(build *v1alpha1.NotebookBuild, fleet []v1alpha1.NotebookBuild) (running, queued []*v1alpha1.NotebookBuild) {
	for i := range fleet {
		b := &fleet[i]
		switch {
		case b.Status.StartTime != nil:
			running = append(running, b)
		case b.UID == build.UID:
			queued = append(queued, b)
		case b.Status.Commit != "" && !held(b) && leaderOf(b, fleet) == nil:
			queued = append(queued, b)
		}
	}
	return running, queued
}

// held says whether a build waits for what no free place would give it.
func held(build *v1alpha1.NotebookBuild) bool {
	c := meta.FindStatusCondition(build.Status.Conditions, v1alpha1.ConditionSucceeded)
	return c != nil && (c.Reason == v1alpha1.ReasonStrategyUnavailable || c.Reason == v1alpha1.ReasonRegistryUnreachable)
}

// draw puts the queue in order: the namespace with the fewest builds goes first, in a namespace the oldest build.
func draw(queued []*v1alpha1.NotebookBuild, under map[string]int) []*v1alpha1.NotebookBuild {
	lines, count := map[string][]*v1alpha1.NotebookBuild{}, map[string]int{}
	slices.SortFunc(queued, older)
	for _, b := range queued {
		lines[b.Namespace] = append(lines[b.Namespace], b)
		count[b.Namespace] = under[b.Namespace]
	}
	order := make([]*v1alpha1.NotebookBuild, 0, len(queued))
	for len(lines) > 0 {
		namespace := ""
		for n := range lines {
			if namespace == "" || before(n, namespace, lines, count) {
				namespace = n
			}
		}
		order = append(order, lines[namespace][0])
		count[namespace]++
		if lines[namespace] = lines[namespace][1:]; len(lines[namespace]) == 0 {
			delete(lines, namespace)
		}
	}
	return order
}

func before(a, b string, lines map[string][]*v1alpha1.NotebookBuild, count map[string]int) bool {
	return cmp.Or(cmp.Compare(count[a], count[b]), older(lines[a][0], lines[b][0])) < 0
}

// older orders builds by age, and by name where they are of one age.
func older(a, b *v1alpha1.NotebookBuild) int {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

// exactPositions are told one by one; further back a position is rounded up to tens, so that a build that ends does not
// have every other one in a long queue written.
const exactPositions = 10

func queueMessage(ahead int) string {
	if ahead <= exactPositions {
		return fmt.Sprintf("As many builds are under way as the operator allows. This one is number %d in the queue.", ahead)
	}
	return fmt.Sprintf("As many builds are under way as the operator allows. This one is among the first %d in the queue.", (ahead+9)/10*10)
}
