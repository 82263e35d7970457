package proxy

import (
	"fmt"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/server/upstream"
)

// To makes an Upstream of addresses alone: "127.0.0.1:8000", "http://127.0.0.1:8000", "unix:/run/app.sock". They are asked in turn, and
// 32 connections are kept on each reactor. For weights, methods and the rest make a group (upstream.New) and call NewUpstream. Names
// are not looked up: an address is one.
func To(addresses ...string) (*Upstream, error) {
	cfg := upstream.Config{Name: "upstream"}
	for _, a := range addresses {
		cfg.Servers = append(cfg.Servers, upstream.ServerConfig{Address: strings.TrimSuffix(strings.TrimPrefix(a, "http://"), "/")})
	}
	g, err := upstream.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	host := "localhost"
	if len(cfg.Servers) == 1 && !strings.HasPrefix(cfg.Servers[0].Address, "unix:") {
		host = cfg.Servers[0].Address
	}
	return NewUpstream(cfg.Name, host, g, KeepAlive{Max: 32, Requests: 1000, Time: time.Hour, Timeout: time.Minute}), nil
}
