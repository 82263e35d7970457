package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/server/upstream"
)

// The objects of the API, as NGINX Plus documents them.

type errorJSON struct {
	Error struct {
		Status int    `json:"status"`
		Text   string `json:"text"`
		Code   string `json:"code"`
	} `json:"error"`
}

type groupJSON struct {
	Peers   []peerJSON `json:"peers"`
	Zombies int        `json:"zombies"`
	Zone    string     `json:"zone,omitempty"`
	Queue   *queueJSON `json:"queue,omitempty"`
}

type queueJSON struct {
	Size      int `json:"size"`
	MaxSize   int `json:"max_size"`
	Overflows int `json:"overflows"`
}

type peerJSON struct {
	ID           int            `json:"id"`
	Server       string         `json:"server"`
	Name         string         `json:"name"`
	Service      string         `json:"service,omitempty"`
	Backup       bool           `json:"backup"`
	Weight       int            `json:"weight"`
	State        string         `json:"state"`
	Active       int            `json:"active"`
	MaxConns     int            `json:"max_conns,omitempty"`
	Requests     int            `json:"requests"`
	HeaderTime   int64          `json:"header_time,omitempty"`
	ResponseTime int64          `json:"response_time,omitempty"`
	Responses    map[string]int `json:"responses"`
	Sent         int64          `json:"sent"`
	Received     int64          `json:"received"`
	Fails        int            `json:"fails"`
	Unavail      int            `json:"unavail"`
	HealthChecks checksJSON     `json:"health_checks"`
	Downtime     int64          `json:"downtime"`
	Downstart    *time.Time     `json:"downstart,omitempty"`
	Selected     *time.Time     `json:"selected,omitempty"`
}

type checksJSON struct {
	Checks     int   `json:"checks"`
	Fails      int   `json:"fails"`
	Unhealthy  int   `json:"unhealthy"`
	LastPassed *bool `json:"last_passed,omitempty"`
}

type serverJSON struct {
	ID          int     `json:"id"`
	Server      string  `json:"server"`
	Service     string  `json:"service,omitempty"`
	Weight      *int    `json:"weight"`
	MaxConns    int     `json:"max_conns"`
	MaxFails    *int    `json:"max_fails"`
	FailTimeout seconds `json:"fail_timeout"`
	SlowStart   seconds `json:"slow_start"`
	Route       string  `json:"route"`
	Backup      bool    `json:"backup"`
	Down        bool    `json:"down"`
	Drain       bool    `json:"drain,omitempty"`
	Parent      *int    `json:"parent,omitempty"`
	Host        string  `json:"host,omitempty"`
}

type changeJSON struct {
	Weight      *int     `json:"weight"`
	MaxConns    *int     `json:"max_conns"`
	MaxFails    *int     `json:"max_fails"`
	FailTimeout *seconds `json:"fail_timeout"`
	SlowStart   *seconds `json:"slow_start"`
	Down        *bool    `json:"down"`
	Drain       *bool    `json:"drain"`
}

func (c *changeJSON) change() upstream.Change {
	return upstream.Change{Weight: c.Weight, MaxConns: c.MaxConns, MaxFails: c.MaxFails, Down: c.Down, Drain: c.Drain,
		FailTimeout: (*time.Duration)(c.FailTimeout), SlowStart: (*time.Duration)(c.SlowStart)}
}

// config makes a server of what was posted.
func (s *serverJSON) config() (upstream.ServerConfig, error) {
	c := upstream.ServerConfig{Address: s.Server, Service: s.Service, MaxConns: s.MaxConns, FailTimeout: time.Duration(s.FailTimeout),
		SlowStart: time.Duration(s.SlowStart), Route: s.Route, Backup: s.Backup, Down: s.Down, Drain: s.Drain}
	if s.Server == "" {
		return c, errors.New(`missing "server" argument`)
	}
	if s.ID != 0 || s.Parent != nil || s.Host != "" {
		return c, errors.New(`"id", "parent" and "host" cannot be set`)
	}
	if s.Weight != nil {
		if c.Weight = *s.Weight; c.Weight <= 0 {
			return c, errors.New("invalid weight")
		}
	}
	if s.MaxFails != nil {
		if c.MaxFails = *s.MaxFails; c.MaxFails <= 0 {
			c.MaxFails = -1
		}
	}
	return c, nil
}

// decode reads one JSON object without unknown names.
func decode(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("invalid JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("invalid JSON: more than one value")
	}
	return nil
}

func showGroup(s upstream.Status) groupJSON {
	g := groupJSON{Peers: make([]peerJSON, len(s.Peers)), Zombies: s.Zombies, Zone: s.Zone}
	if s.QueueMax > 0 {
		g.Queue = &queueJSON{s.Queued, s.QueueMax, s.Overflows}
	}
	for i := range s.Peers {
		g.Peers[i] = showPeer(&s.Peers[i])
	}
	return g
}

func showPeer(p *upstream.PeerStatus) peerJSON {
	shown := peerJSON{ID: p.ID, Server: p.Peer.Name(), Name: p.Peer.Server(), Service: p.Conf.Service, Backup: p.Peer.Backup(),
		Weight: p.Weight, State: p.State, Active: p.Active, MaxConns: p.Conf.MaxConns, Requests: p.Requests,
		HeaderTime: p.HeaderTime.Milliseconds(), ResponseTime: p.ResponseTime.Milliseconds(), Sent: p.Sent, Received: p.Received,
		Fails: p.Fails, Unavail: p.Unavail, Downtime: p.Downtime.Milliseconds(),
		Responses:    map[string]int{"total": p.Responses[0]},
		HealthChecks: checksJSON{Checks: p.Checks, Fails: p.CheckFails, Unhealthy: p.TurnedUnhealthy}}
	for class, n := range p.Responses[1:] {
		shown.Responses[strconv.Itoa(class+1)+"xx"] = n
	}
	if p.Checks > 0 {
		shown.HealthChecks.LastPassed = &p.LastPassed
	}
	if !p.DownSince.IsZero() {
		at := p.DownSince.UTC()
		shown.Downstart = &at
	}
	if !p.Selected.IsZero() {
		at := p.Selected.UTC()
		shown.Selected = &at
	}
	return shown
}

// showServers lists the settings of the peers, and of the names that some of them were resolved from.
func showServers(s upstream.Status) []serverJSON {
	list := make([]serverJSON, 0, len(s.Peers)+len(s.Names))
	for _, n := range s.Names {
		shown := showServer(n.ID, n.Conf.Address, n.Conf.Weight, &n.Conf)
		shown.Host = n.Conf.Address
		list = append(list, shown)
	}
	for _, p := range s.Peers {
		shown := showServer(p.ID, p.Peer.Name(), p.Weight, &p.Conf)
		if p.Parent >= 0 {
			shown.Parent = &p.Parent
		}
		shown.Backup = p.Peer.Backup()
		list = append(list, shown)
	}
	return list
}

func showServer(id int, address string, weight int, c *upstream.ServerConfig) serverJSON {
	return serverJSON{ID: id, Server: address, Service: c.Service, Weight: &weight, MaxConns: c.MaxConns, MaxFails: &c.MaxFails,
		FailTimeout: seconds(c.FailTimeout), SlowStart: seconds(c.SlowStart), Route: c.Route, Backup: c.Backup, Down: c.Down,
		Drain: c.Drain}
}

func find(s upstream.Status, id int) (serverJSON, bool) {
	for _, shown := range showServers(s) {
		if shown.ID == id {
			return shown, true
		}
	}
	return serverJSON{}, false
}

// seconds is a time in NGINX's syntax: "10s", "1m30s", "500ms", or a number of seconds.
type seconds time.Duration

// MarshalJSON implements json.Marshaler.
func (s seconds) MarshalJSON() ([]byte, error) {
	if d := time.Duration(s); d%time.Second != 0 {
		return strconv.AppendQuote(nil, strconv.FormatInt(d.Milliseconds(), 10)+"ms"), nil
	}
	return strconv.AppendQuote(nil, strconv.FormatInt(int64(s)/int64(time.Second), 10)+"s"), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *seconds) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		*s = seconds(time.Duration(n) * time.Second)
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || strings.ContainsAny(text, ".uµn+-") {
		return fmt.Errorf("invalid time %q", text)
	}
	*s = seconds(d)
	return nil
}
