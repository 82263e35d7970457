package cgi

import "testing"

func TestAppendFieldName(t *testing.T) {
	for in, want := range map[string]string{
		"host": "HTTP_HOST", "X-Real-IP": "HTTP_X_REAL_IP", "x_real_ip": "HTTP_X_REAL_IP", "": "HTTP_", "a.b!1": "HTTP_A.B!1", "\xe4z": "HTTP_\xe4Z",
	} {
		if got := AppendFieldName([]byte("x"), []byte(in)); string(got) != "x"+want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestFields(t *testing.T) {
	f := NewFields([]string{"HTTP_X_Set", "http_lower", "HTTP_", "REQUEST_URI", "HTTP_GONE"})
	for name, want := range map[string]bool{
		"X-Set": true, "x_set": true, "X-SET": true, "gone": true, "X-Sets": false, "Set": false,
		"Lower": false, "": false, "Request-URI": false, "Host": false,
		"Proxy": true, "PROXY": true, "Proxy-X": false,
	} {
		if got := f.Skips([]byte(name)); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	none := Fields{}
	if none.Skips([]byte("X-Set")) || !none.Skips([]byte("proxy")) {
		t.Error("without parameters Proxy alone is skipped")
	}
}

func TestSeparator(t *testing.T) {
	for name, want := range map[string]string{"Cookie": "; ", "cookie": "; ", "Cookies": ", ", "X-Forwarded-For": ", "} {
		if got := Separator([]byte(name)); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		status   string
		location bool
		code     int
		reason   string
		ok       bool
	}{
		{"404 Not Found", false, 404, "Not Found", true}, {"404", true, 404, "", true}, {"404 ", false, 404, "", true},
		{"200 OK", true, 200, "OK", true}, {"302: Moved", false, 302, ": Moved", true}, {"999 x", false, 999, "x", true},
		{"", false, 0, "", false}, {"20", false, 0, "", false}, {"2000", false, 0, "", false}, {"099", false, 0, "", false},
		{"OK", false, 0, "", false}, {"-20", false, 0, "", false}, {"2 0", false, 0, "", false},
	} {
		code, reason, ok := Status([]byte(c.status), c.location)
		if code != c.code || string(reason) != c.reason || ok != c.ok {
			t.Errorf("%q: %d %q %v", c.status, code, reason, ok)
		}
	}
	if code, _, ok := Status(nil, true); code != 302 || !ok {
		t.Errorf("Location alone: %d", code)
	}
	if code, _, ok := Status(nil, false); code != 200 || !ok {
		t.Errorf("neither: %d", code)
	}
}
