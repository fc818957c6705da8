package services

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/gitserver"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/process"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/pyindex"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/registry"
	"mlops.dev/notebook-validator-operator/test/cluster/wheels"
)

// service serves at one port of the node's address until its listener is closed.
type service struct {
	port  int
	serve func(net.Listener) error
}

// Serve runs all services until the context ends or one of them fails.
func (s *Settings) Serve(ctx context.Context) error {
	all, err := s.services()
	if err != nil {
		return err
	}
	ended := make(chan error, len(all))
	for _, service := range all {
		listener, err := net.Listen("tcp", config.On(service.port))
		if err != nil {
			return err
		}
		defer listener.Close()
		go func() { ended <- service.serve(listener) }()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		return err
	}
}

func (s *Settings) services() ([]service, error) {
	index, err := pyindex.NewIndex(wheels.Sources)
	if err != nil {
		return nil, err
	}
	git := gitserver.Server{Root: s.Paths.Repositories(), Username: gitUser, Password: s.GitPassword, Realm: "notebook-validator"}
	repositories, err := git.Handler()
	if err != nil {
		return nil, err
	}
	guard := registry.Guard{
		Backend: config.Loopback(config.RegistryBackend), Username: registryUser, Password: s.RegistryPassword, Public: config.PublicPrefix,
	}
	return []service{
		{config.RegistryPort, plain(guard.Handler())},
		{config.IndexPort, plain(index.Handler())},
		{config.GitHTTPPort, plain(repositories)},
		{config.GitHTTPSPort, s.secure(repositories)},
		{config.GitSSHPort, func(l net.Listener) error { return git.ServeSSH(l, s.HostKey, s.ClientKey.PublicKey()) }},
		{config.GitDaemonPort, git.ServeDaemon},
	}, nil
}

func server(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
}

func plain(handler http.Handler) func(net.Listener) error {
	return server(handler).Serve
}

func (s *Settings) secure(handler http.Handler) func(net.Listener) error {
	return func(listener net.Listener) error {
		return server(handler).ServeTLS(listener, s.Authority.CertFile("git"), s.Authority.KeyFile("git"))
	}
}

// Ready returns nil when every service accepts connections and the registry answers through its guard.
func Ready() error {
	var failed []error
	for _, port := range []int{config.RegistryPort, config.IndexPort, config.GitHTTPPort, config.GitHTTPSPort, config.GitSSHPort, config.GitDaemonPort} {
		failed = append(failed, process.Listens("tcp", config.On(port)))
	}
	return errors.Join(failed...)
}
