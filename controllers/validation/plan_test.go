package validation

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/internal/naming"
	"mlops.dev/notebook-validator-operator/internal/report"
	"mlops.dev/notebook-validator-operator/internal/run"
	"mlops.dev/notebook-validator-operator/internal/settings"
	"mlops.dev/notebook-validator-operator/internal/status"
	"mlops.dev/notebook-validator-operator/internal/testing/builders"
)

const (
	unknown = metav1.ConditionUnknown
	yes     = metav1.ConditionTrue
	no      = metav1.ConditionFalse
)

func given() *builders.JobBuilder { return builders.MakeJob("iris", "team") }
func built() *builders.JobBuilder { return given().Build() }

// ready is a job without a build whose gate is open; image is one whose image was built.
func ready() *builders.JobBuilder { return given().BuildReady(yes, v1alpha1.ReasonBuildNotRequired) }
func image() *builders.JobBuilder { return built().Built(builders.Image, builders.Commit) }

// planAt is the plan that long after Epoch.
func planAt(after time.Duration, job *v1alpha1.NotebookValidationJob, s seen) plan {
	clock := clocktesting.NewFakePassiveClock(builders.Epoch.Add(after))
	operator := settings.Settings{
		OperatorImage: "registry.example.com/operator:1", RunAsUser: ptr.To[int64](10001),
		Registry: v1alpha1.ImageRegistry{Repository: "registry.example.com/notebooks", PushSecret: "push"},
	}
	return planner{settings: operator, now: clock.Now()}.plan(job, s)
}

// running is what is seen of a run with that pod.
func running(job *v1alpha1.NotebookValidationJob, pods ...*builders.PodBuilder) seen {
	s := seen{runs: []batchv1.Job{*builders.MakeRunOf(job).Obj()}}
	for _, p := range pods {
		s.pods = append(s.pods, *p.Obj())
	}
	return s
}

func pod() *builders.PodBuilder { return builders.MakePod("iris-run-pod", "team") }

// validated is the condition that the plan writes.
func validated(t *testing.T, p plan) metav1.Condition {
	t.Helper()
	require.Len(t, p.status.Conditions, 1, "nothing of another controller")
	c := p.status.Conditions[0]
	require.Equal(t, v1alpha1.ConditionValidated, c.Type)
	return c
}

// deeds are what a plan does to children.
func deeds(p plan) []string {
	var all []string
	for _, b := range p.deleteBuilds {
		all = append(all, "delete build "+b.Name)
	}
	for _, r := range p.deleteRuns {
		all = append(all, "delete run "+r.Name)
	}
	if p.createBuild != nil {
		all = append(all, "create build "+p.createBuild.Name)
	}
	if p.createRun != nil {
		all = append(all, "create run "+p.createRun.Name)
	}
	if p.applyReport != nil {
		all = append(all, "apply report "+p.applyReport.Name)
	}
	return all
}

func TestTheGate(t *testing.T) {
	const digestOnly = "@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	withImage := func(image string) *builders.JobBuilder { return built().Built(image, builders.Commit) }
	open := func(image, commit string) gate { return gate{open: true, image: image, commit: commit} }
	tests := map[string]struct {
		job  *builders.JobBuilder
		want gate
	}{
		"never decided":                        {built(), gate{}},
		"undecided":                            {built().BuildReady(unknown, v1alpha1.ReasonBuilding), gate{message: "About the build."}},
		"open":                                 {image(), open(builders.Image, builders.Commit)},
		"failed":                               {built().BuildReady(no, v1alpha1.ReasonBuildFailed), gate{failed: true, message: "About the build."}},
		"open for an earlier generation":       {image().Generation(2), gate{}},
		"failed for an earlier generation":     {built().BuildReady(no, v1alpha1.ReasonBuildFailed).Generation(2), gate{}},
		"True without a build's status":        {built().BuildReady(yes, v1alpha1.ReasonBuildSucceeded), gate{}},
		"True without an image":                {withImage(""), gate{}},
		"True with a tag":                      {withImage("registry.example.com/notebooks/team:latest"), gate{}},
		"True with a digest and no repository": {withImage(digestOnly), gate{}},
		"True with half a digest":              {withImage("registry.example.com/a@sha256:9f86"), gate{}},
		"True with a second reference":         {withImage("registry.example.com/a:1 " + builders.Image), gate{}},
		"True with a line after the digest":    {withImage(builders.Image + "\n"), gate{}},
		"no build is enabled":                  {ready(), open(builders.GivenImage, "")},
		"no build is enabled, and the reason is that of one": {given().BuildReady(yes, v1alpha1.ReasonBuildSucceeded), gate{image: builders.GivenImage}},
		"no build is enabled, and no image given": {
			ready().Pod(func(c *v1alpha1.PodConfig) { c.ContainerImage = "" }), gate{},
		},
		"no build is enabled, and an image of an earlier build is still in the status": {
			image().Pod(func(c *v1alpha1.PodConfig) { c.BuildConfig, c.ContainerImage = nil, builders.GivenImage }), gate{image: builders.GivenImage},
		},
		"a build is enabled, and the gate says that none is required": {built().BuildReady(yes, v1alpha1.ReasonBuildNotRequired), gate{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			job := test.job.Obj()
			assert.Equal(t, test.want, readGate(job))
			p := planAt(0, job, seen{})
			assert.Equal(t, test.want.open, p.createRun != nil, "nothing else lets a run through")
		})
	}
}

func TestBehindAShutGate(t *testing.T) {
	job := built().Obj()
	create := "create build " + naming.Build(job)
	there := seen{builds: []v1alpha1.NotebookBuild{*builders.MakeBuildOf(job).Obj()}}
	tests := map[string]struct {
		job          *builders.JobBuilder
		seen         seen
		deeds        []string
		reason, says string
		status       metav1.ConditionStatus
	}{
		"the build is created":                    {built(), seen{}, []string{create}, v1alpha1.ReasonWaitingForBuild, "Waiting for the image", unknown},
		"a build that is there is not":            {built(), there, nil, v1alpha1.ReasonWaitingForBuild, "Waiting for the image", unknown},
		"a build that was deleted is made again":  {built().BuildReady(unknown, v1alpha1.ReasonBuilding), seen{}, []string{create}, v1alpha1.ReasonWaitingForBuild, "About the build.", unknown},
		"no build is enabled":                     {given(), seen{}, nil, v1alpha1.ReasonWaitingForBuild, "Waiting for the image", unknown},
		"a build that failed ends it":             {built().BuildReady(no, v1alpha1.ReasonBuildFailed), there, nil, v1alpha1.ReasonBuildFailed, "The notebook was not run: About the build.", no},
		"True without an image is not believed":   {built().Built("", builders.Commit), there, nil, v1alpha1.ReasonWaitingForBuild, "Waiting for the image", unknown},
		"a failure of an earlier spec is no news": {built().BuildReady(no, v1alpha1.ReasonBuildFailed).Generation(2), there, nil, v1alpha1.ReasonWaitingForBuild, "Waiting for the image", unknown},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := planAt(time.Minute, test.job.Obj(), test.seen)
			assert.Equal(t, test.deeds, deeds(p))
			c := validated(t, p)
			assert.Equal(t, test.status, c.Status)
			assert.Equal(t, test.reason, c.Reason)
			assert.Contains(t, c.Message, test.says)
			assert.Equal(t, test.job.Obj().Generation, c.ObservedGeneration)
			assert.Zero(t, p.requeueAfter, "no timer opens the gate")
			assert.NoError(t, p.retry)
		})
	}
}

func TestTheBuildThatIsAskedFor(t *testing.T) {
	job := built().Spec(func(s *v1alpha1.NotebookValidationJobSpec) {
		s.PodConfig.BuildConfig.RequirementsFile = "env/requirements.txt"
		s.Notebook.Git.CredentialsSecret = "git"
	}).Obj()
	got := planAt(0, job, seen{}).createBuild
	require.NotNil(t, got)
	assert.Equal(t, v1alpha1.NotebookBuildSpec{
		Git: job.Spec.Notebook.Git, NotebookPath: job.Spec.Notebook.Path, BuildOptions: job.Spec.PodConfig.BuildConfig.BuildOptions,
	}, got.Spec)
	assert.Equal(t, "team", got.Namespace)
	assert.Equal(t, map[string]string{
		v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, v1alpha1.LabelComponent: "build",
		v1alpha1.LabelJob: "iris", v1alpha1.LabelOwnerUID: string(job.UID),
	}, got.Labels)
	assert.Empty(t, got.OwnerReferences, "the writer sets it")
}

func TestWhatTheSpecNoLongerAsksForIsCancelled(t *testing.T) {
	now, before := built().Generation(2).Obj(), built().Spec(func(s *v1alpha1.NotebookValidationJobSpec) { s.Notebook.Path = "old.ipynb" }).Obj()
	off := given().Generation(2).Obj()
	oldBuild, keptBuild := builders.MakeBuildOf(before), builders.MakeBuildOf(now)
	oldRun, currentRun := builders.MakeRunOf(before), builders.MakeRunOf(now)
	tests := map[string]struct {
		job    *v1alpha1.NotebookValidationJob
		builds []*builders.BuildBuilder
		runs   []*builders.RunJobBuilder
		want   []string
	}{
		"a build of another notebook":         {now, []*builders.BuildBuilder{oldBuild, keptBuild}, nil, []string{"delete build " + oldBuild.Obj().Name}},
		"a run of an earlier generation":      {now, []*builders.BuildBuilder{keptBuild}, []*builders.RunJobBuilder{oldRun, currentRun}, []string{"delete run " + oldRun.Obj().Name}},
		"a build once no build is enabled":    {off, []*builders.BuildBuilder{builders.MakeBuildOf(off)}, nil, []string{"delete build " + naming.Build(off)}},
		"not what is being deleted already":   {now, []*builders.BuildBuilder{builders.MakeBuildOf(before).Deleting(), keptBuild}, []*builders.RunJobBuilder{builders.MakeRunOf(before).Deleting()}, nil},
		"not what the spec asks for, of late": {now, []*builders.BuildBuilder{keptBuild}, []*builders.RunJobBuilder{currentRun}, nil},
	}
	for name, test := range tests {
		for suffix, decide := range map[string]bool{"": false, ", also after the decision": true} {
			t.Run(name+suffix, func(t *testing.T) {
				var s seen
				for _, b := range test.builds {
					s.builds = append(s.builds, *b.Obj())
				}
				for _, r := range test.runs {
					s.runs = append(s.runs, *r.Obj())
				}
				job := test.job.DeepCopy()
				if decide {
					job.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionValidated, Status: yes, Reason: v1alpha1.ReasonPassed, ObservedGeneration: 2}}
				}
				assert.Equal(t, test.want, deeds(planAt(0, job, s)))
			})
		}
	}
}

func TestAKeptBuildHasTheSameNameAfterAChangeThatIsNotIts(t *testing.T) {
	before := built().Obj()
	after := built().Generation(2).Timeout(time.Hour).Pod(func(c *v1alpha1.PodConfig) { c.ServiceAccountName = "a" }).Obj()
	s := seen{builds: []v1alpha1.NotebookBuild{*builders.MakeBuildOf(before).Obj()}, runs: []batchv1.Job{*builders.MakeRunOf(before).Obj()}}
	assert.Equal(t, []string{"delete run " + naming.Run(before)}, deeds(planAt(0, after, s)), "the build is kept, the run is not")
}

func TestADecisionStays(t *testing.T) {
	for name, job := range map[string]*v1alpha1.NotebookValidationJob{
		"a pass":                               image().Validated(yes, v1alpha1.ReasonPassed).Obj(),
		"a failure":                            image().Validated(no, v1alpha1.ReasonCellFailed).Obj(),
		"a failure whose gate fell shut again": built().BuildReady(no, v1alpha1.ReasonBuildFailed).Validated(no, v1alpha1.ReasonBuildFailed).Obj(),
	} {
		job.Status.Validation = &v1alpha1.ValidationStatus{RunName: naming.Run(job), Cells: 3}
		job.Status.Results = []v1alpha1.CellResult{{CellIndex: 1, Status: v1alpha1.CellSuccess}}
		for what, s := range map[string]seen{
			"the run was deleted": {},
			"the pod is gone":     {runs: []batchv1.Job{*builders.MakeRunOf(job).Complete().Obj()}},
			"the run goes on":     running(job, pod().Init(run.ContainerExecute, builders.Running())),
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				p := planAt(time.Hour, job, s)
				if strings.HasPrefix(name, "a failure") && what == "the run goes on" {
					assert.Equal(t, []string{"delete run " + naming.Run(job)}, deeds(p), "what was judged is not run later")
				} else {
					assert.Empty(t, deeds(p))
				}
				assert.Zero(t, p.requeueAfter)
				assert.False(t, status.Owned[v1alpha1.NotebookValidationJobStatus]{Before: owned(job.Status), After: p.status}.Changed())
			})
		}
	}
}

func TestADecisionOnAnEarlierGenerationIsNone(t *testing.T) {
	job := image().Validated(yes, v1alpha1.ReasonPassed).Generation(2).Built(builders.Image, builders.Commit).Obj()
	job.Status.Validation = &v1alpha1.ValidationStatus{RunName: "old", Cells: 3, FailedCell: ptr.To[int32](1)}
	job.Status.Results = []v1alpha1.CellResult{{CellIndex: 1}}
	p := planAt(0, job, seen{})
	assert.Equal(t, []string{"create run " + naming.Run(job)}, deeds(p))
	assert.Equal(t, unknown, validated(t, p).Status)
	assert.Empty(t, p.status.Results, "results of another spec are not shown")
	assert.Equal(t, &v1alpha1.ValidationStatus{RunName: naming.Run(job), Image: builders.Image, Commit: builders.Commit}, p.status.Validation)
}

func TestTheRunThatIsMade(t *testing.T) {
	built := planAt(0, image().Obj(), seen{})
	pod := built.createRun.Spec.Template.Spec
	assert.Equal(t, builders.Image, pod.InitContainers[1].Image)
	assert.Contains(t, pod.InitContainers[0].Args, "--commit="+builders.Commit, "what was built is what is validated")
	assert.Equal(t, "registry.example.com/operator:1", pod.InitContainers[0].Image)
	assert.Equal(t, []corev1.LocalObjectReference{{Name: "push"}}, pod.ImagePullSecrets)
	assert.Equal(t, int64(10001), *pod.SecurityContext.RunAsUser)
	assert.Equal(t, v1alpha1.ReasonRunPending, validated(t, built).Reason)

	own := planAt(0, ready().Obj(), seen{}).createRun.Spec.Template.Spec
	assert.Equal(t, builders.GivenImage, own.InitContainers[1].Image)
	assert.Empty(t, own.ImagePullSecrets, "the secret of builds is not given to an image that was not built")
	for _, arg := range own.InitContainers[0].Args {
		assert.NotContains(t, arg, "--commit")
	}
}

func TestARunUnderWay(t *testing.T) {
	job := image().Obj()
	stuck := pod().Init(run.ContainerFetch, builders.Waiting("ImagePullBackOff", "not found"))
	noNode := pod().Condition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", "no GPU", 0)
	tests := map[string]struct {
		seen         seen
		after        time.Duration
		status       metav1.ConditionStatus
		reason, says string
		deeds        []string
		requeue      time.Duration
	}{
		"no pod yet":                   {running(job), 0, unknown, v1alpha1.ReasonRunPending, "Waiting for the pod", nil, 0},
		"no node yet, for days":        {running(job, noNode), 50 * time.Hour, unknown, v1alpha1.ReasonRunPending, "no GPU", nil, 0},
		"the notebook is executed":     {running(job, pod().Init(run.ContainerExecute, builders.Running())), 0, unknown, v1alpha1.ReasonRunning, "being executed", nil, 0},
		"an image that is not there":   {running(job, stuck), 0, unknown, v1alpha1.ReasonRunPending, "cannot be pulled", nil, 2 * time.Minute},
		"the same, a little later":     {running(job, stuck), 90 * time.Second, unknown, v1alpha1.ReasonRunPending, "cannot be pulled", nil, 30 * time.Second},
		"the same, at the deadline":    {running(job, stuck), 2 * time.Minute, no, v1alpha1.ReasonImagePullFailed, "cannot be pulled", []string{"delete run " + naming.Run(job)}, 0},
		"the same, after the deadline": {running(job, stuck), time.Hour, no, v1alpha1.ReasonImagePullFailed, "imagePullSecrets", []string{"delete run " + naming.Run(job)}, 0},
		"a pod that is refused":        {seen{runs: running(job).runs, refused: `pods "a" is forbidden: no`}, 0, no, v1alpha1.ReasonPodRejected, "is forbidden: no", nil, 0},
		"a run whose pod failed": {
			seen{runs: []batchv1.Job{*builders.MakeRunOf(job).Failed(batchv1.JobReasonPodFailurePolicy).Obj()}, pods: running(job, pod().Init(run.ContainerExecute, builders.Ended(137, "OOMKilled", "", 0))).pods},
			0, no, v1alpha1.ReasonOutOfMemory, "Raise podConfig.resources.limits.memory", nil, 0,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := planAt(test.after, job, test.seen)
			c := validated(t, p)
			assert.Equal(t, test.status, c.Status)
			assert.Equal(t, test.reason, c.Reason)
			assert.Contains(t, c.Message, test.says)
			assert.Equal(t, test.deeds, deeds(p))
			assert.Equal(t, test.requeue, p.requeueAfter)
			assert.Equal(t, naming.Run(job), p.status.Validation.RunName)
			assert.NoError(t, p.retry)
		})
	}
}

func TestALogThatCannotBeReadIsWaitedForAWhile(t *testing.T) {
	job := image().Obj()
	message, _ := builders.MakeRun(report.CellOK).Answer()
	s := seen{
		runs:   []batchv1.Job{*builders.MakeRunOf(job).Complete().Obj()},
		pods:   []corev1.Pod{*pod().Phase(corev1.PodSucceeded).Main(run.ContainerReport, builders.Ended(0, "Completed", message, time.Minute)).Obj()},
		logErr: errors.New("dial tcp: the node does not answer"),
	}
	waits := planAt(5*time.Minute+59*time.Second, job, s)
	assert.Equal(t, unknown, validated(t, waits).Status)
	assert.Equal(t, v1alpha1.ReasonRunning, validated(t, waits).Reason)
	assert.ErrorIs(t, waits.retry, s.logErr)
	assert.Nil(t, waits.applyReport)

	s.logErr = errors.New("read tcp: the port is another at every try")
	again := planAt(5*time.Minute, job, s)
	assert.Equal(t, validated(t, waits).Message, validated(t, again).Message, "else every write brings the next try, with no back-off")

	gives := planAt(6*time.Minute, job, s)
	c := validated(t, gives)
	assert.Equal(t, no, c.Status, "whatever the termination message says: no report, no pass")
	assert.Equal(t, v1alpha1.ReasonReportInvalid, c.Reason)
	assert.Contains(t, c.Message, s.logErr.Error())
	assert.NoError(t, gives.retry)
}

func TestTheTransitionTimeIsKeptWhileNothingIsDecided(t *testing.T) {
	job := image().Validated(unknown, v1alpha1.ReasonRunPending).Obj()
	p := planAt(time.Hour, job, running(job, pod().Init(run.ContainerExecute, builders.Running())))
	assert.Equal(t, builders.At(0), validated(t, p).LastTransitionTime)
	decided := planAt(time.Hour, job, seen{runs: running(job).runs, refused: `pods "a" is forbidden: no`})
	assert.Equal(t, builders.At(time.Hour).Time, validated(t, decided).LastTransitionTime.UTC())
}

func TestAPlanOfItsOwnOutcomeIsTheSame(t *testing.T) {
	for name, job := range map[string]*v1alpha1.NotebookValidationJob{"behind the gate": built().Obj(), "a run": image().Obj(), "given": ready().Obj()} {
		t.Run(name, func(t *testing.T) {
			s := running(job, pod().Init(run.ContainerExecute, builders.Running()))
			s.builds = []v1alpha1.NotebookBuild{*builders.MakeBuildOf(job).Obj()}
			if !job.Spec.PodConfig.BuildEnabled() {
				s.builds = nil
			}
			first := planAt(0, job, s)
			job.Status.Conditions = append(job.Status.Conditions, first.status.Conditions...)
			job.Status.Validation, job.Status.Results = first.status.Validation, first.status.Results
			second := planAt(time.Hour, job, s)
			assert.False(t, status.Owned[v1alpha1.NotebookValidationJobStatus]{Before: owned(job.Status), After: second.status}.Changed())
			assert.Empty(t, deeds(second))
		})
	}
}
