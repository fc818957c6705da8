package registry_test

import (
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/registry"
)

func TestAddressesThatNoRegistryHasAreRefused(t *testing.T) {
	type refusal struct{ usually, withLoopback bool }
	never, unlessAllowed, asked := refusal{true, true}, refusal{true, false}, refusal{}
	for name, test := range map[string]struct {
		want      refusal
		addresses []string
	}{
		"metadata at a link-local address": {never, []string{"169.254.169.254", "169.254.170.2", "fe80::1", "fe80::a9fe:a9fe%eth0"}},
		"metadata of Alibaba":              {never, []string{"100.100.100.200", "fd00:100::100:200"}},
		"metadata of Azure":                {never, []string{"168.63.129.16"}},
		"metadata of AWS":                  {never, []string{"fd00:ec2::254", "fd00:ec2::23", "fd00:ec2::254%eth0"}},
		"metadata of Google":               {never, []string{"fd20:ce::254"}},
		"metadata of Oracle":               {never, []string{"fd00:c1::a9fe:a9fe", "192.0.0.192"}},
		"metadata of others":               {never, []string{"fd00:42::42", "fd00:a9fe:a9fe::1"}},
		"metadata as IPv4 within IPv6":     {never, []string{"::ffff:169.254.169.254", "::ffff:100.100.100.200", "::ffff:168.63.129.16", "::ffff:a9fe:a9fe%eth0"}},
		"metadata through NAT64":           {never, []string{"64:ff9b::a9fe:a9fe", "64:ff9b::169.254.170.2", "64:ff9b::100.100.100.200", "64:ff9b::168.63.129.16", "64:ff9b::a9fe:a9fe%eth0"}},
		"no host at all":                   {never, []string{"0.0.0.0", "::", "224.0.0.1", "ff02::1", "::ffff:0.0.0.0", "64:ff9b::", "64:ff9b::e000:1"}},
		"loopback":                         {unlessAllowed, []string{"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "::1%lo"}},
		"a private address":                {asked, []string{"10.0.0.1", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"}},
		"a public address":                 {asked, []string{"203.0.113.7", "198.51.100.2", "2001:db8::1", "64:ff9b::203.0.113.7"}},
		"the neighbour of a refused one":   {asked, []string{"100.100.100.201", "168.63.129.17", "fd20:ce::253", "fd00:ec2::255", "fd00:c1::a9fe:a9ff"}},
		"an end like that of a NAT64 one":  {asked, []string{"64:ff9b:0:0:0:1:a9fe:a9fe", "2001:db8::a9fe:a9fe"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, address := range test.addresses {
				usually, withLoopback := registry.Refused(address)
				assert.Equal(t, test.want, refusal{usually, withLoopback}, address)
			}
		})
	}
}

func TestAMetadataServiceIsNotDialledByAnyClient(t *testing.T) {
	for _, host := range []string{
		"169.254.169.254", "169.254.169.254:80", "100.100.100.200", "168.63.129.16:80", "[fe80::1]", "[::ffff:169.254.169.254]:443",
		"[64:ff9b::a9fe:a9fe]", "[fd00:ec2::254]:80", "[fd20:ce::254]", "[fd00:c1::a9fe:a9fe]",
	} {
		for name, client := range map[string]registry.Client{"usual": {}, "with loopback": local} {
			for _, insecure := range [][]string{nil, {host}} {
				_, err := client.Pin(t.Context(), host+"/latest/meta-data", registry.Access{Insecure: insecure})
				e := errorOf(t, err, registry.Unreachable, "an address that is not asked")
				assert.False(t, e.Temporary, "%s, %s", host, name)
			}
		}
	}
}

func TestAnOpenPortOfTheOperatorIsNotToldFromAClosedOne(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := listener.Addr().String()
	require.NoError(t, listener.Close())
	secure, plain := serve(t, "https", newStore(t).ServeHTTP), serve(t, "http", newStore(t).ServeHTTP)
	for _, name := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		said := map[string]bool{}
		for _, address := range []string{closed, secure.host, plain.host} {
			_, port, err := net.SplitHostPort(address)
			require.NoError(t, err)
			host := name + ":" + port
			for _, insecure := range [][]string{nil, {host}} {
				_, err = registry.Client{}.Pin(t.Context(), host+"/team/python:3.12", registry.Access{Insecure: insecure})
				e := errorOf(t, err, registry.Unreachable, "an address that is not asked")
				assert.False(t, e.Temporary, host)
				said[strings.ReplaceAll(e.Message, port, "PORT")] = true
			}
		}
		assert.Len(t, said, 1, name)
	}
	assert.Zero(t, secure.opened.Load()+plain.opened.Load(), "connections")
}

func TestAnIdleConnectionToLoopbackIsNotForAClientThatMayNotAskThere(t *testing.T) {
	server := serve(t, "https", newStore(t).ServeHTTP)
	image := server.host + "/team/python:3.12"
	_, err := local.Pin(t.Context(), image, registry.Access{})
	require.NoError(t, err)
	asked := len(server.asked())
	_, err = registry.Client{}.Pin(t.Context(), image, registry.Access{})
	requireReason(t, err, registry.Unreachable, "an address that is not asked")
	assert.Len(t, server.asked(), asked)
}
