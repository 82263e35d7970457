package report

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// micros shows nanoseconds as microseconds with three significant digits, "10.2" or "0.084".
func micros(nanos float64) string { return significant(nanos / 1000) }

func significant(v float64) string {
	if v == 0 {
		return "0"
	}
	decimals := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	return strconv.FormatFloat(v, 'f', min(max(decimals, 0), 6), 64)
}

// duration shows a time with three significant digits, "–" when it is not known.
func duration(d time.Duration) string {
	switch {
	case d == 0:
		return "–"
	case d < time.Millisecond:
		return significant(float64(d)/1e3) + " µs"
	case d < time.Second:
		return significant(float64(d)/1e6) + " ms"
	}
	return significant(d.Seconds()) + " s"
}

// size shows bytes in binary units.
func size(bytes float64) string {
	switch {
	case bytes < 1<<10:
		return significant(bytes) + " B"
	case bytes < 1<<20:
		return significant(bytes/(1<<10)) + " KiB"
	}
	return significant(bytes/(1<<20)) + " MiB"
}

// thousands groups the digits of a whole number, "98,280".
func thousands(v float64) string {
	digits := strconv.FormatInt(int64(math.Round(v)), 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// percent shows a share, "1.2 %".
func percent(share float64) string { return fmt.Sprintf("%.1f %%", share*100) }
