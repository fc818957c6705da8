package e2e

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"mlops.dev/notebook-validator-operator/test/kit"
)

var (
	cluster *kit.Cluster
	// begun is the operator as it was before the first test.
	begun kit.Incarnation
	// kills is how many times a test killed the operator on purpose.
	kills int32
)

// parallel tests are as many as two processors carry: they mostly wait for pods.
const parallel = "4"

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if err := setUp(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	code := m.Run()
	figures.print()
	if err := undisturbed(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	return code
}

func setUp() error {
	if err := setUnlessGiven("test.parallel", parallel); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	var err error
	cluster, err = kit.Open(ctx, func(format string, args ...any) { fmt.Printf("e2e: "+format+"\n", args...) })
	if err != nil {
		return err
	}
	if err := cluster.Deploy(ctx); err != nil {
		return err
	}
	begun, err = cluster.Incarnation(ctx)
	return err
}

// setUnlessGiven sets a flag that the command line leaves open.
func setUnlessGiven(name, value string) error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if given {
		return nil
	}
	return flag.Set(name, value)
}

// undisturbed checks that no test brought the operator down but the one that means to.
func undisturbed() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ended, err := cluster.Incarnation(ctx)
	if err != nil {
		return err
	}
	if ended.Pod != begun.Pod || ended.Restarts != begun.Restarts+kills {
		fmt.Fprintln(os.Stderr, cluster.Describe(ctx, kit.OperatorNamespace))
		return errors.Join(errors.New("the operator went down during the tests"),
			fmt.Errorf("it began as %+v and ended as %+v, and was killed on purpose %d times", begun, ended, kills))
	}
	return nil
}
