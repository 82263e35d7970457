// Hot: ParseDate runs for conditional requests; no allocation, no time package.

package http1

const (
	dayNames   = "SunMonTueWedThuFriSat"
	monthNames = "JanFebMarAprMayJunJulAugSepOctNovDec"
)

// AppendDate appends a time in seconds since 1970 as IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
// Years outside 0 to 9999 are not representable and come out wrong.
func AppendDate(dst []byte, unix int64) []byte {
	days, secs := unix/86400, unix%86400
	if secs < 0 {
		days, secs = days-1, secs+86400
	}
	year, month, day := civil(days)
	wd := 3 * int((days%7+11)%7) // 1970-01-01 was a Thursday
	dst = append(dst, dayNames[wd:wd+3]...)
	dst = append(dst, ',', ' ')
	dst = append2(dst, day)
	dst = append(dst, ' ')
	dst = append(dst, monthNames[3*(month-1):3*month]...)
	dst = append(dst, ' ')
	dst = append2(dst, year/100)
	dst = append2(dst, year%100)
	dst = append(dst, ' ')
	dst = append2(dst, int(secs/3600))
	dst = append(dst, ':')
	dst = append2(dst, int(secs/60%60))
	dst = append(dst, ':')
	dst = append2(dst, int(secs%60))
	return append(dst, " GMT"...)
}

func append2(dst []byte, n int) []byte { return append(dst, byte('0'+n/10%10), byte('0'+n%10)) }

// civil converts days since 1970 to a date of the Gregorian calendar. The year is taken to begin in March, so that the leap
// day is its last; 146097 is the number of days in 400 years.
func civil(days int64) (year, month, day int) {
	days += 719468 // to 0000-03-01
	era := days / 146097
	if days < 0 {
		era = (days - 146096) / 146097
	}
	doe := days - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy-(153*mp+2)/5) + 1
	month = int(mp) + 3
	year = int(yoe + era*400)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// daysOf is the inverse of civil.
func daysOf(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era := int64(year) / 400
	yoe := int64(year) - era*400
	doy := int64((153*(month-3)+2)/5 + day - 1)
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

// ParseDate parses the three forms of an HTTP date that RFC 9110 section 5.6.7 wants understood: IMF-fixdate, RFC 850
// ("Sunday, 06-Nov-94 08:49:37 GMT") and asctime ("Sun Nov  6 08:49:37 1994"). The name of the day is not checked.
func ParseDate(b []byte) (unix int64, ok bool) {
	comma := 0
	for comma < len(b) && b[comma] != ',' && b[comma] != ' ' {
		comma++
	}
	switch {
	case comma == len(b) || comma < 3:
		return 0, false
	case b[comma] == ' ':
		return parseAsctime(b)
	case len(b) == comma+len(", 06 Nov 1994 08:49:37 GMT") && b[comma+4] == ' ':
		d := b[comma+1:]
		year := digits(d[8:12])
		return assemble(d[0] == ' ' && d[7] == ' ' && d[12] == ' ', year, d[4:7], digits(d[1:3]), d[13:21], d[21:])
	case len(b) == comma+len(", 06-Nov-94 08:49:37 GMT") && b[comma+4] == '-':
		d := b[comma+1:]
		year := digits(d[8:10])
		if year >= 0 {
			if year += 1900; year < 1970 { // two digits: of this century when the last one would be before 1970
				year += 100
			}
		}
		return assemble(d[0] == ' ' && d[7] == '-' && d[10] == ' ', year, d[4:7], digits(d[1:3]), d[11:19], d[19:])
	}
	return 0, false
}

func parseAsctime(b []byte) (int64, bool) {
	if len(b) != len("Sun Nov  6 08:49:37 1994") || b[3] != ' ' || b[7] != ' ' || b[10] != ' ' || b[19] != ' ' {
		return 0, false
	}
	day := digits(b[8:10])
	if b[8] == ' ' {
		day = digits(b[9:10])
	}
	return assemble(true, digits(b[20:24]), b[4:7], day, b[11:19], []byte(" GMT"))
}

// assemble checks the parts and puts them together; clock is "08:49:37".
func assemble(shape bool, year int, month []byte, day int, clock, zone []byte) (int64, bool) {
	m := 0
	for i := 0; i < 12; i++ {
		if string(month) == monthNames[3*i:3*i+3] {
			m = i + 1
		}
	}
	h, mi, s := digits(clock[0:2]), digits(clock[3:5]), digits(clock[6:8])
	if !shape || string(zone) != " GMT" || m == 0 || year < 0 || day < 1 || day > daysIn(year, m) || clock[2] != ':' ||
		clock[5] != ':' || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60 {
		return 0, false
	}
	return daysOf(year, m, day)*86400 + int64(h)*3600 + int64(mi)*60 + int64(s), true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// digits returns the value of decimal digits, -1 when there is anything else.
func digits(b []byte) int {
	n := 0
	for _, c := range b {
		if class[c]&isDigit == 0 {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
