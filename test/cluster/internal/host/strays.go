package host

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// KillStrays ends the programs of these names whose command line leads to the state directory: supervisors of containers,
// which outlive containerd by design, and programs whose record was lost in a crash.
func KillStrays(state string, names ...string) {
	for _, pid := range strays(state, names) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // one that is gone already is fine
	}
}

func strays(state string, names []string) []int {
	var found []int
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil || !isStray(string(line), state, names) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			found = append(found, pid)
		}
	}
	return found
}

// isStray reads a command line as the kernel gives it, every word ended by a zero.
func isStray(line, state string, names []string) bool {
	args := strings.Split(strings.TrimRight(line, "\x00"), "\x00")
	if !slices.Contains(names, filepath.Base(args[0])) {
		return false
	}
	return slices.ContainsFunc(args, func(arg string) bool {
		_, value, _ := strings.Cut(arg, "=")
		return strings.HasPrefix(arg, state+"/") || strings.HasPrefix(value, state+"/")
	})
}

// RemoveTraces removes the few files that the node's programs write to fixed places of the machine: links to container
// logs, sockets of containers' supervisors and the network plugin's cache, and their directories when nobody else has
// anything in them.
func RemoveTraces(state, network string) {
	links, _ := filepath.Glob("/var/log/containers/*.log")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, state+"/") {
			_ = os.Remove(link)
		}
	}
	for _, file := range slices.Concat(networkResults(state, network), shimSockets(state), deadKubeletSocket()) {
		_ = os.Remove(file)
	}
	for _, dir := range []string{
		"/var/log/containers", "/var/lib/cni/results", "/var/lib/cni/networks", "/var/lib/cni",
		"/run/containerd/s", "/run/containerd", "/var/lib/kubelet/device-plugins", "/var/lib/kubelet",
	} {
		_ = os.Remove(dir) // only succeeds when it is empty
	}
}

// networkResults are what the network plugins remember of the state directory's pods.
func networkResults(state, network string) []string {
	const cache = "/var/lib/cni/results"
	results, _ := filepath.Glob(filepath.Join(cache, network+"-*"))
	sandboxes, _ := filepath.Glob(filepath.Join(state, "containerd/io.containerd.grpc.v1.cri/sandboxes/*"))
	for _, sandbox := range sandboxes {
		results = append(results, filepath.Join(cache, "cni-loopback-"+filepath.Base(sandbox)+"-lo"))
	}
	return results
}

// deadKubeletSocket is the one socket whose place the kubelet does not let anybody choose, if no kubelet answers there.
func deadKubeletSocket() []string {
	const socket = "/var/lib/kubelet/device-plugins/kubelet.sock"
	if connection, err := net.Dial("unix", socket); err == nil {
		connection.Close()
		return nil
	}
	return []string{socket}
}

// shimSockets reads from the containers' bundles where their supervisors listened.
func shimSockets(state string) []string {
	files, _ := filepath.Glob(filepath.Join(state, "run/containerd/io.containerd.runtime.v2.task/*/*/address"))
	var sockets []string
	for _, file := range files {
		address, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if socket, local := strings.CutPrefix(strings.TrimSpace(string(address)), "unix://"); local && strings.HasPrefix(socket, "/run/containerd/s/") {
			sockets = append(sockets, socket)
		}
	}
	return sockets
}
