package userid

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

func newUserID(t testing.TB, c Config) *UserID {
	t.Helper()
	u, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// known is a cookie of version 2.
const known = "fwAAAWf0kMpkGRZGAwMDAg=="

// ask returns the context of a response to a request with that cookie.
func ask(t testing.TB, u *UserID, cookie string) *pipeline.Ctx {
	t.Helper()
	var opts []pipelinetest.Option
	if cookie != "" {
		opts = append(opts, pipelinetest.Header("Cookie", cookie))
	}
	c := pipelinetest.NewCtx(t, "GET", "/", opts...)
	_ = c.NoContent(204)
	if err := u.ProcessResponse(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func variable(b []byte, ok bool) string {
	if !ok {
		return ""
	}
	return string(b)
}

// fresh is a cookie that is new, expiry a time that is not fixed.
var (
	fresh  = regexp.MustCompile(`=[A-Za-z0-9+/]{22}(.)=;`)
	expiry = regexp.MustCompile(`expires=(\w{3}, \d\d-\w{3}-\d\d(\d\d)? \d\d:\d\d:\d\d GMT)`)
)

func TestAgainstNginx(t *testing.T) {
	seven := uint32(7)
	sets := []struct {
		conf string
		ours Config
	}{
		{"userid on;", Config{Mode: On}},
		{"userid v1;", Config{Mode: V1}},
		{"userid log;", Config{Mode: Log}},
		{"userid off;", Config{}},
		{"userid on; userid_name id; userid_domain example.com; userid_path /x; userid_expires max; userid_p3p 'policyref=\"/p\"';",
			Config{Mode: On, Name: "id", Domain: "example.com", Path: "/x", Expires: MaxExpires, P3P: `policyref="/p"`}},
		{"userid on; userid_domain none; userid_p3p none; userid_expires 1h; userid_flags secure httponly samesite=lax;",
			Config{Mode: On, Domain: "none", P3P: "none", Expires: time.Hour, Flags: []string{"samesite=lax", "secure", "httponly"}}},
		{"userid on; userid_mark t;", Config{Mode: On, Mark: 't'}},
		{"userid on; userid_mark =; userid_expires 36500d;", Config{Mode: On, Mark: '=', Expires: 36500 * 24 * time.Hour}},
		{"userid on; userid_service 7;", Config{Mode: On, Service: &seven}},
		{"userid v1; userid_service 7;", Config{Mode: V1, Service: &seven}},
		{"userid on; set $uid_reset 1;", Config{Mode: On, Reset: pipeline.Literal("1")}},
		{"userid on; set $uid_reset 0;", Config{Mode: On, Reset: pipeline.Literal("0")}},
	}
	var conf strings.Builder
	for i, s := range sets {
		fmt.Fprintf(&conf, "location = /%d { %s add_header X-Got \"$uid_got\" always; add_header X-Set \"$uid_set\" always; empty_gif; }\n", i, s.conf)
	}
	s := nginxtest.Start(t, t.TempDir(), "", conf.String())
	for i, set := range sets {
		u := newUserID(t, set.ours)
		name := u.Name
		for _, cookie := range []string{"", "other=x", name + "=" + known, name + "=" + known[:22], name + "=" + known[:21], name + "=" + known[:22] + "t=", "a=b; " + name + "=" + known + "; c=d", name + "=", name + "=" + strings.Repeat("!", 22),
			name + "=AAAAAAAAAAAAAAAAAAAAAA==", name + "=" + known + "garbage", name + "=" + known[:20] + "==x", name + "=" + known[:16] + "==yyyyyyy"} {
			head := fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: a\r\n", i)
			if cookie != "" {
				head += "Cookie: " + cookie + "\r\n"
			}
			nginx := s.Do("", head)
			c := ask(t, u, cookie)
			got := []string{c.ResponseHeader("Set-Cookie"), c.ResponseHeader("P3P"), variable(u.AppendGot(c, nil)), variable(u.AppendSet(c, nil))}
			want := []string{nginx.Header.Get("Set-Cookie"), nginx.Header.Get("P3P"), nginx.Header.Get("X-Got"), nginx.Header.Get("X-Set")}
			service := ""
			if !strings.Contains(got[0], known[:22]) { // a new one: all but the address and the service is its own
				for _, list := range [][]string{got, want} {
					list[0] = fresh.ReplaceAllString(list[0], "=NEW$1=;")
					if len(list[3]) > 12 {
						service += list[3][:len(name)+9] + " "
						list[3] = "new"
					}
				}
			}
			for _, list := range [][]string{got, want} {
				if m := expiry.FindStringSubmatch(list[0]); m != nil && set.ours.Expires != MaxExpires {
					checkExpiry(t, m[1], set.ours.Expires)
					list[0] = expiry.ReplaceAllString(list[0], "expires=then$2")
					list[0] = regexp.MustCompile(`then\d+`).ReplaceAllString(list[0], "later")
				}
			}
			if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
				t.Errorf("%s %q:\n%q\nnginx\n%q", set.conf, cookie, got, want)
			}
			if f := strings.Fields(service); len(f) == 2 && f[0] != f[1] {
				t.Errorf("%s %q: %s, nginx %s", set.conf, cookie, f[0], f[1])
			}
		}
	}
}

func checkExpiry(t *testing.T, text string, after time.Duration) {
	t.Helper()
	layout := "Mon, 02-Jan-06 15:04:05 GMT"
	if len(text) > len(layout) {
		layout = "Mon, 02-Jan-2006 15:04:05 GMT"
	}
	at, err := time.Parse(layout, text)
	if off := time.Until(at) - after; err != nil || off < -time.Minute || off > time.Second {
		t.Errorf("%s is %v off: %v", text, off, err)
	}
}

// The four numbers of a new cookie.
func TestNumbers(t *testing.T) {
	nine := uint32(0x01020309)
	for _, c := range []struct {
		config Config
		local  string
		first  string
	}{
		{Config{Mode: On}, "192.0.2.5:80", "c0000205"}, {Config{Mode: On}, "[2001:db8::a:b]:80", "000a000b"}, {Config{Mode: On}, "", "00000000"},
		{Config{Mode: On, Service: &nine}, "192.0.2.5:80", "01020309"}, {Config{Mode: V1}, "192.0.2.5:80", "00000000"}, {Config{Mode: V1, Service: &nine}, "", "09030201"},
	} {
		u := newUserID(t, c.config)
		ctx := pipelinetest.NewCtx(t, "GET", "/")
		local := netip.AddrPort{}
		if c.local != "" {
			local = netip.MustParseAddrPort(c.local)
		}
		ctx.Begin(to{ctx.Transport(), local}, ctx.HeadBytes(), ctx.PathBytes())
		a, b := u.next(ctx), u.next(ctx)
		order := binary.ByteOrder(binary.BigEndian)
		least := uint32(firstV2)
		if c.config.Mode == V1 {
			order, least = binary.LittleEndian, firstV1
		}
		if got := fmt.Sprintf("%x", a[:4]); got != c.first {
			t.Errorf("%+v from %s: %s, want %s", c.config, c.local, got, c.first)
		}
		if at := int64(order.Uint32(a[4:])); time.Now().Unix()-at > 5 || at > time.Now().Unix()+1 {
			t.Errorf("time %d", at)
		}
		if order.Uint32(a[8:]) != start {
			t.Error("the number of the process")
		}
		if n, m := order.Uint32(a[12:]), order.Uint32(b[12:]); m-n != 0x100 || n < least {
			t.Errorf("sequence %#x, %#x", n, m)
		}
	}
	sequence2.Store(0xffffff02)
	for _, want := range []uint32{0xffffff02, firstV2, firstV2 + 0x100} {
		if got := stepV2(); got != want {
			t.Errorf("%#x, want %#x", got, want)
		}
	}
}

// to is a transport with another local address.
type to struct {
	pipeline.Transport
	local netip.AddrPort
}

func (t to) Local() netip.AddrPort { return t.local }

func TestNoTwoClientsHaveOneCookie(t *testing.T) {
	u := newUserID(t, Config{Mode: On})
	seen, mu, wg := map[string]bool{}, sync.Mutex{}, sync.WaitGroup{}
	for range 4 {
		wg.Go(func() {
			for range 200 {
				cookie := ask(t, u, "").ResponseHeader("Set-Cookie")
				mu.Lock()
				if seen[cookie] {
					t.Error("twice", cookie)
				}
				seen[cookie] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// The variable and the field are of one making, in whatever order they are asked for, and a client who sends back what it
// was given keeps it.
func TestOneDecision(t *testing.T) {
	u := newUserID(t, Config{Mode: On, Name: "n"})
	c := pipelinetest.NewCtx(t, "GET", "/")
	early := variable(u.AppendSet(c, nil))
	_ = c.NoContent(204)
	if err := u.ProcessResponse(c); err != nil {
		t.Fatal(err)
	}
	cookie, _, _ := strings.Cut(c.ResponseHeader("Set-Cookie"), ";")
	if late := variable(u.AppendSet(c, nil)); early == "" || early != late {
		t.Errorf("%s, then %s", early, late)
	}
	again := ask(t, u, cookie)
	if got := variable(u.AppendGot(again, nil)); got != early || again.ResponseHeader("Set-Cookie") != "" || variable(u.AppendSet(again, nil)) != "" {
		t.Errorf("%s came back as %s, %q", early, got, again.ResponseHeader("Set-Cookie"))
	}
}

func TestMessages(t *testing.T) {
	var got []string
	u := newUserID(t, Config{Mode: On, Reset: pipeline.Literal("log"), Log: func(_ *pipeline.Ctx, level slog.Level, m string) { got = append(got, fmt.Sprint(int(level), " ", m)) }})
	ask(t, u, "uid=short")
	ask(t, u, "uid="+strings.Repeat("*", 22))
	b, _ := base64.StdEncoding.DecodeString(known)
	ask(t, u, "uid="+known)
	want := []string{`8 client sent too short userid cookie "uid=short"`, `8 client sent invalid userid cookie "uid=` + strings.Repeat("*", 22) + `"`,
		fmt.Sprintf(`2 userid cookie "uid=%08X%08X%08X%08X" was reset`, binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:]))}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []Config{{Mark: '-'}, {Mark: 0xe4}, {Flags: []string{"Secure"}}, {Flags: []string{"path"}}, {Name: "a b"}, {Name: "a=b"}, {Domain: "x\r\ny"}, {Path: "\x00"}, {P3P: "x\ny"}} {
		if _, err := New(c); err == nil || !strings.HasPrefix(err.Error(), "userid: ") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func FuzzCookie(f *testing.F) {
	for _, s := range []string{known, known[:22], "x", strings.Repeat("=", 30), known[:20] + "====", `"` + known + `"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if len(value) > 1000 {
			return // a head is refused for a field line of more than 8 KiB
		}
		for _, b := range []byte(value) {
			if b < ' ' || b == 0x7f {
				return
			}
		}
		u := newUserID(t, Config{Mode: On, Mark: 'M'})
		c := ask(t, u, "uid="+value)
		given := c.ResponseHeader("Set-Cookie")
		if given == "" {
			if b := c.CookieBytes("uid"); len(b) < 24 || string(b[22:24]) != "M=" {
				t.Errorf("%q gets nothing", value)
			}
			return
		}
		cookie, _, _ := strings.Cut(given, ";")
		if again := ask(t, u, cookie).ResponseHeader("Set-Cookie"); again != "" {
			t.Errorf("%q gets %q, and then %q", value, given, again)
		}
	})
}
