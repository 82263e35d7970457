package http1

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// checkDate compares the three forms of one second with the time package.
func checkDate(t *testing.T, unix int64) {
	t.Helper()
	want := time.Unix(unix, 0).UTC()
	got := string(AppendDate(nil, unix))
	if got != want.Format(http.TimeFormat) {
		t.Fatalf("%d: %q, want %q", unix, got, want.Format(http.TimeFormat))
	}
	if back, ok := ParseDate([]byte(got)); !ok || back != unix {
		t.Fatalf("%q: %d %v", got, back, ok)
	}
	asctime := want.Format(time.ANSIC)
	if back, ok := ParseDate([]byte(asctime)); !ok || back != unix {
		t.Fatalf("%q: %d %v, want %d", asctime, back, ok, unix)
	}
	if year := want.Year(); year >= 1970 && year < 2070 {
		rfc850 := want.Format("Monday, 02-Jan-06 15:04:05") + " GMT"
		if back, ok := ParseDate([]byte(rfc850)); !ok || back != unix {
			t.Fatalf("%q: %d %v, want %d", rfc850, back, ok, unix)
		}
	}
}

// One second of every day of the calendar's 400-year cycle and of the two edges.
func TestDates(t *testing.T) {
	for day := int64(0); day < 146097; day++ {
		checkDate(t, day*86400+(day*7919)%86400)
	}
	for unix := int64(minDate); unix <= maxDate; unix += 86400 * 99_991 {
		checkDate(t, unix)
	}
	checkDate(t, minDate)
	checkDate(t, maxDate)
	if got := string(AppendDate(nil, maxDate+1)); got != "Fri, 31 Dec 9999 23:59:59 GMT" {
		t.Error(got)
	}
	if got := string(AppendDate(nil, minDate-1)); got != "Sat, 01 Jan 0000 00:00:00 GMT" {
		t.Error(got)
	}
}

func TestParseDateRefuses(t *testing.T) {
	const good = "Sun, 06 Nov 1994 08:49:37 GMT"
	if _, ok := ParseDate([]byte(good)); !ok {
		t.Fatal(good)
	}
	bad := []string{
		"", "Sun", "Sun,", "0", good + " ", " " + good, good[:28], strings.ToLower(good),
		"Sun, 31 Apr 1994 08:49:37 GMT", "Wed, 29 Feb 2023 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 32 Jan 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:3x GMT", "Sun, 06 Nov 19x4 08:49:37 GMT", "Sun, 06 Nov -994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nox 1994 08:49:37 GMT", "Sux, 06 Nov 1994 08:49:37 GMT", "Sun; 06 Nov 1994 08:49:37 GMT", "Sun, 06 ovD 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 UTC", "Sumday, 06-Nov-94 08:49:37 GMT", "Sunda, 06-Nov-94 08:49:37 GMT", "Sunday, 06 Nov 94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 94  ", "Sun Nov 06 08.49:37 1994", "Sun Nov  x 08:49:37 1994", "Sun Nov   08:49:37 1994",
	}
	for _, b := range bad {
		if unix, ok := ParseDate([]byte(b)); ok {
			t.Errorf("%q: %d", b, unix)
		}
	}
	for i := range good { // every byte counts
		b := []byte(good)
		b[i] ^= 0x80
		if _, ok := ParseDate(b); ok {
			t.Errorf("%q", b)
		}
	}
}
