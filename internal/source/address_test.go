package source_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/source"
)

func TestURLsThatAreRead(t *testing.T) {
	for text, want := range map[string]struct {
		scheme, user, host string
		port               int
		path, shown        string
	}{
		"https://git.example.com/team/nb.git":        {"https", "", "git.example.com", 443, "/team/nb.git", "https://git.example.com/team/nb.git"},
		"http://git.example.com:8080/nb":             {"http", "", "git.example.com", 8080, "/nb", "http://git.example.com:8080/nb"},
		"https://ada@dev.azure.com/o/My%20P/_git/r":  {"https", "ada", "dev.azure.com", 443, "/o/My P/_git/r", "https://dev.azure.com/o/My%20P/_git/r"},
		"ssh://git@git.example.com:2222/team/nb.git": {"ssh", "git", "git.example.com", 2222, "/team/nb.git", "ssh://git.example.com:2222/team/nb.git"},
		"ssh://git.example.com/~ada/nb.git":          {"ssh", "", "git.example.com", 22, "~ada/nb.git", "ssh://git.example.com/~ada/nb.git"},
		"git@github.com:team/nb.git":                 {"ssh", "git", "github.com", 22, "team/nb.git", "ssh://github.com/team/nb.git"},
		"git@github.com:/srv/nb.git":                 {"ssh", "git", "github.com", 22, "/srv/nb.git", "ssh://github.com/srv/nb.git"},
		"git@[2001:db8::1]:nb.git":                   {"ssh", "git", "2001:db8::1", 22, "nb.git", "ssh://[2001:db8::1]/nb.git"},
		"git://git.example.com/nb.git":               {"git", "", "git.example.com", 9418, "/nb.git", "git://git.example.com/nb.git"},
		"https://[2001:db8::1]:8443/nb.git":          {"https", "", "2001:db8::1", 8443, "/nb.git", "https://[2001:db8::1]:8443/nb.git"},
		"https://git.example.com/a%2Fb/nb.git":       {"https", "", "git.example.com", 443, "/a/b/nb.git", "https://git.example.com/a%2Fb/nb.git"},
		"ssh://git@nb_host/x'y$(z)!":                 {"ssh", "git", "nb_host", 22, "/x'y$(z)!", "ssh://nb_host/x'y$(z)%21"},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := source.ParseURL(text)
			require.NoError(t, err)
			assert.Equal(t, want, struct {
				scheme, user, host string
				port               int
				path, shown        string
			}{got.Scheme, got.User, got.Host, got.Port, got.Path, strings.ReplaceAll(got.String(), "!", "%21")})
		})
	}
}

func TestURLsThatAreRefused(t *testing.T) {
	for name, test := range map[string]struct{ url, text string }{
		"empty":                       {"", "empty"},
		"a file":                      {"file:///etc/passwd", "not supported"},
		"a path":                      {"/srv/git/nb.git", "not supported"},
		"a relative path":             {"../nb.git", "not supported"},
		"a path of Windows":           {`C:\nb`, "not supported"},
		"a program":                   {"ext::sh", "not supported"},
		"a program with arguments":    {"ext::sh -c id", "space"},
		"a program with a user":       {"a@ext::sh", "not supported"},
		"a file descriptor":           {"fd::17", "not supported"},
		"another scheme":              {"ftp://git.example.com/nb", "not supported"},
		"a scheme with a helper":      {"git+ssh://git.example.com/nb", "not supported"},
		"an option":                   {"--upload-pack=touch", "begins with '-'"},
		"a host like an option":       {"ssh://-oProxyCommand=id/nb", "host name"},
		"a short host like an option": {"git@-oProxyCommand:nb", "host name"},
		"a user like an option":       {"ssh://-oProxyCommand@host/nb", "user name"},
		"a path like an option":       {"git@host:-oProxyCommand", "path"},
		"a password":                  {"https://ada:hunter2@git.example.com/nb", "Secret"},
		"an empty password":           {"https://ada:@git.example.com/nb", "Secret"},
		"a password over ssh":         {"ssh://ada:hunter2@git.example.com/nb", "Secret"},
		"a newline":                   {"https://git.example.com/nb\nx", "control character"},
		"a NUL":                       {"https://git.example.com/nb\x00", "control character"},
		"a NUL, written":              {"https://git.example.com/nb%00", "control character"},
		"a newline, written":          {"git://git.example.com/nb%0ahost=x", "control character"},
		"a letter outside ASCII":      {"https://gít.example.com/nb", "outside ASCII"},
		"no host":                     {"https:///nb", "host name"},
		"no repository":               {"https://git.example.com/", "no repository"},
		"a query":                     {"https://git.example.com/nb?x=1", "'?'"},
		"a fragment":                  {"https://git.example.com/nb#main", "'#'"},
		"a port that is none":         {"https://git.example.com:99999/nb", "65535"},
		"a port of letters":           {"https://ada:x@git.example.com:z/nb", "cannot be read"},
		"a zone":                      {"https://[fe80::1%25eth0]/nb", "zone"},
		"a megabyte":                  {"https://git.example.com/" + strings.Repeat("x", 1<<20), "2048"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := source.ParseURL(test.url)
			e := requireReason(t, err, source.InvalidSource, test.text)
			assert.NotContains(t, e.Message, "hunter2")
			assert.False(t, e.Temporary)
		})
	}
}

func TestRefs(t *testing.T) {
	for _, good := range []string{"", "HEAD", "main", "feature/a-b_c", "v1.2.3", "refs/heads/main", "0123abc", "a@b", "über", "a.lockx", "1.0-rc.1", "#1"} {
		assert.NoError(t, source.ValidateRef(good), good)
	}
	for _, bad := range []string{"-x", "--upload-pack=x", "a b", "a\nb", "a\x00b", "a\x7f", "a..b", "..", "@", "a@{1}", "/a", "a/", "a//b", ".a", "a/.b",
		"a.", "a.lock", "a.lock/b", "a~1", "a^", "a:b", "a?", "a*", "[a", `a\b`, strings.Repeat("x", 256), strings.Repeat("x", 1<<20)} {
		requireReason(t, source.ValidateRef(bad), source.InvalidSource)
	}
}

func TestASpecThatIsRefusedReachesNoServer(t *testing.T) {
	server := filled(t).ServeHTTP(t, false)
	_, err := resolve(t, source.Repository{URL: server.Repository()}, "--upload-pack=x")
	requireReason(t, err, source.InvalidSource)
	assert.Empty(t, server.Authorizations())
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"https://git.example.com/nb.git", "ssh://git@h:22/~x", "git@h:x", "ext::sh", "https://a:b@h/x", "git@[::1]:x", "http://h/%00", "https://h:0/x", "-x", "a@b::c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		address, err := source.ParseURL(text)
		if err != nil {
			return
		}
		_, ipError := netip.ParseAddr(address.Host)
		switch {
		case address.Scheme != "https" && address.Scheme != "http" && address.Scheme != "ssh" && address.Scheme != "git":
			t.Fatalf("scheme %q", address.Scheme)
		case address.Host == "" || address.Host[0] == '-' || ipError != nil && strings.ContainsAny(address.Host, "/:@[] \x00'\"$`\\"):
			t.Fatalf("host %q", address.Host)
		case strings.HasPrefix(address.Path, "-") || strings.HasPrefix(address.User, "-") || strings.ContainsAny(address.Path, "\x00\r\n"):
			t.Fatalf("path %q, user %q", address.Path, address.User)
		case address.Port < 1 || address.Port > 65535:
			t.Fatalf("port %d", address.Port)
		}
		again, err := source.ParseURL(address.String())
		if err != nil || again.Host != address.Host || again.Port != address.Port || again.Scheme != address.Scheme {
			t.Fatalf("%q is shown as %q, which is another address: %v", text, address, err)
		}
	})
}

func FuzzValidateRef(f *testing.F) {
	for _, seed := range []string{"main", "refs/heads/x", "-x", "a..b", "a@{", "@", "a.lock", "é", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		if source.ValidateRef(ref) != nil {
			return
		}
		if strings.HasPrefix(ref, "-") || strings.Contains(ref, "..") || strings.ContainsAny(ref, "\x00\n\r \t~^:?*[\\\x7f") || len(ref) > 255 {
			t.Fatalf("accepted %q", ref)
		}
	})
}
