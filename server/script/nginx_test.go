package script_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/conf"
	"github.com/wheelpit/wheelpit/server/nginxtest"
	"github.com/wheelpit/wheelpit/server/script"
)

// startNginx runs the real nginx on a free loopback port with blocks in its http block; "LISTEN" in them becomes the
// address.
func startNginx(t *testing.T, blocks string) string {
	t.Helper()
	prefix := t.TempDir()
	return nginxtest.Launch(t, prefix, func(addr string) string {
		return fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/err;
events { worker_connections 64; }
http {
	access_log off; absolute_redirect off; server_names_hash_bucket_size 128; variables_hash_max_size 4096; map_hash_bucket_size 256;
	client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	%[2]s
}`, prefix, strings.ReplaceAll(blocks, "LISTEN", addr))
	})
}

// reply is what is compared of a response.
type reply struct {
	status                int
	location, state, body string
	local                 string // the client's address
}

// ask sends the bytes of a request to nginx.
func ask(t *testing.T, addr, raw string) (reply, error) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, raw); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return reply{}, err
	}
	body, _ := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header.Get("Location"), res.Header.Get("X-State"), string(body), c.LocalAddr().String()}, nil
}

// front is as much of a server as these tests need: it chooses locations and runs programs.
type front struct {
	tab       *script.Table
	name      string
	program   *script.Program
	locations []place
	state     *script.Script // the value of X-State
}

// place is a location.
type place struct {
	match   conf.LocationMatch
	regex   *script.Regex
	program *script.Program
}

// newFront makes the programs of a server block.
func newFront(t testing.TB, tab *script.Table, server *conf.Directive) *front {
	t.Helper()
	f := &front{tab: tab, name: server.Find("server_name").Args[0]}
	var err error
	if f.program, err = script.NewProgram(tab, server.Children(), script.ProgramOptions{}); err != nil {
		t.Fatal(err)
	}
	for d := range server.Children() {
		switch d.Name {
		case "add_header":
			if f.state, err = script.Compile(d.Args[1], tab); err != nil {
				t.Fatal(err)
			}
		case "location":
			p := place{match: d.Value.(conf.LocationMatch)}
			if p.match.Kind == conf.Regex {
				if p.regex, err = tab.Regex(p.match.Text, false); err != nil {
					t.Fatal(err)
				}
			}
			if p.program, err = script.NewProgram(tab, d.Children(), script.ProgramOptions{}); err != nil {
				t.Fatal(err)
			}
			f.locations = append(f.locations, p)
		}
	}
	return f
}

// choose finds the location of a request, nil when none fits.
func (f *front) choose(c *pipeline.Ctx) *place {
	path := c.Path()
	var best *place
	for i := range f.locations {
		p := &f.locations[i]
		switch p.match.Kind {
		case conf.Exact:
			if path == p.match.Text {
				return p
			}
		case conf.Prefix, conf.PrefixFirst:
			if strings.HasPrefix(path, p.match.Text) && (best == nil || len(best.match.Text) < len(p.match.Text)) {
				best = p
			}
		}
	}
	if best != nil && best.match.Kind == conf.PrefixFirst {
		return best
	}
	for i := range f.locations {
		p := &f.locations[i]
		if p.regex == nil {
			continue
		}
		if found, err := p.regex.Exec(c, []byte(path)); err == nil && found {
			return p
		}
	}
	return best
}

// serve answers a request; done is false when it is left to the content of a location.
func (f *front) serve(c *pipeline.Ctx) (r reply, done bool) {
	out := f.program.Run(c)
	for n := 0; out.Verdict != script.Done; n++ {
		p := f.choose(c)
		if p == nil {
			break
		}
		if out = p.program.Run(c); out.Verdict != script.Restart {
			break
		}
		if n == 10 {
			out = script.Outcome{Verdict: script.Done, Status: 500}
		}
	}
	if out.Verdict == script.Done {
		r.status = out.Status
		if out.Redirect {
			r.location = string(out.Text)
		} else if out.HasText {
			r.body = string(out.Text)
		}
	}
	c.SetStatus(r.status)
	if f.state != nil {
		r.state = string(f.state.Append(c, nil))
	}
	return r, out.Verdict == script.Done
}

// fronts makes the servers of an http block.
func fronts(t testing.TB, blocks string) []*front {
	t.Helper()
	http := load(t, strings.ReplaceAll(blocks, "LISTEN", "127.0.0.1:80"))
	tab := script.NewTable()
	if err := tab.AddBlocks(http); err != nil {
		t.Fatal(err)
	}
	var all []*front
	for d := range http.Children() {
		if d.Name == "server" {
			all = append(all, newFront(t, tab, d))
		}
	}
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	return all
}

// compare sends one request to both and tells how they differ.
func compare(t *testing.T, addr string, f *front, raw string) string {
	t.Helper()
	want, err := ask(t, addr, raw)
	if err != nil {
		return "nginx: " + err.Error()
	}
	c := request(t, transport{netip.MustParseAddrPort(want.local), netip.MustParseAddrPort(addr)}, raw)
	script.SetEnv(c, &nginxEnv{name: f.name})
	got, done := f.serve(c)
	switch {
	case got.state != want.state:
		return fmt.Sprintf("state\n   %q, nginx has\n   %q", got.state, want.state)
	case !done && want.status != 404 && want.status != 403:
		return fmt.Sprintf("left to the location, nginx answers %d", want.status)
	case !done:
	case got.status != want.status:
		return fmt.Sprintf("status %d, nginx has %d", got.status, want.status)
	case strings.TrimSpace(got.location) != want.location: // the space was not nginx's to lose
		return fmt.Sprintf("location %q, nginx has %q", got.location, want.location)
	case got.body != want.body && got.status < 300:
		return fmt.Sprintf("body\n   %q, nginx has\n   %q", got.body, want.body)
	}
	return ""
}

// nginxEnv says what the real one would of a plain request.
type nginxEnv struct {
	script.NoEnv
	name string
}

func (e *nginxEnv) ServerName() string { return e.name }
