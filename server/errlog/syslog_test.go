package errlog

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

func TestParseSyslog(t *testing.T) {
	for text, want := range map[string]string{
		"syslog:":      `unknown syslog parameter ""`,
		"syslog:tag=x": "no syslog server specified",
		"syslog:server=127.0.0.1,server=127.0.0.1":                      `duplicate syslog "server"`,
		"syslog:server=127.0.0.1,facility=x":                            `unknown syslog facility "x"`,
		"syslog:server=127.0.0.1,severity=err":                          `unknown syslog severity "err"`,
		"syslog:server=127.0.0.1,facility=kern,facility=x":              `duplicate syslog "facility"`,
		"syslog:server=127.0.0.1,severity=warn,severity=x":              `duplicate syslog "severity"`,
		"syslog:server=127.0.0.1,tag=a,tag=b":                           `duplicate syslog "tag"`,
		"syslog:server=127.0.0.1,tag=a-b":                               `syslog "tag" only allows alphanumeric characters and underscore`,
		"syslog:server=127.0.0.1,tag=123456789012345678901234567890123": "syslog tag length exceeds 32",
		"syslog:server=127.0.0.1,nonsense":                              `unknown syslog parameter "nonsense"`,
		"syslog:server=127.0.0.1:99999":                                 `host not found in syslog server "127.0.0.1:99999"`,
	} {
		if _, err := ParseSyslog(text); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"syslog:server=127.0.0.1":      "udp 127.0.0.1:514 23 6 nginx",
		"syslog:server=127.0.0.1:1514": "udp 127.0.0.1:1514 23 6 nginx",
		"syslog:server=[::1]":          "udp [::1]:514 23 6 nginx",
		"syslog:server=[::1]:99,tag=a_B9,facility=local0,severity=debug,nohostname": "udp [::1]:99 16 7 a_B9",
		"syslog:server=unix:/dev/log": "unixgram /dev/log 23 6 nginx",
	} {
		s, err := ParseSyslog(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := fmt.Sprint(s.network, " ", s.addr, " ", s.facility, " ", s.severity, " ", s.tag); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// syslogServer listens as a syslog server and returns the next message.
func syslogServer(t *testing.T, network, addr string) (string, func() string) {
	t.Helper()
	c, err := net.ListenPacket(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.LocalAddr().String(), func() string {
		t.Helper()
		b := make([]byte, 2*MaxLine)
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		n, _, err := c.ReadFrom(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
}

func TestSyslogMessages(t *testing.T) {
	addr, next := syslogServer(t, "udp", "127.0.0.1:0")
	log, err := Open(Target{"syslog:server=" + addr + ",facility=local1,tag=me", Info})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	log.Printf(Error, "text")
	host, _ := os.Hostname()
	want := regexp.MustCompile(`^<139>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ` + regexp.QuoteMeta(host) +
		` me: \d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[error\] \d+#\d+: text$`)
	if m := next(); !want.MatchString(m) {
		t.Errorf("%q", m)
	}
	s, err := ParseSyslog("syslog:server=" + addr + ",nohostname,severity=notice")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Send([]byte("access"))
	if m := next(); !regexp.MustCompile(`^<189>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d nginx: access$`).MatchString(m) {
		t.Errorf("%q", m)
	}
}

// TestSyslogGone: a server that goes away costs messages, not time, and is used again when it is back.
func TestSyslogGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	s, err := ParseSyslog("syslog:server=unix:" + path + ",nohostname")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Send([]byte("lost"))
	first, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for range 2000 { // nobody reads: the queue is full soon
		s.Send([]byte("many"))
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("a full queue held the log up for %v", took)
	}
	_ = first.Close()
	_ = os.Remove(path)
	s.Send([]byte("lost, and noticed"))
	_, next := syslogServer(t, "unixgram", path)
	s.Send([]byte("back"))
	if m := next(); !regexp.MustCompile(`nginx: back$`).MatchString(m) {
		t.Errorf("%q", m)
	}
}
