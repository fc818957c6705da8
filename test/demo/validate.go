package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
	"mlops.dev/notebook-validator-operator/test/kit"
	"mlops.dev/notebook-validator-operator/test/notebooks"
)

// What the demonstration makes, and makes anew each time.
const (
	namespace  = "notebook-validator-demo"
	repository = "demo"
	jobName    = "heights"
	notebook   = "heights.ipynb"
)

// patience is how long the validation may take in all.
const patience = 8 * time.Minute

// prepare makes the repository and a namespace.
func (d *demo) prepare(ctx context.Context) error {
	files, err := notebooks.Repository("colours")
	if err != nil {
		return err
	}
	commit, err := d.cluster.Repository(ctx, kit.Public, repository, kit.Tree{Files: files})
	if err != nil {
		return err
	}
	d.say("%s has %s, which imports a package that only requirements.txt brings (commit %.10s)", d.url(), notebook, commit)
	return d.cluster.Namespace(ctx, namespace, kit.Baseline)
}

func (d *demo) url() string { return d.cluster.Env.Git.HTTPPublic + "/" + repository + ".git" }

func (d *demo) job() *v1alpha1.NotebookValidationJob {
	job := d.cluster.Job(namespace, jobName, d.url(), notebook)
	kit.Build(&job.Spec)
	return job
}

// validate applies the job and shows every phase as it passes.
func (d *demo) validate(ctx context.Context) (*v1alpha1.NotebookValidationJob, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("it took longer than "+patience.String()))
	defer cancel()
	if err := d.cluster.DeleteAndWait(ctx, d.job()); err != nil {
		return nil, err
	}
	seen, err := d.cluster.Record(ctx, namespace)
	if err != nil {
		return nil, err
	}
	if err := d.cluster.Client.Create(ctx, d.job()); err != nil {
		return nil, err
	}
	d.say("applied NotebookValidationJob %s", jobName)
	shown := 0
	err = seen.Await(ctx, "the end of job "+jobName, func() bool {
		job := seen.Job(jobName)
		if job == nil {
			return false
		}
		phases := seen.Phases(jobName, job.Generation)
		for ; shown < len(phases); shown++ {
			d.say("phase %-18s %s", phases[shown], job.Status.Message)
		}
		return kit.Ended(job)
	})
	return seen.Job(jobName), err
}

// conclude says verdict, why, and where to look further.
func (d *demo) conclude(job *v1alpha1.NotebookValidationJob) error {
	for _, cell := range job.Status.Results {
		took := time.Duration(0)
		if cell.ExecutionTime != nil {
			took = cell.ExecutionTime.Duration
		}
		fmt.Printf("         cell %d  %-8s %6s  %s\n", cell.CellIndex, cell.Status, took, firstLine(cell.Output))
	}
	kubectl := d.cluster.Env.Kubectl + " --kubeconfig=" + d.cluster.Env.Kubeconfig + " -n " + namespace
	report := ""
	if v := job.Status.Validation; v != nil {
		report = v.ReportConfigMap
		fmt.Printf("\nimage    %s\n", v.Image)
	}
	fmt.Printf("look     %s get nvj %s -o wide\n", kubectl, jobName)
	fmt.Printf("         %s describe nvj %s\n", kubectl, jobName)
	fmt.Printf("         %s get nbb,jobs,pods\n", kubectl)
	fmt.Println("remove   make cluster-down")
	fmt.Printf("\nverdict  %s after %s\n", job.Status.Phase, time.Since(d.start).Round(time.Second))
	fmt.Printf("why      %s\n", job.Status.Message)
	fmt.Printf("report   %s get configmap %s -o jsonpath='{.data.report\\.json}'\n", kubectl, report)
	if job.Status.Phase != v1alpha1.PhaseSucceeded {
		return fmt.Errorf("the notebook did not pass: %s", job.Status.Message)
	}
	return nil
}

func firstLine(text string) string {
	for i, r := range text {
		if r == '\n' || i >= 80 {
			return text[:i]
		}
	}
	return text
}
