package authbasic

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// write makes a user file that was not changed lately.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
}

type journal struct{ lines []string }

func (j *journal) log(_ *pipeline.Ctx, level slog.Level, m string) {
	j.lines = append(j.lines, fmt.Sprint(int(level), " ", m))
}

// last returns the last line and forgets all.
func (j *journal) last() string {
	if len(j.lines) == 0 {
		return ""
	}
	s := j.lines[len(j.lines)-1]
	j.lines = nil
	return s
}

func newAuth(t testing.TB, file string) (*Auth, *journal) {
	t.Helper()
	j := &journal{}
	a, err := New(Config{Realm: pipeline.Literal("closed"), UserFile: pipeline.Literal(file), Log: j.log})
	if err != nil {
		t.Fatal(err)
	}
	return a, j
}

func basic(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }

// ask makes a request with that Authorization and returns its status, 200 when it passes.
func ask(t testing.TB, a *Auth, authorization string) *pipeline.Ctx {
	t.Helper()
	var opts []pipelinetest.Option
	if authorization != "" {
		opts = append(opts, pipelinetest.Header("Authorization", authorization))
	}
	c := pipelinetest.NewCtx(t, "GET", "/", opts...)
	if err := a.ProcessRequest(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAuth(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users")
	write(t, file, "# a comment\n\n\rignored:{PLAIN}x\nalice:{PLAIN}secret:comment\nbob:$apr1$ab$aINKbeJ3WJ0RgDokBaBtc0\r\nalice:{PLAIN}second\nnocolon\ncarl:$unknown$x\nempty:\n: {PLAIN}x\nlast:{PLAIN}end")
	a, j := newAuth(t, file)
	for _, c := range []struct {
		authorization string
		status        int
		log           string
	}{
		{"", 401, "0 no user/password was provided for basic authentication"},
		{basic("alice:secret"), 0, ""},
		{strings.Replace(basic("alice:secret"), "Basic ", "bAsIc   ", 1), 0, ""},
		{strings.TrimRight(basic("alice:secret"), "="), 0, ""},
		{basic("alice:secret") + "=garbage", 0, ""},
		{basic("alice:second"), 401, `8 user "alice": password mismatch`},
		{basic("alice:secret:comment"), 401, `8 user "alice": password mismatch`},
		{basic("alice:"), 401, `8 user "alice": password mismatch`},
		{basic("last:end"), 0, ""},
		{basic("bob:allmine"), 0, ""},
		{basic("ignored:x"), 401, `8 user "ignored" was not found in "` + file + `"`},
		{basic("al:secret"), 401, `8 user "al" was not found in "` + file + `"`},
		{basic("nocolon:"), 401, `8 user "nocolon" was not found in "` + file + `"`},
		{basic("a\nb:x"), 401, `8 user "a?b" was not found in "` + file + `"`},
		{basic(":x"), 401, "0 no user/password was provided for basic authentication"},
		{basic("alice"), 401, "0 no user/password was provided for basic authentication"},
		{"Basic", 401, "0 no user/password was provided for basic authentication"},
		{"Basic !!!", 401, "0 no user/password was provided for basic authentication"},
		{"Bearer x", 401, "0 no user/password was provided for basic authentication"},
		{basic("carl:x"), 401, `8 user "carl" in "` + file + `": authbasic: hash of an unknown kind`},
		{basic("empty:"), 401, `8 user "empty" in "` + file + `": authbasic: hash of an unknown kind`},
		{basic("bob:" + strings.Repeat("long", 1000)), 401, `8 user "bob": password mismatch`},
	} {
		ctx := ask(t, a, c.authorization)
		want := map[bool]string{true: `Basic realm="closed"`}[c.status == 401]
		if ctx.Res().Status != c.status || ctx.ResponseHeader("WWW-Authenticate") != want {
			t.Errorf("%.60q: %d %q, want %d", c.authorization, ctx.Res().Status, ctx.ResponseHeader("WWW-Authenticate"), c.status)
		}
		if got := j.last(); got != c.log {
			t.Errorf("%.60q: logged %q, want %q", c.authorization, got, c.log)
		}
	}
}

func TestRealm(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users")
	write(t, file, "a:{PLAIN}b")
	for realm, want := range map[string]string{"off": "0 ", "Off": `401 Basic realm="Off"`, "": `401 Basic realm=""`, "a b": `401 Basic realm="a b"`, "x\r\nSet-Cookie: y": "401 "} {
		a, err := New(Config{Realm: pipeline.Literal(realm), UserFile: pipeline.Literal(file)})
		if err != nil {
			t.Fatal(err)
		}
		c := ask(t, a, "")
		if got := fmt.Sprint(c.Res().Status, " ", c.ResponseHeader("WWW-Authenticate")); got != want {
			t.Errorf("%q: %q, want %q", realm, got, want)
		}
	}
	if _, err := New(Config{Realm: pipeline.Literal("x")}); err == nil {
		t.Error("a realm without a file")
	}
	if a, _ := newAuth(t, file); !a.NeedsWorker() {
		t.Error("hashes on the reactor")
	}
}

// A file that changes counts for the next request, even when its time says nothing.
func TestFileChanges(t *testing.T) {
	file := filepath.Join(t.TempDir(), "users")
	a, j := newAuth(t, file)
	status := func(password string) int { return ask(t, a, basic("a:"+password)).Res().Status }
	if got := status("1"); got != 403 || j.last() != `8 open() "`+file+`" failed (2: No such file or directory)` {
		t.Errorf("a missing file: %d", got)
	}
	write(t, file, "a:{PLAIN}1")
	if status("1") != 0 || status("2") != 401 {
		t.Error("a new file")
	}
	if err := os.WriteFile(file, []byte("a:{PLAIN}2"), 0o644); err != nil {
		t.Fatal(err)
	}
	if status("1") != 401 || status("2") != 0 {
		t.Error("a changed file")
	}
	now := time.Now()
	for _, p := range []string{"3", "4"} { // of the same size and time
		if err := os.WriteFile(file, []byte("a:{PLAIN}"+p), 0o644); err != nil {
			t.Fatal(err)
		}
		_ = os.Chtimes(file, now, now)
		if status(p) != 0 {
			t.Error("a file that changed twice within a tick")
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(file, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := status("1"); got != 500 || !strings.HasPrefix(j.last(), `12 open() "`+file+`" failed (21: Is a directory)`) {
		t.Errorf("a directory: %d", got)
	}
	for i := range maxFiles + 10 {
		name := fmt.Sprint(file, i)
		write(t, name, "a:b")
		if _, err := a.files.load(name); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(a.files.known); n != maxFiles {
		t.Errorf("%d files are kept", n)
	}
}

func TestRemembered(t *testing.T) {
	cost := 11
	if testing.Short() { // the race detector makes it slow enough
		cost = 8
	}
	hash := func(p string) string {
		b, err := bcrypt.GenerateFromPassword([]byte(p), cost)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	file := filepath.Join(t.TempDir(), "users")
	write(t, file, "a:"+hash("right"))
	a, _ := newAuth(t, file)
	took := func(credentials string, want int) time.Duration {
		t.Helper()
		start := time.Now()
		if status := ask(t, a, basic(credentials)).Res().Status; status != want {
			t.Errorf("%s: status %d", credentials, status)
		}
		return time.Since(start)
	}
	var slow, quick, wrong, nobody time.Duration
	for range 20 { // a busy machine may hold any of them up, but not each time
		a, _ = newAuth(t, file)
		slow, quick = took("a:right", 0), took("a:right", 0)
		wrong, nobody = min(took("a:wrong", 401), took("a:wrong", 401)), took("nobody:x", 401)
		if quick < slow/2 && wrong > slow/4 && nobody > slow/4 {
			break
		}
	}
	if quick >= slow/2 || wrong <= slow/4 || nobody <= slow/4 {
		t.Errorf("%v, %v the second time; a wrong password takes %v, and a name that is not there %v", slow, quick, wrong, nobody)
	}
	write(t, file, "a:"+hash("changed!"))
	took("a:right", 401) // it is not remembered over a change of the file
}

func TestRememberedBounds(t *testing.T) {
	r := &remembered{keep: time.Hour}
	for i := range 3 * maxRemembered {
		r.add("u", "h", []byte(fmt.Sprint(i)))
	}
	if n := len(r.until); n != maxRemembered || !r.has("u", "h", []byte(fmt.Sprint(3*maxRemembered-1))) {
		t.Errorf("%d are remembered", n)
	}
	for _, other := range [][3]string{{"uh", "", "x"}, {"u", "hx", ""}, {"u", "", "hx"}, {"", "uh", "x"}} {
		if r.add("u", "h", []byte("x")); r.has(other[0], other[1], []byte(other[2])) {
			t.Errorf("%q is taken for another", other)
		}
	}
	r.keep = time.Nanosecond
	r.add("u", "h", []byte("short"))
	time.Sleep(time.Millisecond)
	if r.has("u", "h", []byte("short")) {
		t.Error("it is remembered for ever")
	}
	r.keep = -1
	if r.add("u", "h", []byte("never")); r.has("u", "h", []byte("never")) {
		t.Error("it is to be forgotten at once")
	}
}

func TestRemoteUser(t *testing.T) {
	for authorization, want := range map[string]string{basic("alice:secret"): "x=alice", basic("alice"): "", "": "", basic(":x"): "", basic("a:"): "x=a", "Basic %": ""} {
		c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("Authorization", authorization))
		got, ok := AppendUser(c, []byte("x="))
		if ok != (want != "") || ok && string(got) != want || !ok && string(got) != "x=" {
			t.Errorf("%q: %q %v", authorization, got, ok)
		}
		if rest := string(got[len(got):cap(got)]); strings.Contains(rest, "secret") {
			t.Error("the password is left in the buffer")
		}
	}
}

// The same user file and the same fields in the real nginx.
func TestAgainstNginx(t *testing.T) {
	dir := t.TempDir()
	users := filepath.Join(dir, "users")
	write(t, users, "# comment\nplain:{PLAIN}pass word\nsha:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\napr:$apr1$ab$aINKbeJ3WJ0RgDokBaBtc0\nmd5:$1$abcdefgh$t0UpW5cDGMg8Cbl4Fc1sw/\ndes:ab2fQOvPRo9Uk\n"+
		"five:$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5\nsix:$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1:x\n"+
		"ssha:{SSHA}x\r\nbcrypt:$2y$05$irJVV2jAY3GDb3H1Wojrlu946UzFr681wbWkYj.Y/DEuT2UACekvG\nplain:{PLAIN}other\nempty:{PLAIN}\n"+
		"odd1:$unknown$x\nodd2:\nodd3:plain\nodd4:$2y$99$x\nodd5:$2y$\nodd6:$y$j9T$abc\nodd7:exactly13char-\nodd8:{MD5}abc\nodd9:$1$\n")
	s := nginxtest.Start(t, dir, "", `location / { auth_basic closed; auth_basic_user_file {dir}/users; empty_gif; add_header X-User "$remote_user" always; }
		location /missing { auth_basic closed; auth_basic_user_file {dir}/none; empty_gif; add_header X-User "$remote_user" always; }
		location /off { auth_basic off; auth_basic_user_file {dir}/users; empty_gif; add_header X-User "$remote_user" always; }`)
	var fields []string
	for _, user := range []string{"plain", "sha", "apr", "md5", "des", "five", "six", "ssha", "bcrypt", "empty", "odd1", "odd2", "odd3", "odd4", "odd5", "odd6", "odd7", "odd8", "odd9", "nobody", "# comment", "plai", "plainx", ""} {
		for _, password := range []string{"pass word", "password", "Hello world!", "allmine", "", "other", "pass word:"} {
			fields = append(fields, basic(user+":"+password))
		}
	}
	good := basic("plain:pass word")
	fields = append(fields, "", "Basic", "Basic ", "basic"+good[5:], "Basic  "+good[6:], good+"=", good+"!", strings.TrimRight(good, "="), "Basic a", "Basic !", "Digest x", good[:len(good)-4], basic("plain"))
	for location, file := range map[string]string{"/": "users", "/missing": "none", "/off": "users"} {
		realm := "closed"
		if location == "/off" {
			realm = "off"
		}
		a, err := New(Config{Realm: pipeline.Literal(realm), UserFile: pipeline.Literal(filepath.Join(dir, file))})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fields {
			head := "GET " + location + " HTTP/1.1\r\nHost: a\r\n"
			if f != "" {
				head += "Authorization: " + f + "\r\n"
			}
			nginx := s.Do("", head)
			want := fmt.Sprint(nginx.Status, nginx.Header.Get("WWW-Authenticate"), nginx.Header.Get("X-User"))
			c := ask(t, a, f)
			user, _ := AppendUser(c, nil)
			got := fmt.Sprint(max(c.Res().Status, 200), c.ResponseHeader("WWW-Authenticate"), string(user))
			if got != want {
				t.Errorf("%s %q: %s, nginx %s", location, f, got, want)
			}
		}
	}
}

// FuzzUserFile compares the file with NGINX's way of reading it: byte by byte, for one name.
func FuzzUserFile(f *testing.F) {
	for _, s := range []string{"a:b\nc:d:e\r\n#x:y\n\r\n:z\na:second", "\n\n", "a", "a:", ":", "a:b"} {
		f.Add(s, "a")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		if strings.ContainsAny(name, ":\n") || name == "" {
			return // no request gives such a name
		}
		want, found := scan(text, name)
		hash, ok := parse([]byte(text)).hashes[name]
		if ok != found || hash != want {
			t.Errorf("%q in %q: %q %v, want %q %v", name, text, hash, ok, want, found)
		}
	})
}

// scan is the loop of ngx_http_auth_basic_handler, but for one oddity.
func scan(text, name string) (string, bool) {
	name += ":"
	const login, skip = 0, 1
	state, n := login, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if state == skip {
			if c == '\n' {
				state, n = login, 0
			}
			continue
		}
		if n == 0 {
			if c == '#' || c == '\r' {
				state = skip
				continue
			}
			if c == '\n' {
				continue
			}
		}
		if c != name[n] {
			if state = skip; c == '\n' { // NGINX skips the next line as well, behind a beginning of the name without a colon
				state, n = login, 0
			}
			continue
		}
		if n++; n == len(name) {
			rest := text[i+1:]
			if end := strings.IndexAny(rest, "\n\r:"); end >= 0 {
				return rest[:end], true
			}
			return rest, true
		}
	}
	return "", false
}

// FuzzCredentials compares with what encoding/base64 makes of whole fields.
func FuzzCredentials(f *testing.F) {
	for _, s := range []string{"Basic YTpi", "Basic YTpi=", "basic  YQ==", "Basic Og", "Basic", "Basic YTpi\x80"} {
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
		value = strings.TrimSpace(value)
		c := pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Header("Authorization", value))
		user, password, ok := credentials(c, nil)
		want := ""
		if len(value) > 6 && strings.EqualFold(value[:6], "basic ") {
			text, _, _ := strings.Cut(strings.TrimLeft(value[6:], " "), "=")
			if b, err := base64.RawStdEncoding.DecodeString(text); err == nil {
				want = string(b)
			}
		}
		name, rest, both := strings.Cut(want, ":")
		if ok != (both && name != "") || ok && (string(user) != name || string(password) != rest) {
			t.Errorf("%q: %q %q %v", value, user, password, ok)
		}
	})
}
