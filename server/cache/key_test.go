package cache

import "testing"

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
