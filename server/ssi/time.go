package ssi

import (
	"strconv"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// defaultTime is the format of dates until config says otherwise.
const defaultTime = "%A, %d-%b-%Y %H:%M:%S %Z"

// AppendDate appends the value of $date_local, or $date_gmt, outside of a body: in the default format.
func AppendDate(c *pipeline.Ctx, dst []byte, gmt bool) []byte {
	now, _ := c.Transport().Date()
	return appendTime(dst, defaultTime, now, gmt)
}

// layouts are the conversions of strftime in the locale "C" that Go has a layout for.
var layouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'h': "Jan", 'c': "Mon Jan _2 15:04:05 2006", 'd': "02", 'D': "01/02/06", 'e': "_2",
	'F': "2006-01-02", 'H': "15", 'I': "03", 'j': "002", 'm': "01", 'M': "04", 'p': "PM", 'P': "pm", 'r': "03:04:05 PM", 'R': "15:04", 'S': "05",
	'T': "15:04:05", 'x': "01/02/06", 'X': "15:04:05", 'y': "06", 'Y': "2006", 'z': "-0700",
}

// appendTime appends a time as strftime formats it. What is no conversion stays as it is.
func appendTime(b []byte, format string, unix int64, gmt bool) []byte {
	t := time.Unix(unix, 0)
	if gmt {
		t = t.UTC()
	}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b = append(b, format[i])
			continue
		}
		i++
		if layout, ok := layouts[format[i]]; ok {
			b = t.AppendFormat(b, layout)
			continue
		}
		b = appendConversion(b, format[i], t, gmt)
	}
	return b
}

// appendConversion appends a conversion that Go has no layout for.
func appendConversion(b []byte, ch byte, t time.Time, gmt bool) []byte {
	year, week := t.ISOWeek()
	weekday := int(t.Weekday())
	switch ch {
	case '%':
		return append(b, '%')
	case 'n':
		return append(b, '\n')
	case 't':
		return append(b, '\t')
	case 's':
		return strconv.AppendInt(b, t.Unix(), 10)
	case 'C':
		return appendPadded(b, t.Year()/100, 2, '0')
	case 'k':
		return appendPadded(b, t.Hour(), 2, ' ')
	case 'l':
		return appendPadded(b, (t.Hour()+11)%12+1, 2, ' ')
	case 'u':
		return appendPadded(b, (weekday+6)%7+1, 1, '0')
	case 'w':
		return appendPadded(b, weekday, 1, '0')
	case 'g':
		return appendPadded(b, year%100, 2, '0')
	case 'G':
		return appendPadded(b, year, 4, '0')
	case 'V':
		return appendPadded(b, week, 2, '0')
	case 'U':
		return appendPadded(b, (t.YearDay()+6-weekday)/7, 2, '0')
	case 'W':
		return appendPadded(b, (t.YearDay()+6-(weekday+6)%7)/7, 2, '0')
	case 'Z':
		if gmt {
			return append(b, "GMT"...)
		}
		zone, _ := t.Zone()
		return append(b, zone...)
	}
	return append(b, '%', ch)
}

// appendPadded appends n in at least width places.
func appendPadded(b []byte, n, width int, pad byte) []byte {
	s := strconv.Itoa(n)
	for range width - len(s) {
		b = append(b, pad)
	}
	return append(b, s...)
}
