package cache

import (
	"bytes"
	"fmt"
	"testing"
)

// The sum is that of the example in NGINX's documentation of proxy_cache_path.
func TestFileNames(t *testing.T) {
	const digits = "b7f54b2df7773722d382f4809d65029c"
	sum, ok := sumOf(digits)
	if !ok {
		t.Fatal("not a name")
	}
	for _, tt := range []struct {
		levels []int
		want   string
	}{
		{nil, "/data/nginx/cache/" + digits},
		{[]int{1}, "/data/nginx/cache/c/" + digits},
		{[]int{1, 2}, "/data/nginx/cache/c/29/" + digits},
		{[]int{2, 2, 1}, "/data/nginx/cache/9c/02/5/" + digits},
	} {
		if got := fileName("/data/nginx/cache", tt.levels, sum); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.levels, got, tt.want)
		}
	}
	for _, bad := range []string{"", digits[1:], digits + "0", "A" + digits[1:], "g" + digits[1:], digits + ".1"} {
		if _, ok := sumOf(bad); ok {
			t.Errorf("%q is a name", bad)
		}
	}
}

func TestKeyIsItsMD5Sum(t *testing.T) {
	if want, _ := sumOf("f3f218007977e125dbf91caf14778c5d"); KeyOf([]byte("http://127.0.0.1:8081/t.html")).Sum != want {
		t.Error("another sum")
	}
}

// What a Memo remembers is what KeyOf says, for keys that share a place, too.
func TestMemo(t *testing.T) {
	var m Memo
	for round := range 3 {
		for i := range 1000 {
			text := fmt.Appendf(nil, "http://h/%d", i*i%(300*(round+1)))
			switch i % 50 {
			case 0:
				text = text[:i%8]
			case 1:
				text = append(bytes.Repeat([]byte("x"), 300), text...)
			}
			if have, want := m.KeyOf(text), KeyOf(text); have.Sum != want.Sum || !bytes.Equal(have.Text, text) {
				t.Fatalf("%q: %x, not %x", text, have.Sum, want.Sum)
			}
		}
	}
}
