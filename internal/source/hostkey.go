package source

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the hash that known_hosts files are made with
	"encoding/base64"
	"errors"
	"io"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

const defaultSSHUser = "git"

// sshConfig uses the Secret only: no agent, no file in a home directory.
func sshConfig(address Address, credentials Credentials, check *hostCheck) (*ssh.ClientConfig, error) {
	config := &ssh.ClientConfig{
		User:            first(first(address.User, credentials.Username), defaultSSHUser),
		HostKeyCallback: check.verify,
	}
	switch {
	case len(credentials.SSHPrivateKey) > 0:
		signer, err := credentials.signer()
		if err != nil {
			return nil, err
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	case credentials.Password != "":
		config.Auth = append(config.Auth, ssh.Password(credentials.Password))
	default:
		return nil, problem(CredentialsInvalid, "The Git URL is ssh, but there is no ssh key. Put one into key ssh-privatekey of a Secret, and its server's key into known_hosts, and name the Secret in git.credentialsSecret.")
	}
	if check.ignore {
		return config, nil
	}
	algorithms, err := check.algorithms()
	if err != nil {
		return nil, err
	}
	config.HostKeyAlgorithms = algorithms
	return config, nil
}

// hostCheck compares a server's key with those of known_hosts.
type hostCheck struct {
	address Address
	keys    []ssh.PublicKey
	revoked []ssh.PublicKey
	damaged bool
	given   bool
	ignore  bool
	refusal error
}

func newHostCheck(address Address, repository Repository) *hostCheck {
	text := repository.Credentials.KnownHosts
	c := &hostCheck{address: address, given: len(bytes.TrimSpace(text)) > 0}
	c.ignore = !c.given && repository.InsecureIgnoreHostKey
	name := address.Host
	if address.Port != schemePorts["ssh"] {
		name = "[" + address.Host + "]:" + lastField(address.hostPort())
	}
	for line := range bytes.Lines(text) { // one by one: a line that cannot be read must not hide those after it
		marker, hosts, key, _, _, err := ssh.ParseKnownHosts(line)
		if err != nil {
			c.damaged = c.damaged || !errors.Is(err, io.EOF)
			continue
		}
		if !matchesHost(hosts, strings.ToLower(name)) {
			continue
		}
		switch marker {
		case "":
			c.keys = append(c.keys, key)
		case "revoked":
			c.revoked = append(c.revoked, key)
		}
	}
	return c
}

func lastField(hostPort string) string {
	_, port, _ := net.SplitHostPort(hostPort)
	return port
}

// algorithms are those of the keys that known_hosts has: a server that has
// several keys must show one of these, not the one that it likes best.
func (c *hostCheck) algorithms() ([]string, error) {
	if len(c.keys) == 0 {
		return nil, c.unverified()
	}
	var all []string
	for _, key := range c.keys {
		names := []string{key.Type()}
		if key.Type() == ssh.KeyAlgoRSA {
			names = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
		}
		for _, name := range names {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all, nil
}

func (c *hostCheck) unverified() error {
	scan := "ssh-keyscan " + c.address.Host
	if c.address.Port != schemePorts["ssh"] {
		scan = "ssh-keyscan -p " + lastField(c.address.hostPort()) + " " + c.address.Host
	}
	switch {
	case c.damaged:
		return problem(HostKeyUnverified, "Key known_hosts of the Git Secret has a line that cannot be read, and none for %s. Put in the output of: %s", c.address.origin(), scan)
	case c.given:
		return problem(HostKeyUnverified, "Key known_hosts of the Git Secret has no entry for %s. Add the output of: %s", c.address.origin(), scan)
	}
	return problem(HostKeyUnverified, "The Git Secret has no known_hosts, so nobody can say whether %s is the right server. Add key known_hosts with the output of: %s (compare it with what the server's owner publishes), or set git.insecureIgnoreHostKey: true.", c.address.origin(), scan)
}

func (c *hostCheck) verify(_ string, _ net.Addr, key ssh.PublicKey) error {
	if c.ignore {
		return nil
	}
	same := func(known ssh.PublicKey) bool { return bytes.Equal(known.Marshal(), key.Marshal()) }
	if slices.ContainsFunc(c.revoked, same) || !slices.ContainsFunc(c.keys, same) {
		c.refusal = c.mismatch("shows the key " + ssh.FingerprintSHA256(key) + " of type " + key.Type() + ", which is not the one in known_hosts")
		return c.refusal
	}
	return nil
}

func (c *hostCheck) mismatch(what string) error {
	return problem(HostKeyMismatch, "The ssh server %s %s. Somebody may be between the cluster and the server. If its owner says that the key has changed, put the new one into key known_hosts of the Git Secret.", c.address.origin(), what)
}

// explain names the one failure of negotiation that is about host keys.
func (c *hostCheck) explain(err error) error {
	var negotiation *ssh.AlgorithmNegotiationError
	if !c.ignore && errors.As(err, &negotiation) && strings.Contains(err.Error(), "host key") {
		return c.mismatch("has no key of the types in known_hosts")
	}
	return err
}

// matchesHost reads the first field of a known_hosts line: names, patterns, or hashes of names.
func matchesHost(patterns []string, name string) bool {
	found := false
	for _, pattern := range patterns {
		negated := strings.HasPrefix(pattern, "!")
		if !matchesPattern(strings.ToLower(strings.TrimPrefix(pattern, "!")), pattern, name) {
			continue
		}
		if negated {
			return false
		}
		found = true
	}
	return found
}

func matchesPattern(pattern, raw, name string) bool {
	if strings.HasPrefix(raw, "|1|") {
		return matchesHash(raw, name)
	}
	return glob(pattern, name)
}

func matchesHash(raw, name string) bool {
	fields := strings.Split(raw, "|")
	if len(fields) != 4 {
		return false
	}
	salt, saltError := base64.StdEncoding.DecodeString(fields[2])
	want, wantError := base64.StdEncoding.DecodeString(fields[3])
	if saltError != nil || wantError != nil {
		return false
	}
	mac := hmac.New(sha1.New, salt)
	mac.Write([]byte(name))
	return hmac.Equal(mac.Sum(nil), want)
}

// glob matches * and ? in a pattern, in time that grows with the product of the lengths.
func glob(pattern, name string) bool {
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
