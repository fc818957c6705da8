package host

import (
	"fmt"
	"regexp"
	"strings"

	"mlops.dev/notebook-validator-operator/test/cluster/internal/config"
)

// Chains of the harness' own. Kubernetes' programs add chains that begin with KUBE-.
const (
	forwardChain = "NBV-FORWARD"
	inputChain   = "NBV-INPUT"
)

// rules keep pods on the machine: from the pod bridge a packet may go to another pod, to the node's address or to the
// bridge gateway, and nowhere else. Services are rewritten to one of those before these rules see them.
var rules = map[string][][]string{
	forwardChain: {
		{"-i", config.PodBridge, "-o", config.PodBridge, "-j", "ACCEPT"},
		{"-i", config.PodBridge, "-j", "REJECT"},
	},
	inputChain: {
		{"-i", config.PodBridge, "-d", config.NodeAddress, "-j", "ACCEPT"},
		{"-i", config.PodBridge, "-d", config.BridgeGateway, "-j", "ACCEPT"},
		{"-i", config.PodBridge, "-j", "REJECT"},
	},
}

// ensureFirewall writes the chains anew and makes each the first thing that its base chain asks.
func ensureFirewall() error {
	for chain, base := range map[string]string{forwardChain: "FORWARD", inputChain: "INPUT"} {
		var input strings.Builder
		fmt.Fprintf(&input, "*filter\n:%s - [0:0]\n", chain)
		for _, rule := range rules[chain] {
			fmt.Fprintf(&input, "-A %s %s\n", chain, strings.Join(rule, " "))
		}
		input.WriteString("COMMIT\n")
		if _, err := feed(input.String(), "iptables-restore", "--noflush"); err != nil {
			return err
		}
		if _, err := run("iptables", "-C", base, "-j", chain); err == nil {
			continue
		}
		if _, err := run("iptables", "-I", base, "1", "-j", chain); err != nil {
			return err
		}
	}
	return nil
}

// ForeignKubernetes reports whether there are chains of a kube-proxy although the harness has started none.
func ForeignKubernetes() bool {
	output, err := run("iptables-save", "-t", "nat")
	return err == nil && strings.Contains(output, ":KUBE-SERVICES")
}

// ourChain matches the chains that the cluster makes.
var ourChain = regexp.MustCompile(`^(KUBE-|CNI-|NBV-)`)

// removeFirewall removes the cluster's chains, and the rules of other chains that lead to them, from every table.
func removeFirewall() error {
	for _, family := range []string{"iptables", "ip6tables"} {
		if !haveProgram(family + "-save") {
			continue
		}
		// Reading a table that the kernel lacks fails, and then there is nothing in it to remove.
		saved, err := run(family + "-save")
		if err != nil {
			continue
		}
		if script := removal(saved); script != "" {
			if _, err := feed(script, family+"-restore", "--noflush"); err != nil {
				return err
			}
		}
	}
	return nil
}

// removal turns the saved rules into the script that removes the cluster's part of them: chains are emptied first, then
// the rules that lead to them go, then the chains themselves.
func removal(saved string) string {
	var script strings.Builder
	var table string
	var flush, unlink, drop []string
	for _, line := range lines(saved) {
		switch {
		case strings.HasPrefix(line, "*"):
			table, flush, unlink, drop = line, nil, nil, nil
		case strings.HasPrefix(line, ":"):
			if chain := strings.Fields(line[1:])[0]; ourChain.MatchString(chain) {
				flush = append(flush, ":"+chain+" - [0:0]")
				drop = append(drop, "-X "+chain)
			}
		case strings.HasPrefix(line, "-A ") && leadsToUs(line):
			unlink = append(unlink, "-D "+strings.TrimPrefix(line, "-A "))
		case line == "COMMIT" && len(flush) > 0:
			all := append(append(append([]string{table}, flush...), unlink...), drop...)
			script.WriteString(strings.Join(append(all, "COMMIT"), "\n") + "\n")
		}
	}
	return script.String()
}

// leadsToUs reports whether a rule of somebody else's chain jumps to one of the cluster's chains.
func leadsToUs(rule string) bool {
	words := strings.Fields(rule)
	if ourChain.MatchString(words[1]) {
		return false // it goes with its chain
	}
	for i, word := range words[:len(words)-1] {
		if (word == "-j" || word == "-g") && ourChain.MatchString(words[i+1]) {
			return true
		}
	}
	return false
}
