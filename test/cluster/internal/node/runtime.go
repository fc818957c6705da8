package node

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	runtimev1 "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// runtimeAnswers returns nil when the container runtime behind the socket takes orders. It listens earlier, and a kubelet that
// asks in between gives up.
func runtimeAnswers(socket string) error {
	connection, err := grpc.NewClient("unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, err = runtimev1.NewRuntimeServiceClient(connection).Version(ctx, &runtimev1.VersionRequest{})
	return err
}
