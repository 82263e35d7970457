package front

import "testing"

// The order of server names is NGINX's: exact, the longest wildcard in front, the longest behind.
func TestNames(t *testing.T) {
	var n names
	servers := map[*virtual]string{}
	for _, name := range []string{"a.example", "*.example", "*.b.example", ".c.example", "www.*", "www.a.*", "a.example", "*.b.example"} {
		srv := &virtual{name: name}
		servers[srv] = name
		n.add(name, srv)
	}
	servers[nil] = "-"
	for host, want := range map[string]string{
		"a.example": "a.example", "x.example": "*.example", "x.b.example": "*.b.example", "b.example": "*.example", ".example": "*.example",
		"c.example": ".c.example", "x.c.example": ".c.example", "www.org": "www.*", "www.a.org": "www.a.*", "www.b.example": "*.b.example",
		"example": "-", "": "-", "www.": "-", "xexample": "-", "other": "-",
	} {
		if got := servers[n.find([]byte(host))]; got != want {
			t.Errorf("%q: %s, want %s", host, got, want)
		}
	}
}

func TestHost(t *testing.T) {
	r := new(request)
	for authority, want := range map[string]string{
		"a": "a", "A.b": "a.b", "a.b.": "a.b", "a:80": "a", "A.B.:80": "a.b", "[::1]": "[::1]", "[::1]:80": "[::1]", "": "", "[::A]": "[::a]",
	} {
		if got := string(r.host([]byte(authority))); got != want {
			t.Errorf("%q: %q, want %q", authority, got, want)
		}
	}
	for authority, want := range map[string]bool{
		"a": true, ".a": true, "a.": true, "": false, ".": false, ".:80": false, "a..b": false, ":80": false, "a:": true,
	} {
		if got := validHost([]byte(authority)); got != want {
			t.Errorf("%q: valid %v, want %v", authority, got, want)
		}
	}
}

// A host is never longer than its authority, and in lower case.
func FuzzHost(f *testing.F) {
	for _, seed := range []string{"a", "A.b:80", "[::1]:80", "..", ".", "a.:", "[", "]:"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, authority string) {
		r := new(request)
		host := string(r.host([]byte(authority)))
		if len(host) > len(authority) {
			t.Errorf("%q became the longer %q", authority, host)
		}
		if again := string(new(request).host([]byte(host))); validHost([]byte(authority)) && host != "" && host[0] != '[' && len(again) > len(host) {
			t.Errorf("%q: %q, then %q", authority, host, again)
		}
		for _, c := range []byte(host) {
			if c >= 'A' && c <= 'Z' {
				t.Errorf("%q: %q is not in lower case", authority, host)
			}
		}
	})
}
