package cache

import (
	"math"
	"strings"
	"testing"
)

// longVary is one byte too long.
var longVary = strings.Repeat("x", varyMax+1)

var freshnessTable = []struct {
	name, fields string // lines with "|" between
	ignore       Ignore
	ok           bool
	valid        int64 // behind t0; absolute when negative
	updating     int64
	errors       int64
	vary         string
}{
	{name: "nothing", fields: ""},
	{name: "max-age", fields: "Cache-Control: max-age=60", ok: true, valid: 60},
	{name: "case", fields: "CACHE-CONTROL: Public, MAX-AGE=60", ok: true, valid: 60},
	{name: "s-maxage wins", fields: "Cache-Control: max-age=60, s-maxage=5", ok: true, valid: 5},
	{name: "max-age=0", fields: "Cache-Control: max-age=0"},
	{name: "empty max-age", fields: "Cache-Control: max-age="},
	{name: "max-age that is none", fields: "Cache-Control: max-age=x"},
	{name: "quoted max-age", fields: `Cache-Control: max-age="60"`},
	{name: "overflow", fields: "Cache-Control: max-age=9223372036854775808", ok: true, valid: math.MaxInt64 - t0},
	{name: "semicolon", fields: "Cache-Control: max-age=60;public", ok: true, valid: 60},
	{name: "no-cache", fields: "Cache-Control: no-cache, max-age=60"},
	{name: "no-store", fields: "Cache-Control: max-age=60, No-Store"},
	{name: "private", fields: "Cache-Control: private, max-age=60"},
	{name: "no-cache in a first line", fields: "Cache-Control: no-cache|Cache-Control: max-age=60"},
	{name: "no-cache in a last line", fields: "Cache-Control: max-age=60|Cache-Control: no-cache"},
	{name: "two lines", fields: "Cache-Control: public|Cache-Control: max-age=60", ok: true, valid: 60},
	{name: "windows", fields: "Cache-Control: max-age=1, stale-while-revalidate=10", ok: true, valid: 1, updating: 10, errors: 10},
	{name: "both windows", fields: "Cache-Control: max-age=1, stale-while-revalidate=10, stale-if-error=3", ok: true, valid: 1, updating: 10, errors: 3},
	{name: "error window", fields: "Cache-Control: max-age=1, stale-if-error=3", ok: true, valid: 1, errors: 3},
	{name: "window that is none", fields: "Cache-Control: max-age=1, stale-if-error=y"},
	{name: "expires", fields: "Expires: Thu, 31 Dec 2037 23:55:55 GMT", ok: true, valid: 2145916555 - t0},
	{name: "expired", fields: "Expires: Thu, 01 Jan 1970 00:00:01 GMT"},
	{name: "expires that is no date", fields: "Expires: 0"},
	{name: "expires now", fields: "Expires: Tue, 14 Nov 2023 22:13:20 GMT", ok: true},
	{name: "first expires counts", fields: "Expires: 0|Expires: Thu, 31 Dec 2037 23:55:55 GMT"},
	{name: "cache-control before expires", fields: "Cache-Control: max-age=60|Expires: 0", ok: true, valid: 60},
	{name: "cache-control after expires", fields: "Expires: 0|Cache-Control: max-age=60", ok: true, valid: 60},
	{name: "cache-control after later expires", fields: "Expires: Thu, 31 Dec 2037 23:55:55 GMT|Cache-Control: max-age=60", ok: true, valid: 60},
	{name: "no-cache before expires", fields: "Cache-Control: no-cache|Expires: Thu, 31 Dec 2037 23:55:55 GMT"},
	{name: "accel", fields: "X-Accel-Expires: 60", ok: true, valid: 60},
	{name: "accel at", fields: "X-Accel-Expires: @60", ok: true, valid: 60 - t0},
	{name: "accel 0", fields: "X-Accel-Expires: 0|Cache-Control: max-age=60"},
	{name: "accel 0 after", fields: "Cache-Control: max-age=60|X-Accel-Expires: 0"},
	{name: "accel that is none", fields: "X-Accel-Expires: soon|Cache-Control: max-age=60", ok: true, valid: 60},
	{name: "accel twice", fields: "X-Accel-Expires: 60|X-Accel-Expires: 0", ok: true, valid: 60},
	{name: "accel before", fields: "X-Accel-Expires: 60|Expires: 0|Cache-Control: no-cache", ok: true, valid: 60},
	{name: "accel after", fields: "Expires: 0|Cache-Control: no-cache|X-Accel-Expires: 60", ok: true, valid: 60},
	{name: "windows before accel", fields: "Cache-Control: stale-while-revalidate=9|X-Accel-Expires: @1", ok: true, valid: 1 - t0, updating: 9, errors: 9},
	{name: "windows after accel", fields: "X-Accel-Expires: @1|Cache-Control: stale-while-revalidate=9", ok: true, valid: 1 - t0, updating: 9, errors: 9},
	{name: "set-cookie", fields: "Set-Cookie: a=b|Cache-Control: max-age=60"},
	{name: "set-cookie and accel", fields: "Set-Cookie: a=b|X-Accel-Expires: 60"},
	{name: "ignored set-cookie", fields: "Set-Cookie: a=b|Cache-Control: max-age=60", ignore: IgnoreSetCookie, ok: true, valid: 60},
	{name: "ignored cache-control", fields: "Cache-Control: no-cache|X-Accel-Expires: 5", ignore: IgnoreCacheControl, ok: true, valid: 5},
	{name: "ignored expires", fields: "Expires: 0|Cache-Control: max-age=60", ignore: IgnoreExpires, ok: true, valid: 60},
	{name: "ignored accel", fields: "X-Accel-Expires: 0|Cache-Control: max-age=60", ignore: IgnoreAccelExpires, ok: true, valid: 60},
	{name: "vary", fields: "Vary: Accept-Encoding|Cache-Control: max-age=60", ok: true, valid: 60, vary: "Accept-Encoding"},
	{name: "vary twice", fields: "Vary: A|Cache-Control: max-age=60|Vary: b, c", ok: true, valid: 60, vary: "A, b, c"},
	{name: "vary *", fields: "Cache-Control: max-age=60|Vary: *"},
	{name: "vary * in a list", fields: "Cache-Control: max-age=60|Vary: a, *"},
	{name: "ignored vary", fields: "Vary: *|Cache-Control: max-age=60", ignore: IgnoreVary, ok: true, valid: 60},
	{name: "vary too long", fields: "Cache-Control: max-age=60|Vary: " + longVary},
	{name: "other fields", fields: "Varx: *|Expirez: 0|Cache-Contro1: no-cache|Cache-Control: max-age=60", ok: true, valid: 60},
}

func TestFreshness(t *testing.T) {
	for _, tt := range freshnessTable {
		t.Run(tt.name, func(t *testing.T) {
			var f Freshness
			var m Meta
			f.Reset(ms, tt.ignore)
			feed(&f, tt.fields)
			if ok := f.Result(&m, 200, nil); ok != tt.ok {
				t.Fatalf("cacheable is %v; %+v", ok, m)
			} else if !ok {
				return
			}
			if m.Valid != t0+tt.valid || m.Updating != tt.updating || m.Error != tt.errors || (tt.vary != "" && string(m.Vary) != tt.vary) {
				t.Errorf("%+v", m)
			}
		})
	}
}

func feed(f *Freshness, lines string) {
	for line := range strings.SplitSeq(lines, "|") {
		name, value, _ := strings.Cut(line, ": ")
		f.Field([]byte(name), []byte(value))
	}
}

func TestFreshnessOfAStatus(t *testing.T) {
	valid := []ValidFor{{200, 10}, {404, 0}, {0, 5}}
	for _, tt := range []struct {
		status int
		fields string
		ok     bool
		valid  int64
	}{
		{200, "", true, 10}, {404, "", false, 0}, {302, "", true, 5},
		{200, "Cache-Control: max-age=1", true, 1}, {404, "Cache-Control: max-age=1", true, 1},
		{200, "Cache-Control: no-store", false, 0}, {200, "Expires: 0", false, 0}, {200, "Set-Cookie: a", false, 0},
	} {
		var f Freshness
		var m Meta
		f.Reset(ms, 0)
		feed(&f, tt.fields)
		if ok := f.Result(&m, tt.status, valid); ok != tt.ok || ok && m.Valid != t0+tt.valid {
			t.Errorf("%d %q: %v, %d", tt.status, tt.fields, ok, m.Valid-t0)
		}
	}
}

func TestStale(t *testing.T) {
	e := &Entry{meta: Meta{Valid: t0, Updating: 5, Error: 10}}
	for _, tt := range []struct {
		after      int64
		v          Verdict
		use        Stale
		background bool
		want       Plan
	}{
		{1, Expired, 0, false, Fetch}, {1, Expired, 0, true, ServeAndUpdate}, {1, Updating, 0, false, ServeStale},
		{5, Updating, 0, true, ServeStale}, {6, Updating, 0, true, Fetch}, {6, Expired, 0, true, Fetch},
		{6, Updating, StaleOnUpdating, false, ServeStale}, {6, Expired, StaleOnUpdating, true, ServeAndUpdate},
		{6, Expired, StaleOnUpdating, false, Fetch}, {6, Updating, StaleOnError, false, Fetch},
	} {
		if got := e.Decide(tt.v, tt.use, tt.background, ms+tt.after*1000); got != tt.want {
			t.Errorf("%+v: %d", tt, got)
		}
	}
	for _, tt := range []struct {
		after    int64
		why, use Stale
		want     bool
	}{
		{10, StaleOnError, 0, true}, {11, StaleOnError, 0, false}, {11, StaleOnError, StaleOnError, true},
		{1, StaleOnStatus(500), 0, false}, {11, StaleOnStatus(500), StaleOn500, true}, {1, StaleOnStatus(200), ^Stale(0), false},
		{1, StaleOnStatus(504), StaleOn502, false}, {1, StaleOnTimeout, StaleOn502, true},
	} {
		if got := e.ServeStale(tt.why, tt.use, ms+tt.after*1000); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
