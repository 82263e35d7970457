package front_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/metrics"
)

// TestStatus: requests are counted by class and zone, and wheelpit_status shows them in three forms.
func TestStatus(t *testing.T) {
	port := ports(t, 1)[0]
	plan, err := build(t, t.TempDir(), `
server {
    listen 127.0.0.1:`+port+`;
    server_name a;
    status_zone first;
    location / { return 200 hello; }
    location /none { return 404; }
    location /status { wheelpit_status; }
}
server {
    listen 127.0.0.1:`+port+`;
    server_name b;
    location / { return 301 /x; }
    location /json { wheelpit_status json; }
    location /metrics { wheelpit_status prometheus; }
}`)
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.New(plan.Server)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Shutdown(context.Background()) }()
	addr := "127.0.0.1:" + port
	for range 3 {
		askRaw(t, addr, "a", "/")
	}
	askRaw(t, addr, "a", "/none")
	askRaw(t, addr, "b", "/")
	askRaw(t, addr, "b", "/%zz") // refused before a server is chosen: it counts for the default one
	var n metrics.Snapshot
	for deadline := time.Now().Add(time.Minute); n.Total.Requests() < 6 && time.Now().Before(deadline); {
		if err := json.Unmarshal([]byte(body(t, addr, "b", "/json")), &n); err != nil {
			t.Fatal(err)
		}
	}
	if r := n.Total.Responses; r[3] != 1 || r[4] != 2 || r[2] < 3 || n.Total.Sent < 600 || n.Total.Received < 150 {
		t.Errorf("%+v", n.Total)
	}
	if len(n.Zones) != 1 || n.Zones[0].Zone != "first" || n.Zones[0].Responses != [6]uint64{0, 0, 3, 0, 2, 0} {
		t.Errorf("%+v", n.Zones)
	}
	if n.Accepted < 7 || n.Requests < 6 || len(n.LagSeconds) != 1 || n.Busy < 1 {
		t.Errorf("%+v", n)
	}
	if text := body(t, addr, "b", "/metrics"); !strings.Contains(text, "\nwheelpit_http_responses_total{zone=\"first\",class=\"2xx\"} 3\n") {
		t.Errorf("%s", text)
	}
	if text := body(t, addr, "a", "/status"); !strings.Contains(text, "<td>first</td>") {
		t.Errorf("%s", text)
	}
	if _, err := build(t, t.TempDir(), "server { location / { wheelpit_status yaml; } }"); err == nil {
		t.Error("a format that is none")
	}
}

func body(t *testing.T, addr, host, target string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", target, host)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	return string(text)
}
