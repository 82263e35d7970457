package errlog

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// facilities and severities of RFC 3164, by number, with the names that NGINX gives them.
var (
	facilities = []string{"kern", "user", "mail", "daemon", "auth", "intern", "lpr", "news", "uucp", "clock", "authpriv",
		"ftp", "ntp", "audit", "alert", "cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}
	severities = []string{"emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"}
)

const (
	syslogPort = "514"
	maxTag     = 32
)

// Syslog sends messages of RFC 3164 to a server over UDP or a unix datagram socket. What the socket does not take at once
// is lost: a log must not hold up a request.
type Syslog struct {
	network, addr string
	facility      int
	severity      int
	tag           string
	host          string // with a space behind it, or empty
	nohost        bool

	mu   sync.Mutex
	conn net.Conn
}

// ParseSyslog reads "syslog:server=ADDRESS[,facility=F][,severity=S][,tag=T][,nohostname]", the target of error_log and
// access_log. Address is "host", "host:port" or "unix:/path". The errors are NGINX's.
func ParseSyslog(text string) (*Syslog, error) {
	s := &Syslog{facility: -1, severity: -1}
	for _, p := range strings.Split(strings.TrimPrefix(text, "syslog:"), ",") {
		if err := s.parameter(p); err != nil {
			return nil, err
		}
	}
	if s.addr == "" {
		return nil, errors.New("no syslog server specified")
	}
	if s.facility < 0 {
		s.facility = slices.Index(facilities, "local7")
	}
	if s.severity < 0 {
		s.severity = slices.Index(severities, "info")
	}
	if s.tag == "" {
		s.tag = "nginx"
	}
	if name, err := os.Hostname(); err == nil && !s.nohost {
		s.host = name + " "
	}
	return s, nil
}

func (s *Syslog) parameter(p string) error {
	key, value, _ := strings.Cut(p, "=")
	switch {
	case strings.HasPrefix(p, "server="):
		return s.server(value)
	case strings.HasPrefix(p, "facility="):
		return s.number(&s.facility, key, value, facilities)
	case strings.HasPrefix(p, "severity="):
		return s.number(&s.severity, key, value, severities)
	case strings.HasPrefix(p, "tag="):
		return s.setTag(value)
	case p == "nohostname":
		s.nohost = true
		return nil
	}
	return fmt.Errorf(`unknown syslog parameter "%s"`, p)
}

func (s *Syslog) number(to *int, key, value string, names []string) error {
	if *to >= 0 {
		return fmt.Errorf(`duplicate syslog "%s"`, key)
	}
	if *to = slices.Index(names, value); *to < 0 {
		return fmt.Errorf(`unknown syslog %s "%s"`, key, value)
	}
	return nil
}

func (s *Syslog) server(value string) error {
	if s.addr != "" {
		return errors.New(`duplicate syslog "server"`)
	}
	if path, ok := strings.CutPrefix(value, "unix:"); ok {
		s.network, s.addr = "unixgram", path
		return nil
	}
	if value == "" {
		return errors.New(`no host in syslog server ""`)
	}
	s.network, s.addr = "udp", value
	if _, _, err := net.SplitHostPort(value); err != nil {
		s.addr = net.JoinHostPort(strings.Trim(value, "[]"), syslogPort)
	}
	if _, err := net.ResolveUDPAddr("udp", s.addr); err != nil {
		return fmt.Errorf(`host not found in syslog server "%s"`, value)
	}
	return nil
}

func (s *Syslog) setTag(value string) error {
	switch {
	case s.tag != "":
		return errors.New(`duplicate syslog "tag"`)
	case len(value) > maxTag:
		return errors.New("syslog tag length exceeds 32")
	}
	for _, c := range []byte(value) {
		if c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return errors.New(`syslog "tag" only allows alphanumeric characters and underscore`)
		}
	}
	s.tag = value
	return nil
}

// Send sends a message with the severity of the configuration: an access log's line.
func (s *Syslog) Send(message []byte) { s.send(s.severity, message) }

func (s *Syslog) send(severity int, message []byte) {
	b := make([]byte, 0, MaxLine)
	b = append(b, '<')
	b = strconv.AppendInt(b, int64(s.facility*8+severity), 10)
	b = append(b, '>')
	b = time.Now().AppendFormat(b, "Jan _2 15:04:05 ")
	b = append(append(append(b, s.host...), s.tag...), ": "...)
	b = append(b, message...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		conn, err := net.Dial(s.network, s.addr)
		if err != nil {
			return
		}
		s.conn = conn
	}
	if sendNow(s.conn, b[:min(len(b), MaxLine)]) != nil {
		_ = s.conn.Close()
		s.conn = nil // the next message tries again: the server may have been restarted
	}
}

// sendNow sends one datagram or loses it.
func sendNow(c net.Conn, b []byte) error {
	raw, err := c.(interface {
		SyscallConn() (syscall.RawConn, error)
	}).SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Write(func(fd uintptr) bool {
		failed = unix.Send(int(fd), b, unix.MSG_DONTWAIT)
		return true
	}); err != nil {
		return err
	}
	if failed == unix.EAGAIN {
		return nil
	}
	return failed
}

// Close closes the socket.
func (s *Syslog) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		_ = s.conn.Close()
		s.conn = nil
	}
}

// syslogSink is an error log's syslog: a message has the severity of its line.
type syslogSink struct{ *Syslog }

func (s syslogSink) write(level Level, line []byte) { s.send(int(level)-1, line[:len(line)-1]) }
func (s syslogSink) reopen() error                  { return nil }
func (s syslogSink) close()                         { s.Close() }
