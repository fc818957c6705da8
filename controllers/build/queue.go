package build

import (
	"cmp"
	"container/heap"
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
	leading := leaders(fleet)
	for i := range fleet {
		b := &fleet[i]
		switch {
		case b.Status.StartTime != nil:
			running = append(running, b)
		case b.UID == build.UID:
			queued = append(queued, b)
		case b.Status.Commit != "" && !held(b) && leaderOf(b, leading) == nil:
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
	slices.SortFunc(queued, older)
	byNamespace := map[string]*line{}
	var all lines
	for _, b := range queued {
		l := byNamespace[b.Namespace]
		if l == nil {
			l = &line{builds: under[b.Namespace]}
			byNamespace[b.Namespace], all = l, append(all, l)
		}
		l.waiting = append(l.waiting, b)
	}
	heap.Init(&all)
	order := make([]*v1alpha1.NotebookBuild, 0, len(queued))
	for len(all) > 0 {
		first := all[0]
		order = append(order, first.waiting[0])
		first.builds++
		if first.waiting = first.waiting[1:]; len(first.waiting) > 0 {
			heap.Fix(&all, 0)
		} else {
			heap.Pop(&all)
		}
	}
	return order
}

// line is what waits in one namespace, the oldest first, and how many builds the namespace has had its turn with.
type line struct {
	waiting []*v1alpha1.NotebookBuild
	builds  int
}

// lines are a heap of those whose turn is next.
type lines []*line

func (l lines) Len() int      { return len(l) }
func (l lines) Swap(i, j int) { l[i], l[j] = l[j], l[i] }
func (l lines) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(l[i].builds, l[j].builds), older(l[i].waiting[0], l[j].waiting[0])) < 0
}

// Push is not used: no line is added later.
func (l *lines) Push(x any) { *l = append(*l, x.(*line)) }

// Pop removes the last one.
func (l *lines) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
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
