package mp4

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/wheelpit/wheelpit/server/nginxtest"
)

// spans are pieces, in milliseconds; an end of 0 is none.
var spans = [][2]uint64{
	{0, 0}, {1, 0}, {500, 0}, {1000, 0}, {1234, 0}, {3333, 0}, {3334, 0}, {5000, 0}, {7777, 0}, {9900, 0}, {9990, 0}, {10000, 0}, {20000, 0}, {0, 1}, {0, 100}, {0, 1000},
	{0, 9999}, {0, 20000}, {1000, 1001}, {1000, 1100}, {1000, 2000}, {1234, 5678}, {3300, 3400}, {2000, 1000}, {5000, 9999}, {9900, 10000}, {9000, 30000},
}

// sent is the body that a piece comes to.
func sent(cfg Config, file []byte, start, end uint64) (body []byte, ok bool) {
	length := uint64(0)
	if end > start {
		length = end - start
	}
	p, err := cfg.Cut(bytes.NewReader(file), int64(len(file)), start, length)
	switch {
	case errors.Is(err, ErrWhole):
		return file, true
	case err != nil:
		return nil, false
	}
	return append(p.Head, file[p.From:p.To]...), true
}

func get(url string) (status int, body []byte, err error) {
	res, err := http.Get(url)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

// compare asks nginx for pieces of a file, and tells how they differ from ours.
func compare(t *testing.T, nginx *nginxtest.Server, where string, cfg Config, name string, file []byte, spans [][2]uint64) (diffs []string) {
	t.Helper()
	path := filepath.Join(nginx.Dir, "x.mp4")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, s := range spans {
		target := fmt.Sprintf("%sx.mp4?start=%d.%03d", where, s[0]/1000, s[0]%1000)
		if s[1] > 0 {
			target += fmt.Sprintf("&end=%d.%03d", s[1]/1000, s[1]%1000)
		}
		body, ok := sent(cfg, file, s[0], s[1])
		status, want, err := get("http://" + nginx.Addr + target)
		switch {
		case err != nil: // its lengths do not fit together
			t.Logf("%s %s: nginx breaks off: %v; ours %t", name, target, err, ok)
		case ok != (status == 200):
			_, err := cfg.Cut(bytes.NewReader(file), int64(len(file)), s[0], max(s[1], s[0])-s[0])
			diffs = append(diffs, fmt.Sprintf("%s %s: nginx %d, ours %t %v", name, target, status, ok, err))
		case ok && !bytes.Equal(body, want):
			at := 0
			for at < min(len(body), len(want)) && body[at] == want[at] {
				at++
			}
			diffs = append(diffs, fmt.Sprintf("%s %s: %d bytes, nginx %d, other from %d on", name, target, len(body), len(want), at))
		}
	}
	return diffs
}

func serverOf(t *testing.T) *nginxtest.Server {
	return nginxtest.Start(t, t.TempDir(), "", `location / { mp4; }
		location /key/ { mp4; mp4_start_key_frame on; alias {dir}/; }
		location /small/ { mp4; mp4_buffer_size 512; mp4_max_buffer_size 1k; alias {dir}/; }`)
}

var (
	usual = Config{Buffer: 512 << 10, MaxIndex: 10 << 20}
	key   = Config{Buffer: 512 << 10, MaxIndex: 10 << 20, KeyFrame: true}
)

// Pieces are NGINX's, byte for byte.
func TestAgainstNginx(t *testing.T) {
	nginx := serverOf(t)
	for name, m := range movies {
		file := m.bytes()
		diffs := compare(t, nginx, "/", usual, name, file, spans)
		diffs = append(diffs, compare(t, nginx, "/key/", key, name, file, spans)...)
		diffs = append(diffs, compare(t, nginx, "/small/", Config{Buffer: 512, MaxIndex: 1 << 10}, name, file, spans[:3])...)
		for _, d := range diffs {
			t.Error(d)
		}
	}
}

// A file with a byte of its index changed is refused as NGINX refuses it, or cut to the same.
func TestHostileAgainstNginx(t *testing.T) {
	nginx := serverOf(t)
	r := rand.New(rand.NewPCG(3, 4))
	few := [][2]uint64{{1234, 0}, {1234, 5678}}
	for _, name := range []string{"two", "behind", "wide"} {
		file := movies[name].bytes()
		index := bytes.Index(file, []byte("moov")) - 4
		for range 150 {
			broken := bytes.Clone(file)
			at := index + r.IntN(min(3000, len(file)-index))
			broken[at] = []byte{0, 1, 2, 0x7f, 0xff, broken[at] + 1, broken[at] - 1}[r.IntN(7)]
			for _, d := range compare(t, nginx, "/", usual, fmt.Sprintf("%s[%d]=%d", name, at-index, broken[at]), broken, few) {
				t.Error(d)
			}
		}
	}
}
