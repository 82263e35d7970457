package front_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// send sends a request and returns the whole answer, its fields in order.
func send(ports []string, r request) string {
	d := net.Dialer{Timeout: time.Minute}
	if r.from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(r.from)}
	}
	conn, err := d.Dial("tcp", "127.0.0.1:"+ports[r.port])
	if err != nil {
		return "cannot connect: " + err.Error()
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	wire := r.wire(ports[r.port])
	if _, err := io.WriteString(conn, wire); err != nil {
		return "cannot send: " + err.Error()
	}
	if r.version == "raw" || r.version == "0.9" {
		return everything(conn, r.quiet)
	}
	method, _, _ := strings.Cut(wire, " ")
	text, err := answer(bufio.NewReader(conn), method)
	if err != nil {
		text += "\nthen " + err.Error()
	}
	return text
}

// head is the head of a response within a stream of bytes.
var head = regexp.MustCompile(`(?s)HTTP/1\.[01] \d.*?\r\n\r\n`)

// everything returns what comes until the server closes, or says nothing for quiet: longer before it has said anything, which one
// that is busy may take a while for.
func everything(conn net.Conn, quiet time.Duration) string {
	var all []byte
	end := "(closed)"
	for buf := make([]byte, 32<<10); ; {
		patience := quiet
		if len(all) == 0 {
			patience = 6 * quiet
		}
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		n, err := conn.Read(buf)
		all = append(all, buf[:n]...)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			end = "(kept open)"
		}
		if err != nil {
			break
		}
	}
	all = head.ReplaceAllFunc(all, func(h []byte) []byte {
		lines := strings.Split(strings.TrimSpace(string(h)), "\r\n")
		sort.Strings(lines[1:])
		return []byte(strings.Join(lines, "\n") + "\n\n")
	})
	return string(all) + end
}

// answer reads one response.
func answer(in *bufio.Reader, method string) (string, error) {
	status, err := in.ReadString('\n')
	if err != nil {
		return status, err
	}
	fields, length, chunked := []string{}, -1, false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return status, err
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			break
		}
		fields = append(fields, line)
		if v, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			length, _ = strconv.Atoi(v)
		}
		chunked = chunked || line == "Transfer-Encoding: chunked"
	}
	sort.Strings(fields)
	text := strings.TrimRight(status, "\r\n") + "\n" + strings.Join(fields, "\n") + "\n\n"
	code := strings.Fields(status + " 0 0")[1]
	if method == "HEAD" || code == "204" || code == "304" {
		return text, nil
	}
	body, err := content(in, length, chunked)
	return text + plain(fields, body), err
}

// plain undoes Content-Encoding: each server compresses in its own way.
func plain(fields []string, body []byte) string {
	if slices.Contains(fields, "Content-Encoding: gzip") {
		if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
			if text, err := io.ReadAll(z); err == nil {
				return "(gzip) " + string(text)
			}
		}
	}
	return string(body)
}

func content(in *bufio.Reader, length int, chunked bool) ([]byte, error) {
	if chunked {
		return chunks(in)
	}
	if length < 0 {
		return io.ReadAll(in)
	}
	body := make([]byte, length)
	n, err := io.ReadFull(in, body)
	return body[:n], err
}

func chunks(in *bufio.Reader) (all []byte, err error) {
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return all, err
		}
		size, err := strconv.ParseUint(strings.TrimSpace(line), 16, 32)
		if err != nil {
			return all, fmt.Errorf("chunk %q", line)
		}
		chunk := make([]byte, size+2)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return all, err
		}
		if size == 0 {
			return all, nil
		}
		all = append(all, bytes.TrimSuffix(chunk, []byte("\r\n"))...)
	}
}

var (
	dates    = regexp.MustCompile(`(?m)^Date: (.*)$`)
	expires  = regexp.MustCompile(`(?m)^Expires: (.*)$`)
	boundary = regexp.MustCompile(`[0-9]{20}`)
	framing  = regexp.MustCompile(`(?m)^(Transfer-Encoding: chunked|Content-Length: \d+|Connection: close|Connection: keep-alive)\n`)
)

// normal takes out what must differ: ports, the time, random values.
func normal(s string, ports []string) string {
	for i, p := range ports {
		s = regexp.MustCompile(`\b`+p+`\b`).ReplaceAllString(s, fmt.Sprintf("PORT%d", i))
	}
	s = expires.ReplaceAllStringFunc(s, func(line string) string {
		at, err := time.Parse(time.RFC1123, strings.TrimPrefix(line, "Expires: "))
		found := dates.FindStringSubmatch(s)
		if err != nil || found == nil {
			return line
		}
		now, err := time.Parse(time.RFC1123, found[1])
		if err != nil || at.Sub(now) > 10000*time.Hour || now.Sub(at) > 10000*time.Hour {
			return line
		}
		return "Expires: in " + at.Sub(now).String()
	})
	s = dates.ReplaceAllString(s, "Date: *")
	return boundary.ReplaceAllString(s, "BOUNDARY")
}

// unframed takes the framing out of two answers if nginx has sent the first in chunks or until it closed: what NGINX makes
// piece by piece (listings, SSI, compressed files) is made whole here, and is told by its length. The only difference that is
// not in the table, because it is everywhere.
func unframed(want, got string) (string, string) {
	fields, _, _ := strings.Cut(want, "\n\n")
	if !strings.HasPrefix(want, "HTTP/1.") || strings.Contains(fields, "\nContent-Length: ") {
		return want, got
	}
	return withoutFraming(want), withoutFraming(got)
}

func withoutFraming(s string) string {
	fields, rest, _ := strings.Cut(s, "\n\n")
	return framing.ReplaceAllString(fields+"\n", "") + "\n" + rest
}
