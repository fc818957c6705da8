package registry

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// errForbiddenAddress is an address that no registry and no token server has.
var errForbiddenAddress = errors.New("the address is not one of a registry")

// metadataServices are where clouds give a node its credentials or configuration. Most do so at a link-local address,
// 169.254.169.254 first of all, and those need no entry; these look like any private or public address.
var metadataServices = []netip.Addr{
	netip.MustParseAddr("100.100.100.200"),    // Alibaba, in the range that carriers share
	netip.MustParseAddr("168.63.129.16"),      // Azure's WireServer, in a public range
	netip.MustParseAddr("192.0.0.192"),        // Oracle Compute Classic
	netip.MustParseAddr("fd00:100::100:200"),  // Alibaba by IPv6
	netip.MustParseAddr("fd00:42::42"),        // Scaleway by IPv6
	netip.MustParseAddr("fd00:a9fe:a9fe::1"),  // Akamai (Linode) by IPv6
	netip.MustParseAddr("fd00:c1::a9fe:a9fe"), // Oracle (OCI) by IPv6
	netip.MustParseAddr("fd00:ec2::23"),       // the agent for pod identities of EKS by IPv6
	netip.MustParseAddr("fd00:ec2::254"),      // AWS by IPv6
	netip.MustParseAddr("fd20:ce::254"),       // Google by IPv6
}

// nat64 is the prefix below which a network's translator reaches the IPv4 address of the last four bytes (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// refuseMetadata keeps a job's author from having the operator ask the node's metadata service.
func refuseMetadata(address netip.Addr) error {
	at := reached(address)
	if at.IsLinkLocalUnicast() || at.IsMulticast() || at.IsUnspecified() || slices.Contains(metadataServices, at) {
		return fmt.Errorf("%s: %w", address, errForbiddenAddress)
	}
	return nil
}

// refuseLocal keeps the operator from being sent to itself besides: at loopback is its own pod, and what is said about a
// port there tells an open one from a closed one. Private addresses stay allowed: a company's registry and its token
// server have one, and https has them prove their names.
func refuseLocal(address netip.Addr) error {
	if reached(address).IsLoopback() {
		return fmt.Errorf("%s: %w", address, errForbiddenAddress)
	}
	return refuseMetadata(address)
}

// reached is the address that answers: the same host can be written as IPv4, as IPv4 within IPv6, and with a zone.
func reached(address netip.Addr) netip.Addr {
	address = address.WithZone("").Unmap()
	if !nat64.Contains(address) {
		return address
	}
	bytes := address.As16()
	return netip.AddrFrom4([4]byte(bytes[12:]))
}
