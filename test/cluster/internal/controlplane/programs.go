package controlplane

import (
	"time"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
	"mlops.dev/notebook-validator-operator/test/cluster/internal/process"
)

func (p *Plane) etcd() process.Spec {
	client, peer := "http://"+config.Loopback(config.EtcdPort), "http://"+config.Loopback(config.EtcdPeerPort)
	return process.Spec{
		Name: "etcd",
		Args: []string{
			p.program("etcd"), "--data-dir=" + p.Paths.In("etcd"),
			"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
			"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=default=" + peer,
			"--unsafe-no-fsync", // a test cluster's data need not survive a power cut
		},
		Ready: func() error { return process.HTTPOK(client+"/health", process.Plain()) },
	}
}

func (p *Plane) apiserver() process.Spec {
	a := p.Authority
	return process.Spec{
		Name: "kube-apiserver",
		Args: []string{
			p.program("kube-apiserver"),
			"--etcd-servers=http://" + config.Loopback(config.EtcdPort),
			"--bind-address=" + config.NodeAddress, "--advertise-address=" + config.NodeAddress,
			"--service-cluster-ip-range=" + config.ServiceRange,
			"--tls-cert-file=" + a.CertFile("apiserver"), "--tls-private-key-file=" + a.KeyFile("apiserver"),
			"--client-ca-file=" + a.CertFile("ca"),
			"--kubelet-client-certificate=" + a.CertFile("apiserver-kubelet"), "--kubelet-client-key=" + a.KeyFile("apiserver-kubelet"),
			"--kubelet-certificate-authority=" + a.CertFile("ca"), "--kubelet-preferred-address-types=InternalIP",
			"--service-account-issuer=https://kubernetes.default.svc." + config.ClusterDomain,
			"--service-account-key-file=" + p.serviceAccountKey(), "--service-account-signing-key-file=" + p.serviceAccountKey(),
			"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
			"--allow-privileged=true", "--profiling=false",
			"--requestheader-client-ca-file=" + p.front.CertFile("ca"), "--requestheader-allowed-names=front-proxy-client",
			"--requestheader-extra-headers-prefix=X-Remote-Extra-", "--requestheader-group-headers=X-Remote-Group",
			"--requestheader-username-headers=X-Remote-User",
			"--proxy-client-cert-file=" + p.front.CertFile("client"), "--proxy-client-key-file=" + p.front.KeyFile("client"),
		},
		Ready: func() error {
			return process.HTTPOK(server()+"/readyz", process.Trusting(a.PEM()))
		},
		Patience: time.Minute,
	}
}

func (p *Plane) controllerManager() process.Spec {
	a, client := p.Authority, p.ClientConfig("kube-controller-manager")
	return process.Spec{
		Name: "kube-controller-manager",
		Args: []string{
			p.program("kube-controller-manager"), "--bind-address=127.0.0.1", "--leader-elect=false", "--profiling=false",
			"--kubeconfig=" + client, "--authentication-kubeconfig=" + client, "--authorization-kubeconfig=" + client,
			"--service-account-private-key-file=" + p.serviceAccountKey(), "--root-ca-file=" + a.CertFile("ca"),
			"--cluster-signing-cert-file=" + a.CertFile("ca"), "--cluster-signing-key-file=" + a.KeyFile("ca"),
			"--use-service-account-credentials=true", "--flex-volume-plugin-dir=" + p.Paths.In("kubelet", "volume-plugins"),
			"--tls-cert-file=" + a.CertFile("apiserver"), "--tls-private-key-file=" + a.KeyFile("apiserver"),
		},
		Reads: []string{client},
		Ready: func() error { return process.HTTPOK("https://127.0.0.1:10257/healthz", process.Trusting(a.PEM())) },
	}
}

func (p *Plane) scheduler() process.Spec {
	a, client := p.Authority, p.ClientConfig("kube-scheduler")
	return process.Spec{
		Name: "kube-scheduler",
		Args: []string{
			p.program("kube-scheduler"), "--bind-address=127.0.0.1", "--leader-elect=false", "--profiling=false",
			"--kubeconfig=" + client, "--authentication-kubeconfig=" + client, "--authorization-kubeconfig=" + client,
			"--tls-cert-file=" + a.CertFile("apiserver"), "--tls-private-key-file=" + a.KeyFile("apiserver"),
		},
		Reads: []string{client},
		Ready: func() error { return process.HTTPOK("https://127.0.0.1:10259/healthz", process.Trusting(a.PEM())) },
	}
}
