package scorecard

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

const (
	pollInterval = time.Second // as scorecard has it
	cleanupTime  = time.Minute
)

// Runner runs the tests of a configuration in one namespace.
type Runner struct {
	Client    kubernetes.Interface
	Namespace string
	// ServiceAccount of the pods; that of the configuration wins, and without either it is "default".
	ServiceAccount string
	// Bundle is the folder that the tests find at /bundle.
	Bundle string
	// UntarImage has tar and no entrypoint of its own, and can run as any user.
	UntarImage string
	// Images replaces images of the configuration by others, where a registry is out of reach.
	Images map[string]string
	// Selector chooses tests by their labels; nil chooses all.
	Selector labels.Selector
	// Keep leaves pods and ConfigMap for whoever wants to look at them.
	Keep bool
}

// Run runs the stages in order and returns the tests in the order of the configuration. Its error is about the run, never
// about a test. The context bounds it; what was created is deleted in any case.
func (r Runner) Run(ctx context.Context, config v1alpha3.Configuration) (tests v1alpha3.TestList, err error) {
	tests = v1alpha3.NewTestList()
	if err := validate(config); err != nil {
		return tests, err
	}
	if config.ServiceAccount != "" {
		r.ServiceAccount = config.ServiceAccount
	} else if r.ServiceAccount == "" {
		r.ServiceAccount = "default"
	}
	archive, err := pack(r.Bundle)
	if err != nil {
		return tests, fmt.Errorf("pack the bundle: %w", err)
	}
	run := randomName()
	if !r.Keep {
		defer func() { err = errors.Join(err, r.cleanUp(ctx, run)) }()
	}
	if _, err := r.Client.CoreV1().ConfigMaps(r.Namespace).Create(ctx, configMap(r.Namespace, run, archive), metav1.CreateOptions{}); err != nil {
		return tests, fmt.Errorf("create the ConfigMap with the bundle: %w", err)
	}
	for _, stage := range config.Stages {
		tests.Items = append(tests.Items, r.stage(ctx, run, selected(stage, r.Selector), stage.Parallel)...)
	}
	return tests, nil
}

func randomName() string { return appName + "-" + rand.String(4) }

// stage runs tests one after the other or all at once.
func (r Runner) stage(ctx context.Context, run string, tests []v1alpha3.TestConfiguration, parallel bool) []v1alpha3.Test {
	results := make([]v1alpha3.Test, len(tests))
	var group sync.WaitGroup
	for i, test := range tests {
		results[i] = v1alpha3.NewTest()
		results[i].Spec = test
		one := func() { results[i].Status = r.test(ctx, run, test) }
		if parallel {
			group.Go(one)
		} else {
			one()
		}
	}
	group.Wait()
	return results
}

// test runs one test in a pod and reads its log, whatever the pod's end.
func (r Runner) test(ctx context.Context, run string, test v1alpha3.TestConfiguration) v1alpha3.TestStatus {
	if other, found := r.Images[test.Image]; found {
		test.Image = other
	}
	pods := r.Client.CoreV1().Pods(r.Namespace)
	created, err := pods.Create(ctx, pod(r.Namespace, randomName(), run, r.ServiceAccount, r.UntarImage, test), metav1.CreateOptions{})
	if err != nil {
		return failed(fmt.Errorf("create the pod: %w", err), "")
	}
	if err := r.awaitEnd(ctx, created.Name); err != nil {
		return failed(err, "")
	}
	log, err := pods.GetLogs(created.Name, &corev1.PodLogOptions{Container: testContainer}).DoRaw(ctx)
	if err != nil {
		return failed(fmt.Errorf("read the log of pod %s: %w", created.Name, err), string(log))
	}
	return parse(log)
}

// awaitEnd waits for a pod to end, well or not.
func (r Runner) awaitEnd(ctx context.Context, name string) error {
	last := "it was not seen"
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		is, err := r.Client.CoreV1().Pods(r.Namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		last = progress(is.Status)
		return is.Status.Phase == corev1.PodSucceeded || is.Status.Phase == corev1.PodFailed, nil
	})
	if err != nil {
		return fmt.Errorf("pod %s did not end: %w; %s", name, err, last)
	}
	return nil
}

// progress says how far a pod is and what it waits for, such as an image that cannot be pulled.
func progress(status corev1.PodStatus) string {
	text := "its phase is " + string(status.Phase)
	for _, containers := range [][]corev1.ContainerStatus{status.InitContainerStatuses, status.ContainerStatuses} {
		for _, container := range containers {
			if waiting := container.State.Waiting; waiting != nil {
				text += fmt.Sprintf(", %s waits: %s %s", container.Name, waiting.Reason, waiting.Message)
			}
		}
	}
	return text
}

// cleanUp deletes what the run created, also when its time is over.
func (r Runner) cleanUp(ctx context.Context, run string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	pods := r.Client.CoreV1().Pods(r.Namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: runLabel + "=" + run})
	maps := r.Client.CoreV1().ConfigMaps(r.Namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{FieldSelector: "metadata.name=" + run})
	if err := errors.Join(pods, maps); err != nil {
		return fmt.Errorf("clean up: %w", err)
	}
	return nil
}
