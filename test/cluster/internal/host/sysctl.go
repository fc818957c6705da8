package host

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// wanted are the kernel settings that pods need.
var wanted = map[string]string{
	"net/ipv4/ip_forward": "1",
	// Replies between two pods of one bridge would otherwise bypass the packet filter that has to rewrite them.
	"net/bridge/bridge-nf-call-iptables": "1",
}

// touched are the settings that Kubernetes' own programs change at their start.
var touched = []string{
	"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys",
	"kernel/keys/root_maxbytes", "net/ipv4/conf/all/route_localnet", "net/netfilter/nf_conntrack_max",
	"net/netfilter/nf_conntrack_tcp_timeout_established", "net/netfilter/nf_conntrack_tcp_timeout_close_wait",
	"net/netfilter/nf_conntrack_tcp_be_liberal",
}

func sysctl(name string) string { return filepath.Join("/proc/sys", name) }

// RememberSettings writes the present values of all settings that will change to the file, unless it is there already.
func RememberSettings(file string) error {
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	values := map[string]string{}
	names := append([]string{}, touched...)
	for name := range wanted {
		names = append(names, name)
	}
	for _, name := range names {
		content, err := os.ReadFile(sysctl(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		values[name] = strings.TrimSpace(string(content))
	}
	content, err := json.MarshalIndent(values, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}

// applySettings sets what pods need.
func applySettings() error {
	for name, value := range wanted {
		if err := os.WriteFile(sysctl(name), []byte(value), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// RestoreSettings puts the remembered values back. Without the file there is nothing to put back.
func RestoreSettings(file string) error {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	values := map[string]string{}
	if err := json.Unmarshal(content, &values); err != nil {
		return err
	}
	var failed []error
	for name, value := range values {
		now, err := os.ReadFile(sysctl(name))
		if err != nil || strings.TrimSpace(string(now)) == value {
			continue
		}
		failed = append(failed, os.WriteFile(sysctl(name), []byte(value), 0o644))
	}
	return errors.Join(failed...)
}
