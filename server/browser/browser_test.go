package browser

import "testing"

// The corpus of package front compares whole configurations with NGINX; these are the bounds.
func TestParseVersion(t *testing.T) {
	for version, want := range map[string]int{"1": 1000000, "5.5": 5050000, "1.2.3": 1020300, "1.2.3.4": 1020304, "4001": 4001000000} {
		if v, err := ParseVersion("gecko", version); err != nil || v.oldest != want {
			t.Errorf("%s: %d, %v", version, v.oldest, err)
		}
	}
	for _, x := range [][2]string{{"mosaic", "1"}, {"gecko", ""}, {"gecko", "1.x"}, {"gecko", "1..2"}, {"gecko", "1.2.3.4.5"}, {"gecko", "99999999999"}} {
		if _, err := ParseVersion(x[0], x[1]); err == nil {
			t.Errorf("%v is taken", x)
		}
	}
}

func TestModern(t *testing.T) {
	v, err := ParseVersion("gecko", "1.5")
	if err != nil {
		t.Fatal(err)
	}
	b := New(Config{Modern: []Version{v}, Unlisted: true, Ancient: []string{"Lynx"}, Netscape4: true})
	for agent, want := range map[string]bool{
		"": true, "curl/8": true, "Lynx/2.8": false, "Mozilla/4.72 (something)": false, "Opera/9.0": false, "Opera": true,
		"Mozilla/5.0 (X; rv:1.5) x": true, "Mozilla/5.0 (X; rv:1.5.0": true, "Mozilla/5.0 (X; rv:1.4.9)": false, "Mozilla/5.0 (X; rv:1.10)": true,
		"Mozilla/5.0 (X; rv:": true, "Mozilla/5.0 (X; rv:99999999999999999999)": true, "Mozilla/5.0 (X; rv:x)": false,
	} {
		if got := b.modern([]byte(agent)); got != want {
			t.Errorf("%q: %v", agent, got)
		}
	}
	if !b.modern(nil) || New(Config{}).modern(nil) {
		t.Error("a request without User-Agent")
	}
}
