package router

import "testing"

func TestHostsFirstDeclaredWins(t *testing.T) {
	h, err := CompileHosts([]Host{
		{"Example.com", 1}, {"*.example.com", 2}, {"api.example.com", 3}, {"b.org", 4}, {"*", 5}, {"late.net", 6},
	})
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		"example.com": 1, "a.example.com": 2, "a.b.example.com": 2, "api.example.com": 2, "b.org": 4, "xexample.com": 5,
		"late.net": 5, ".example.com": 5, "": -1,
	} {
		if got := h.Find(host); got != want {
			t.Errorf("%q: %d, want %d", host, got, want)
		}
	}
	if _, err := CompileHosts([]Host{{"a", 1}, {"A", 2}, {"a.*", 3}, {"", 4}, {"*a", 5}, {"a:80", 6}}); err == nil {
		t.Error("no error")
	}
}
