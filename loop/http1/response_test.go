package http1

import (
	"math"
	"strconv"
	"testing"
)

func TestAppendStatusLine(t *testing.T) {
	for status, want := range map[int]string{
		200:  "HTTP/1.1 200 OK\r\n",
		404:  "HTTP/1.1 404 Not Found\r\n",
		599:  "HTTP/1.1 599 \r\n", // the space stays without a phrase (RFC 9112 section 4)
		99:   "HTTP/1.1 500 Internal Server Error\r\n",
		600:  "HTTP/1.1 500 Internal Server Error\r\n",
		-200: "HTTP/1.1 500 Internal Server Error\r\n",
	} {
		if got := string(AppendStatusLine([]byte("<"), status)); got != "<"+want {
			t.Errorf("%d: %q", status, got)
		}
	}
	if StatusText(-1) != "" || StatusText(99) != "" || StatusText(600) != "" {
		t.Error("a text for no status")
	}
	for status, want := range map[int]bool{100: false, 101: false, 200: true, 204: false, 304: false, 404: true} {
		if BodyAllowed(status) != want {
			t.Errorf("BodyAllowed(%d)", status)
		}
	}
}

func TestAppendField(t *testing.T) {
	if got := string(AppendField([]byte("<"), "X-A", "b")); got != "<X-A: b\r\n" {
		t.Errorf("%q", got)
	}
	for _, name := range []string{"", "X Y", "X:", "X\r\n", "X\x00", "\xff"} {
		if ValidFieldName(name) {
			t.Errorf("name %q", name)
		}
	}
	for _, value := range []string{"b\r\nSet-Cookie: a=1", "b\nc", "b\rc", "\x00", "\x7f"} {
		if ValidFieldValue(value) {
			t.Errorf("value %q", value)
		}
	}
	if !ValidFieldName("X-A_b.1") || !ValidFieldValue("") || !ValidFieldValue("b\tc \xff") {
		t.Error("a good one is refused")
	}
}

func TestAppendNumbers(t *testing.T) {
	numbers := []uint64{0, 1, 9, 10, 15, 16, 99, 100, 255, 256, 1<<32 - 1, 1 << 32, math.MaxInt64, math.MaxUint64}
	for n := uint64(1); n < math.MaxUint64/10; n = n*10 + 7 {
		numbers = append(numbers, n)
	}
	for _, n := range numbers {
		if got := string(AppendUint([]byte("<"), n)); got != "<"+strconv.FormatUint(n, 10) {
			t.Errorf("%d: %q", n, got)
		}
	}
	if got := string(AppendChunkHead(nil, 4096)); got != "1000\r\n" {
		t.Errorf("%q", got)
	}
}

// What the append half writes the chunk reader reads.
func TestChunkRoundTrip(t *testing.T) {
	var wire []byte
	for _, n := range []int{1, 15, 16, 4096} {
		wire = append(AppendChunkHead(wire, n), make([]byte, n)...)
		wire = append(wire, "\r\n"...)
	}
	wire = append(wire, LastChunk...)
	lim := DefaultLimits()
	lim.Strict = true
	var c ChunkReader
	total := 0
	for b := wire; ; {
		data, n, v := c.Next(b, &lim)
		if v.Failed() || v == Partial {
			t.Fatal(v)
		}
		total += data.Len()
		b = b[n:]
		if v == Complete {
			if len(b) > 0 || total != 1+15+16+4096 {
				t.Errorf("%d bytes, %d left", total, len(b))
			}
			return
		}
	}
}

func TestAppendLength(t *testing.T) {
	for _, n := range []uint64{0, 1, 9, 10, 99, 100, 12345, 1<<63 - 1, 1<<64 - 1} {
		if have, want := string(AppendLength([]byte("x"), n)), "xContent-Length: "+strconv.FormatUint(n, 10)+"\r\n"; have != want {
			t.Errorf("%q, not %q", have, want)
		}
	}
}
