package rival

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
)

// lighttpd has no directive for a fixed answer: /hello is a file. It closes a connection after 65,535 requests at most,
// and uses at most half of its files for connections, so it is allowed twice as many.
type lighttpd struct{}

var lighttpdVersion = regexp.MustCompile(`lighttpd/[\d.]+`)

func (lighttpd) Name() string      { return "lighttpd" }
func (lighttpd) Features() Feature { return Fixed | AllFiles | ETags }

func (lighttpd) Version(ctx context.Context) (string, error) {
	return versionOf(ctx, lighttpdVersion, "lighttpd", "-v")
}

const lighttpdConfig = `server.document-root = "%[1]s"
server.bind = "%[2]s"
server.port = %[3]d
server.errorlog = "%[4]s/error.log"
server.event-handler = "linux-sysepoll"
server.network-backend = "sendfile"
server.max-fds = %[5]d
server.max-connections = %[6]d
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 3600
server.max-read-idle = 3600
server.max-write-idle = 3600
server.listen-backlog = 4096
mimetype.assign = ( ".txt" => "text/plain", ".bin" => "application/octet-stream", "" => "text/plain" )
`

func (lighttpd) Command(site Site) (*exec.Cmd, error) {
	text := fmt.Sprintf(lighttpdConfig, site.Root, site.Addr.Addr(), site.Addr.Port(), site.Work, 2*site.Connections+128, site.Connections+32)
	conf, err := writeConfig(site, "lighttpd.conf", text)
	if err != nil {
		return nil, err
	}
	return exec.Command("lighttpd", "-D", "-f", conf), nil
}
