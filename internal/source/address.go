package source

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const maxURLBytes = 2048

var (
	hostPattern = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9._])?$`)
	userPattern = regexp.MustCompile(`^[A-Za-z0-9._~+@%=][A-Za-z0-9._~+@%=-]*$`)
	schemePorts = map[string]int{"https": 443, "http": 80, "ssh": 22, "git": 9418}
)

// Address is where a repository is.
type Address struct {
	// Scheme is https, http, ssh or git.
	Scheme string
	// User is the user name in the URL, if any.
	User string
	// Host is a name or an IP address, without brackets.
	Host string
	// Port is the scheme's own unless the URL has another.
	Port int
	// Path is the repository's, decoded; for ssh it may be relative to the user's home.
	Path string

	escapedPath string
}

// ParseURL reads the URL of a repository: https://, http://, ssh:// or git://,
// or the short form user@host:path. Everything else is refused, so that no URL
// can name a local file or a program.
func ParseURL(text string) (Address, error) {
	switch {
	case text == "":
		return Address{}, problem(InvalidSource, "The Git URL is empty. Set git.url.")
	case len(text) > maxURLBytes:
		return Address{}, problem(InvalidSource, "The Git URL has %d bytes, %d are accepted.", len(text), maxURLBytes)
	case strings.HasPrefix(text, "-"):
		return Address{}, problem(InvalidSource, "The Git URL begins with '-'. Begin it with https://, http://, ssh:// or git://.")
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return Address{}, problem(InvalidSource, "The Git URL contains a space, a control character or a letter outside ASCII. Write such characters as %%20 and the like, and such host names in their xn-- form.")
	}
	var address Address
	var err error
	if strings.Contains(text, "://") {
		address, err = parseLong(text)
	} else {
		address, err = parseShort(text)
	}
	if err != nil {
		return Address{}, err
	}
	return address, address.check()
}

func parseLong(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil {
		// The cause would repeat the URL, and with it a password.
		return Address{}, problem(InvalidSource, "The Git URL cannot be read. Check its host, port and %% signs.")
	}
	port, known := schemePorts[u.Scheme]
	switch {
	case !known:
		return Address{}, unknownForm()
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(text, "#"):
		return Address{}, problem(InvalidSource, "The Git URL has a '?' or '#' part. Leave it out; a branch or tag belongs into git.ref.")
	}
	address := Address{Scheme: u.Scheme, Host: u.Hostname(), Port: port, Path: u.Path, escapedPath: u.EscapedPath()}
	if u.User != nil {
		if _, has := u.User.Password(); has {
			return Address{}, problem(InvalidSource, "The Git URL contains a password. Take it out, and put it into a Secret that git.credentialsSecret names.")
		}
		address.User = u.User.Username()
	}
	if text := u.Port(); text != "" {
		if address.Port, err = strconv.Atoi(text); err != nil || address.Port < 1 || address.Port > 65535 {
			return Address{}, problem(InvalidSource, "The Git URL has port %s. Use one from 1 to 65535.", text)
		}
	}
	// Servers read a path after ~ as the home of a user, which has no slash before it.
	if u.Scheme == "ssh" && strings.HasPrefix(address.Path, "/~") {
		address.Path = address.Path[1:]
	}
	return address, nil
}

// parseShort reads user@host:path. Without the user it is refused: ext::program would pass for a host.
func parseShort(text string) (Address, error) {
	user, rest, ok := strings.Cut(text, "@")
	if !ok {
		return Address{}, unknownForm()
	}
	host, path, ok := strings.Cut(rest, ":")
	if strings.HasPrefix(rest, "[") {
		host, path, ok = strings.Cut(strings.TrimPrefix(rest, "["), "]:")
	}
	if !ok || strings.HasPrefix(path, ":") || strings.ContainsAny(user, ":/") {
		return Address{}, unknownForm()
	}
	return Address{Scheme: "ssh", User: user, Host: host, Port: schemePorts["ssh"], Path: path}, nil
}

func unknownForm() error {
	return problem(InvalidSource, "The Git URL has a form that is not supported. Use https://, http://, ssh:// or git://, or user@host:path.")
}

func (a Address) check() error {
	_, ipError := netip.ParseAddr(a.Host)
	switch {
	case ipError != nil && !hostPattern.MatchString(a.Host), len(a.Host) > 253:
		return problem(InvalidSource, "The Git URL has no valid host name.")
	case strings.Contains(a.Host, "%"):
		return problem(InvalidSource, "The Git URL has an address with a zone. Use one without.")
	case a.User != "" && !userPattern.MatchString(a.User):
		return problem(InvalidSource, "The Git URL has a user name with characters that are not accepted.")
	case strings.Trim(a.Path, "/") == "":
		return problem(InvalidSource, "The Git URL names a server but no repository.")
	case strings.HasPrefix(a.Path, "-"):
		return problem(InvalidSource, "The path in the Git URL begins with '-'.")
	case strings.ContainsFunc(a.Path, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return problem(InvalidSource, "The path in the Git URL contains a control character.")
	}
	return nil
}

// hostPort is the address to connect to.
func (a Address) hostPort() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

// origin is the server as users write it: without the scheme's own port.
func (a Address) origin() string {
	if a.Port != schemePorts[a.Scheme] {
		return a.hostPort()
	}
	if strings.Contains(a.Host, ":") {
		return "[" + a.Host + "]"
	}
	return a.Host
}

// String is the address without a user name, which may be a token.
func (a Address) String() string {
	return a.Scheme + "://" + a.origin() + "/" + strings.TrimPrefix(a.urlPath(), "/")
}

func (a Address) urlPath() string {
	if a.escapedPath != "" {
		return a.escapedPath
	}
	return (&url.URL{Path: a.Path}).EscapedPath()
}
