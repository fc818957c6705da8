package host

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRemovalTouchesOnlyTheClustersChains(t *testing.T) {
	cases := map[string]struct{ saved, script string }{
		"a machine without rules": {saved: "", script: ""},
		"somebody else's rules only": {
			saved:  "*filter\n:INPUT ACCEPT [0:0]\n:DOCKER - [0:0]\n-A INPUT -j DOCKER\nCOMMIT\n",
			script: "",
		},
		"chains emptied, unlinked and dropped in that order": {
			saved: "*nat\n:OUTPUT ACCEPT [1:60]\n:MINE - [0:0]\n:KUBE-SERVICES - [0:0]\n:KUBE-SVC-A - [0:0]\n" +
				"-A OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n" +
				"-A OUTPUT -j MINE\n-A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-A\nCOMMIT\n",
			script: "*nat\n:KUBE-SERVICES - [0:0]\n:KUBE-SVC-A - [0:0]\n" +
				"-D OUTPUT -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\n" +
				"-X KUBE-SERVICES\n-X KUBE-SVC-A\nCOMMIT\n",
		},
		"each table for itself": {
			saved: "*filter\n:NBV-FORWARD - [0:0]\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j NBV-FORWARD\nCOMMIT\n" +
				"*mangle\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n",
			script: "*filter\n:NBV-FORWARD - [0:0]\n-D FORWARD -j NBV-FORWARD\n-X NBV-FORWARD\nCOMMIT\n",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.script, removal(c.saved))
		})
	}
}
