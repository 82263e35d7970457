package script_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/script"
)

// fullEnv is an Env that knows everything.
type fullEnv struct {
	recorder
	root     string
	rate     int64
	bodyRead bool
	file     string
}

func (e *fullEnv) ServerName() string { return "name.test" }
func (e *fullEnv) AppendRoot(_ *pipeline.Ctx, dst []byte) []byte {
	return append(dst, e.root...)
}
func (e *fullEnv) AppendFilename(c *pipeline.Ctx, dst []byte) []byte {
	return append(append(dst, e.root...), c.PathView()...)
}
func (e *fullEnv) LimitRate() int64     { return e.rate }
func (e *fullEnv) SetLimitRate(n int64) { e.rate = n }
func (e *fullEnv) Began() time.Time     { return time.Now().Add(-1500 * time.Millisecond) }
func (e *fullEnv) RequestLength() int64 { return 77 }
func (e *fullEnv) BodyRead() bool       { return e.bodyRead }
func (e *fullEnv) BodyFile() string     { return e.file }
func (e *fullEnv) BytesSent() int64     { return 200 }
func (e *fullEnv) BodyBytesSent() int64 { return 100 }
func (e *fullEnv) Complete() bool       { return true }
func (e *fullEnv) Connection() script.Connection {
	return script.Connection{Number: 5, Requests: 6, Pipelined: true, Began: time.Now().Add(time.Hour)}
}
func (e *fullEnv) TCPInfo() (script.TCPInfo, bool) {
	return script.TCPInfo{RTT: 1, RTTVar: 2, SndCwnd: 3, RcvSpace: 4}, true
}
func (e *fullEnv) ProxyProtocol() (script.ProxyProtocol, bool) {
	return script.ProxyProtocol{Source: netip.MustParseAddrPort("1.2.3.4:5"), Destination: netip.MustParseAddrPort("[::6]:7")}, true
}
func (e *fullEnv) AppendTLV(dst []byte, name string) ([]byte, bool) {
	return append(dst, name...), true
}
func (e *fullEnv) KeepAlive() (bool, int64)           { return true, 65 }
func (e *fullEnv) Chunked() bool                      { return true }
func (e *fullEnv) Trailer(name string) (string, bool) { return "t", name == "x_y" }

// envTexts are texts with their values without an Env (what is not found being "-"), and with a full one.
var envTexts = []struct{ text, without, with string }{
	{"$server_name", "", "name.test"},
	{"$document_root$request_filename", "", "ROOTROOT/p"},
	{"$limit_rate", "0", "9"},
	{"$request_time", "0.000", "1.500"},
	{"$connection_time", "0.000", "0.000"},
	{"$connection $connection_requests $pipe", "0 0 .", "5 6 p"},
	{"$request_length $bytes_sent $body_bytes_sent", "0 0 0", "77 200 100"},
	{"$request_completion", "", "OK"},
	{"$tcpinfo_rtt $tcpinfo_rttvar $tcpinfo_snd_cwnd $tcpinfo_rcv_space", "- - - -", "1 2 3 4"},
	{"$proxy_protocol_addr $proxy_protocol_port", "- -", "1.2.3.4 5"},
	{"$proxy_protocol_server_addr $proxy_protocol_server_port $proxy_protocol_tlv_alpn", "- - -", "::6 7 alpn"},
	{"$sent_http_connection $sent_http_keep_alive $sent_http_transfer_encoding", "close - -", "keep-alive timeout=65 chunked"},
	{"$sent_trailer_x_y $sent_trailer_z", "- -", "t -"},
	{"$request_body $request_body_file", "- -", "body -"},
}

func TestEnvVariables(t *testing.T) {
	env := &fullEnv{root: "ROOT", rate: 9, bodyRead: true}
	for _, c := range envTexts {
		tab := script.NewTable()
		s, _ := script.Compile(c.text, tab)
		if err := tab.Resolve(); err != nil {
			t.Fatal(err)
		}
		ctx := request(t, transport{}, "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
		if got := string(s.AppendLog(ctx, nil, script.EscapeDefault)); got != c.without {
			t.Errorf("%s is %q without an Env, want %q", c.text, got, c.without)
		}
		script.SetEnv(ctx, env)
		if got := string(s.AppendLog(ctx, nil, script.EscapeDefault)); got != c.with {
			t.Errorf("%s is %q, want %q", c.text, got, c.with)
		}
	}
}

func TestLimitRate(t *testing.T) {
	tab := script.NewTable()
	rate, _ := tab.AddUser("limit_rate")
	if err := tab.Resolve(); err != nil {
		t.Fatal(err)
	}
	c, env := get(t, "/"), new(fullEnv)
	script.SetEnv(c, env)
	rate.Set(c, []byte("40k"))
	rate.Set(c, []byte("nonsense"))
	if env.rate != 40<<10 || len(env.lines) != 1 || env.lines[0] != `error: invalid $limit_rate "nonsense"` {
		t.Errorf("rate %d, logged %q", env.rate, env.lines)
	}
}

func TestBodies(t *testing.T) {
	env := &fullEnv{bodyRead: true, file: "/tmp/1"}
	c := request(t, transport{}, "POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
	if got := value(t, c, "$content_length|$request_body"); got != "|" {
		t.Errorf("a chunked body that was not read: %s", got)
	}
	script.SetEnv(c, env)
	c.SetBody([]byte("12345"))
	if got := value(t, c, "$content_length|$request_body|$request_body_file"); got != "5||/tmp/1" {
		t.Errorf("a body in a file: %s", got)
	}
}

func TestRealpathRoot(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, env := get(t, "/"), &fullEnv{root: link}
	script.SetEnv(c, env)
	if got := value(t, c, "$realpath_root"); got != real {
		t.Errorf("got %s, want %s", got, real)
	}
	env.root = filepath.Join(dir, "none")
	if got := value(t, c, "$realpath_root"); got != "" || len(env.lines) != 1 {
		t.Errorf("what does not exist is %s, logged %q", got, env.lines)
	}
}

func TestAddressesOfOtherFamilies(t *testing.T) {
	for remote, want := range map[string]string{"": "unix:||unix:", "[2001:db8::1]:5": "2001:db8::1|5|\x20\x01\x0d\xb8" + string(make([]byte, 11)) + "\x01"} {
		addr, _ := netip.ParseAddrPort(remote)
		c := request(t, transport{remote: addr}, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		if got := value(t, c, "$remote_addr|$remote_port|$binary_remote_addr"); got != want {
			t.Errorf("%s: %q, want %q", remote, got, want)
		}
	}
}

func TestResponseFields(t *testing.T) {
	c := get(t, "/")
	_ = c.Text(200, "12345")
	for _, v := range []string{"a", "b"} {
		if err := c.AddHeader("X-Some", v); err != nil {
			t.Fatal(err)
		}
	}
	if got := value(t, c, "$status|$sent_http_x_some|$sent_http_content_length|$sent_http_content_type"); got != "200|a, b|5|text/plain; charset=utf-8" {
		t.Errorf("got %s", got)
	}
	_ = c.NoContent(204)
	if got := value(t, c, "$status|$sent_http_content_length"); got != "204|" {
		t.Errorf("got %s", got)
	}
	c.SetStatus(101)
	if got := value(t, c, "$sent_http_connection"); got != "upgrade" {
		t.Errorf("got %s", got)
	}
}
