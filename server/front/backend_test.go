package front_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// backend is the server that the configurations of testdata/proxy pass requests to, at %BACKEND%: both servers' are passed to the
// same. A line of the corpus
//
//	#= /path HTTP/1.1 200 OK\r\n...
//
// says what it answers for a path, with Go's escapes, "(silence)" for nothing until the client gives up; for the others it answers with what it was sent: the request line, the
// fields in the order of the alphabet, and the content. Two fields differ by intent and are left out: Connection, which NGINX
// 1.22 sends with "close" unless told otherwise, and Via, which it does not send.
type backend struct{ answers map[string]string }

// startBackend starts one and returns its port.
func startBackend(t *testing.T, answers map[string]string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	b := &backend{map[string]string{}}
	for path, text := range answers {
		b.answers[path] = closing(strings.ReplaceAll(text, "%BACKEND%", port))
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go b.serve(c)
		}
	}()
	return port
}

// closing returns an answer that says that its connection ends, as it does, unless it is one that is to be broken or an interim one.
// Otherwise our gateway keeps the connection, and on a busy machine may send the next request before the end has come: a GET is then
// tried once more, which the log shows, and a POST is a 502, as behind "keepalive" of NGINX.
func closing(answer string) string {
	line, rest, ok := strings.Cut(answer, "\r\n")
	if !ok || !strings.HasPrefix(line, "HTTP/1.1 ") || strings.HasPrefix(line, "HTTP/1.1 1") || !strings.Contains(answer, "\r\n\r\n") ||
		strings.Contains(answer, "Connection:") {
		return answer
	}
	return line + "\r\nConnection: close\r\n" + rest
}

// serve answers one request and closes.
func (b *backend) serve(c net.Conn) {
	defer c.Close()
	req, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	body, _ := io.ReadAll(req.Body)
	path, _, _ := strings.Cut(req.RequestURI, "?")
	switch text, ok := b.answers[path]; {
	case text == "(silence)":
		_, _ = io.Copy(io.Discard, c)
		return
	case ok:
		_, _ = io.WriteString(c, text)
		return
	}
	lines := []string{"Host: " + req.Host}
	for name, values := range req.Header {
		for _, v := range values {
			if name != "Connection" && name != "Via" {
				lines = append(lines, name+": "+v)
			}
		}
	}
	slices.Sort(lines)
	text := req.Method + " " + req.RequestURI + " " + req.Proto + "\n" + strings.Join(lines, "\n") + "\n\n" + string(body)
	answer := http.Response{
		ProtoMajor: 1, ProtoMinor: 1, StatusCode: 200, Header: http.Header{"Content-Type": {"text/plain"}}, Close: true,
		ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text)), Request: req,
	}
	_ = answer.Write(c)
}
