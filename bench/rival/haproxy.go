package rival

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
)

// haproxy serves no files. Its limit of files is computed for proxying, two per connection, hence no strict-limits.
type haproxy struct{}

var haproxyVersion = regexp.MustCompile(`HAProxy version [^\s-]+`)

func (haproxy) Name() string      { return "haproxy" }
func (haproxy) Features() Feature { return Fixed }

func (haproxy) Version(ctx context.Context) (string, error) {
	return versionOf(ctx, haproxyVersion, "haproxy", "-v")
}

const haproxyConfig = `global
    nbthread 1
    maxconn %[1]d
    no strict-limits
defaults
    mode http
    timeout client 1h
    timeout http-request 1h
    timeout http-keep-alive 1h
    timeout connect 5s
    timeout server 1h
frontend bench
    bind %[2]s backlog 4096
    http-request return status 200 content-type "text/plain" string "` + FixedAnswer + `" if { path /hello }
    http-request return status 404
`

func (haproxy) Command(site Site) (*exec.Cmd, error) {
	conf, err := writeConfig(site, "haproxy.cfg", fmt.Sprintf(haproxyConfig, site.Connections+32, site.Addr))
	if err != nil {
		return nil, err
	}
	return exec.Command("haproxy", "-db", "-q", "-f", conf), nil
}
