package routertest

import (
	"fmt"
	"strconv"

	"github.com/wheelpit/wheelpit/router"
)

// converters makes the custom converters of the corpus from their regular expressions; one that is not known here keeps
// its text.
func converters(regexes map[string]string) map[string]router.Converter {
	made := map[string]router.Converter{}
	for name, regex := range regexes {
		c := router.Converter{Regex: regex}
		switch name {
		case "yyyy":
			c.Parse, c.Format = parseBase(10), formatAs("%04d")
		case "hex":
			c.Parse, c.Format = parseBase(16), formatAs("%x")
		case "even":
			c.Parse, c.Format = parseEven, formatEven
		case "month":
			c.Parse, c.Format = parseMonth, formatMonth
		}
		made[name] = c
	}
	return made
}

func parseBase(base int) func(string) (any, error) {
	return func(text string) (any, error) { return strconv.ParseInt(text, base, 64) }
}

// formatAs refuses what is no integer as Python's % operator does, with an error that is not "try the next candidate".
func formatAs(format string) func(any) (string, error) {
	return func(value any) (string, error) {
		n, ok := value.(int64)
		if !ok {
			return "", fmt.Errorf("routertest: %T where an integer is needed", value)
		}
		return fmt.Sprintf(format, n), nil
	}
}

func parseEven(text string) (any, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil && n%2 != 0 {
		err = router.ErrValue
	}
	return n, err
}

func formatEven(value any) (string, error) {
	if n, ok := value.(int64); ok && n%2 != 0 {
		return "", router.ErrValue
	}
	return formatAs("%d")(value)
}

var months = []string{"jan", "feb", "mar", "apr"}

func parseMonth(text string) (any, error) {
	for i, m := range months {
		if m == text {
			return int64(i + 1), nil
		}
	}
	return nil, router.ErrValue
}

func formatMonth(value any) (string, error) {
	n, ok := value.(int64)
	if !ok || n < 1 || int(n) > len(months) {
		return "", router.ErrValue
	}
	return months[n-1], nil
}
