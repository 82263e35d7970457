// Hot: runs for conditional requests and whenever the clock turns a second; no allocation, no map, no defer.

package http1

const (
	dayNames   = "SunMonTueWedThuFriSat"
	monthNames = "JanFebMarAprMayJunJulAugSepOctNovDec"

	minDate = -62167219200 // 0000-01-01 00:00:00, the first date four digits of a year can tell
	maxDate = 253402300799 // 9999-12-31 23:59:59, the last
)

// AppendDate appends a time in seconds since 1970 as an IMF-fixdate (RFC 9110 section 5.6.7), "Sun, 06 Nov 1994 08:49:37
// GMT": always 29 bytes. A time outside the years 0 to 9999 is moved to the nearest that fits.
func AppendDate(dst []byte, unix int64) []byte {
	unix = min(max(unix, minDate), maxDate)
	days, second := floorDiv(unix, 86400)
	year, month, day := civil(days)
	_, weekday := floorDiv(days+4, 7) // 1970-01-01 was a Thursday

	dst = append(dst, dayNames[weekday*3:weekday*3+3]...)
	dst = append(dst, ',', ' ')
	dst = appendTwo(dst, day)
	dst = append(dst, ' ')
	dst = append(dst, monthNames[(month-1)*3:month*3]...)
	dst = append(dst, ' ')
	dst = appendTwo(dst, year/100)
	dst = appendTwo(dst, year%100)
	dst = append(dst, ' ')
	dst = appendTwo(dst, second/3600)
	dst = append(dst, ':')
	dst = appendTwo(dst, second/60%60)
	dst = append(dst, ':')
	dst = appendTwo(dst, second%60)
	return append(dst, " GMT"...)
}

// appendTwo appends n, 0 to 99, as two digits.
func appendTwo(dst []byte, n int64) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

// floorDiv divides rounding down, with the remainder in [0, by).
func floorDiv(n, by int64) (quotient, rest int64) {
	quotient, rest = n/by, n%by
	if rest < 0 {
		return quotient - 1, rest + by
	}
	return quotient, rest
}

// civil is the date of the Gregorian calendar so many days after 1970-01-01. Years are counted from March, so that the leap
// day is the last of its year and the months before it have a length that a formula gives.
func civil(days int64) (year, month, day int64) {
	era, dayOfEra := floorDiv(days+719468, 146097) // 400 years, from 0000-03-01
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*dayOfYear + 2) / 153 // 0 is March
	day = dayOfYear - (153*shifted+2)/5 + 1
	year = era*400 + yearOfEra
	if shifted >= 10 {
		return year + 1, shifted - 9, day
	}
	return year, shifted + 3, day
}

// daysOf is the inverse of civil.
func daysOf(year, month, day int64) int64 {
	shifted := (month + 9) % 12
	if month <= 2 {
		year--
	}
	era, yearOfEra := floorDiv(year, 400)
	return era*146097 + 365*yearOfEra + yearOfEra/4 - yearOfEra/100 + (153*shifted+2)/5 + day - 1 - 719468
}

// ParseDate parses the three forms of HTTP-date (RFC 9110 section 5.6.7):
//
//	Sun, 06 Nov 1994 08:49:37 GMT     IMF-fixdate
//	Sunday, 06-Nov-94 08:49:37 GMT    RFC 850; years 70 to 99 are of 1900, as NGINX takes them
//	Sun Nov  6 08:49:37 1994          asctime
//
// The weekday must be a name but need not be the right one. A date that does not exist is not ok.
func ParseDate(b []byte) (unix int64, ok bool) {
	comma := 0
	for comma < len(b) && class[b[comma]]&isAlpha != 0 {
		comma++
	}
	if comma < 3 || dayIndex(b[:comma]) < 0 {
		return 0, false
	}
	rest := b[comma:]
	switch {
	case comma == 3 && len(b) == 29:
		return parseFixdate(rest)
	case comma > 3 && len(rest) == 24:
		return parseRFC850(rest)
	case comma == 3 && len(b) == 24:
		return parseASCTime(rest)
	}
	return 0, false
}

// parseFixdate parses ", 06 Nov 1994 08:49:37 GMT".
func parseFixdate(b []byte) (int64, bool) {
	if string(b[:2]) != ", " || b[4] != ' ' || b[8] != ' ' || b[13] != ' ' || string(b[22:]) != " GMT" {
		return 0, false
	}
	century := two(b[9:])
	year := two(b[11:])
	if century < 0 || year < 0 {
		return 0, false
	}
	return unixTime(century*100+year, b[5:8], two(b[2:]), b[14:22])
}

// parseRFC850 parses ", 06-Nov-94 08:49:37 GMT".
func parseRFC850(b []byte) (int64, bool) {
	if string(b[:2]) != ", " || b[4] != '-' || b[8] != '-' || b[11] != ' ' || string(b[20:]) != " GMT" {
		return 0, false
	}
	year := two(b[9:])
	if year < 0 {
		return 0, false
	}
	if year < 70 {
		year += 100
	}
	return unixTime(1900+year, b[5:8], two(b[2:]), b[12:20])
}

// parseASCTime parses " Nov  6 08:49:37 1994".
func parseASCTime(b []byte) (int64, bool) {
	if b[0] != ' ' || b[4] != ' ' || b[7] != ' ' || b[16] != ' ' {
		return 0, false
	}
	day := two(b[5:])
	if b[5] == ' ' && class[b[6]]&isDigit != 0 {
		day = int64(b[6] - '0')
	}
	century := two(b[17:])
	year := two(b[19:])
	if century < 0 || year < 0 {
		return 0, false
	}
	return unixTime(century*100+year, b[1:4], day, b[8:16])
}

// unixTime joins the parts of a date: the name of a month and "08:49:37".
func unixTime(year int64, monthName []byte, day int64, clock []byte) (int64, bool) {
	month := int64(nameIndex(monthName, monthNames) + 1)
	hour, minute, second := two(clock), two(clock[3:]), two(clock[6:])
	if month == 0 || clock[2] != ':' || clock[5] != ':' {
		return 0, false
	}
	if uint64(hour) > 23 || uint64(minute) > 59 || uint64(second) > 59 || day < 1 {
		return 0, false
	}
	days := daysOf(year, month, day)
	if _, m, _ := civil(days); m != month {
		return 0, false // 31 April, 29 February of a common year
	}
	return days*86400 + hour*3600 + minute*60 + second, true
}

// two is the value of the two digits that b begins with, -1 when they are none.
func two(b []byte) int64 {
	if class[b[0]]&class[b[1]]&isDigit == 0 {
		return -1
	}
	return int64(b[0]-'0')*10 + int64(b[1]-'0')
}

// dayIndex finds a weekday by its three letters or its whole name; -1 for none.
func dayIndex(b []byte) int {
	i := nameIndex(b[:3], dayNames)
	if i < 0 || len(b) == 3 {
		return i
	}
	if string(b[3:]) != [...]string{"day", "day", "sday", "nesday", "rsday", "day", "urday"}[i] {
		return -1
	}
	return i
}

// nameIndex finds a name of three letters, with regard to case, in a string of such names; -1 for none.
func nameIndex(b []byte, names string) int {
	for i := 0; i+3 <= len(names); i += 3 {
		if string(b) == names[i:i+3] {
			return i / 3
		}
	}
	return -1
}
