package rival

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
)

// h2o has no directive for a fixed answer: /hello is a file, which is faster than its mruby handler.
type h2o struct{}

var h2oVersion = regexp.MustCompile(`h2o version \S+`)

func (h2o) Name() string      { return "h2o" }
func (h2o) Features() Feature { return Fixed | AllFiles | ETags }

func (h2o) Version(ctx context.Context) (string, error) {
	return versionOf(ctx, h2oVersion, "h2o", "--version")
}

const h2oConfig = `num-threads: 1
max-connections: %[1]d
http1-request-timeout: 3600
%[2]s
listen:
  host: %[3]s
  port: %[4]d
file.mime.setdefaulttype: text/plain
file.mime.settypes:
  text/plain: .txt
  application/octet-stream: .bin
hosts:
  default:
    paths:
      "/":
        file.dir: "%[5]s"
`

func (h2o) Command(site Site) (*exec.Cmd, error) {
	user := ""
	if runsAsRoot() {
		user = "user: root"
	}
	text := fmt.Sprintf(h2oConfig, site.Connections+32, user, site.Addr.Addr(), site.Addr.Port(), site.Root)
	conf, err := writeConfig(site, "h2o.conf", text)
	if err != nil {
		return nil, err
	}
	return exec.Command("h2o", "-m", "worker", "-c", conf), nil
}
