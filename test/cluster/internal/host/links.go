package host

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
)

// EnsureNetwork gives the node its own interface and address, makes the pod bridge, routes the service range, and closes
// the way from pods to anything outside the machine.
func EnsureNetwork() error {
	if err := loadBridgeFilter(); err != nil {
		return err
	}
	if err := applySettings(); err != nil {
		return err
	}
	// A bridge without ports serves as a dummy interface and exists wherever the pod bridge can exist.
	if err := ensureBridge(config.NodeInterface, config.NodeAddress+"/32"); err != nil {
		return err
	}
	if err := ensureBridge(config.PodBridge, config.BridgeGateway+"/16"); err != nil {
		return err
	}
	// A local connection is routed before its service address is rewritten, so there has to be a route.
	if _, err := run("ip", "route", "replace", config.ServiceRange, "dev", config.NodeInterface); err != nil {
		return err
	}
	return ensureFirewall()
}

// loadBridgeFilter loads the kernel module unless it is built in or loaded.
func loadBridgeFilter() error {
	if _, err := os.Stat(sysctl("net/bridge/bridge-nf-call-iptables")); err == nil {
		return nil
	}
	_, err := run("modprobe", "br_netfilter")
	return err
}

func ensureBridge(name, address string) error {
	if _, err := net.InterfaceByName(name); err != nil {
		if _, err := run("ip", "link", "add", name, "type", "bridge"); err != nil {
			return err
		}
	}
	hardware, err := hardwareAddress(address)
	if err != nil {
		return err
	}
	// A bridge that was given no hardware address takes over one of its ports, and with it another one whenever a port comes
	// or goes: what pods send to the one that they remember is lost for half a minute.
	if _, err := run("ip", "link", "set", name, "address", hardware); err != nil {
		return err
	}
	if _, err := run("ip", "address", "replace", address, "dev", name); err != nil {
		return err
	}
	_, err = run("ip", "link", "set", name, "up")
	return err
}

// hardwareAddress is a locally administered one that is made of the interface's IPv4 address.
func hardwareAddress(cidr string) (string, error) {
	ip, _, err := net.ParseCIDR(cidr)
	if err != nil {
		return "", err
	}
	return net.HardwareAddr(append([]byte{0x02, 0x00}, ip.To4()...)).String(), nil
}

// RemoveNetwork takes back what EnsureNetwork and the pods' network plugin made. Routes go with their interfaces.
func RemoveNetwork() error {
	if err := removeFirewall(); err != nil {
		return err
	}
	for _, name := range append(podLinks(), config.PodBridge, config.NodeInterface) {
		if _, err := net.InterfaceByName(name); err != nil {
			continue
		}
		if _, err := run("ip", "link", "delete", name); err != nil {
			return err
		}
	}
	return nil
}

// podLinks are the machine's ends of the pods' interfaces: the ports of the pod bridge.
func podLinks() []string {
	ports, _ := filepath.Glob(filepath.Join("/sys/class/net", config.PodBridge, "brif", "*"))
	for i, port := range ports {
		ports[i] = filepath.Base(port)
	}
	return ports
}

// AddressTaken reports whether another interface than the harness' own has an address in the cluster's ranges.
func AddressTaken() (string, bool) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return "", false
	}
	for _, i := range interfaces {
		if i.Name == config.NodeInterface || i.Name == config.PodBridge {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, address := range addresses {
			if ip, _, err := net.ParseCIDR(address.String()); err == nil && ours(ip) {
				return i.Name + " " + address.String(), true
			}
		}
	}
	return "", false
}

func ours(ip net.IP) bool {
	for _, cidr := range []string{config.NodeAddress + "/32", config.PodRange, config.ServiceRange} {
		if _, block, err := net.ParseCIDR(cidr); err == nil && block.Contains(ip) {
			return true
		}
	}
	return false
}

// haveProgram reports whether a program can be found.
func haveProgram(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// lines splits a program's output into its lines.
func lines(output string) []string {
	return strings.Split(strings.TrimSpace(output), "\n")
}
