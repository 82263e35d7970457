package bind

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// fault is what is wrong with a text; nil is fine.
type fault struct{ code, message string }

// parser sets dst, which is of the type it was made for, from a text.
type parser func(dst reflect.Value, text string) *fault

var (
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	timeType        = reflect.TypeFor[time.Time]()
	durationType    = reflect.TypeFor[time.Duration]()
	bytesType       = reflect.TypeFor[[]byte]()
)

// timeLayouts are the forms of a time.Time: RFC 3339, an HTML date, an HTML datetime-local (taken as UTC).
var timeLayouts = []string{time.RFC3339Nano, time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05"}

// keepsEmpty tells whether an empty text is a value of type t; for all others it means that there is none, as an empty
// input of an HTML form does.
func keepsEmpty(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return !reflect.PointerTo(t).Implements(textUnmarshaler) && (t.Kind() == reflect.String || t == bytesType)
}

// parserOf returns the parser for single values of type t.
func parserOf(t reflect.Type) (parser, error) {
	if t.Kind() == reflect.Pointer {
		elem, err := parserOf(t.Elem())
		if t.Elem().Kind() == reflect.Pointer {
			err = errKind(t)
		}
		return func(dst reflect.Value, text string) *fault {
			v := reflect.New(t.Elem())
			f := elem(v.Elem(), text)
			if f == nil {
				dst.Set(v)
			}
			return f
		}, err
	}
	switch {
	case t == timeType:
		return parseTime, nil
	case t == durationType:
		return parseDuration, nil
	case reflect.PointerTo(t).Implements(textUnmarshaler):
		return parseText, nil
	case t == bytesType:
		return func(dst reflect.Value, text string) *fault { dst.SetBytes([]byte(text)); return nil }, nil
	}
	switch t.Kind() {
	case reflect.String:
		return parseString, nil
	case reflect.Bool:
		return parseBool, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return parseInt, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return parseUint, nil
	case reflect.Float32, reflect.Float64:
		return parseFloat, nil
	}
	return nil, errKind(t)
}

func errKind(t reflect.Type) error { return fmt.Errorf("cannot set a %s from a text", t) }

// parseString refuses what is not UTF-8: databases do, and encoding/json would change it.
func parseString(dst reflect.Value, text string) *fault {
	if !utf8.ValidString(text) {
		return &fault{"utf8", "must be valid UTF-8"}
	}
	dst.SetString(text)
	return nil
}

// parseBool takes what strconv does, and "on" and "off" of an HTML checkbox.
func parseBool(dst reflect.Value, text string) *fault {
	v, err := strconv.ParseBool(text)
	switch {
	case text == "on":
		v = true
	case text == "off":
	case err != nil:
		return &fault{"type", "must be true or false"}
	}
	dst.SetBool(v)
	return nil
}

func parseInt(dst reflect.Value, text string) *fault {
	bits := dst.Type().Bits()
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, bits)
	if errors.Is(err, strconv.ErrRange) {
		low := int64(math.MinInt64) >> (64 - bits)
		return &fault{"range", fmt.Sprintf("must be between %d and %d", low, -(low + 1))}
	} else if err != nil {
		return &fault{"type", "must be a whole number"}
	}
	dst.SetInt(n)
	return nil
}

func parseUint(dst reflect.Value, text string) *fault {
	text, bits := strings.TrimSpace(text), dst.Type().Bits()
	digits, negative := strings.CutPrefix(text, "-")
	if !negative {
		digits = strings.TrimPrefix(text, "+")
	}
	n, err := strconv.ParseUint(digits, 10, bits)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && negative && n > 0:
		return &fault{"range", fmt.Sprintf("must be between 0 and %d", uint64(math.MaxUint64)>>(64-bits))}
	case err != nil:
		return &fault{"type", "must be a whole number"}
	}
	dst.SetUint(n)
	return nil
}

// parseFloat refuses infinities and NaN, which JSON cannot say and which pass every comparison of a validator.
func parseFloat(dst reflect.Value, text string) *fault {
	x, err := strconv.ParseFloat(strings.TrimSpace(text), dst.Type().Bits())
	if errors.Is(err, strconv.ErrRange) {
		return &fault{"range", fmt.Sprintf("must fit into %d bits", dst.Type().Bits())}
	} else if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return &fault{"type", "must be a number"}
	}
	dst.SetFloat(x)
	return nil
}

func parseTime(dst reflect.Value, text string) *fault {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			dst.Set(reflect.ValueOf(t).Convert(dst.Type()))
			return nil
		}
	}
	return &fault{"type", "must be a date or a time as in RFC 3339"}
}

func parseDuration(dst reflect.Value, text string) *fault {
	d, err := time.ParseDuration(text)
	if err != nil {
		return &fault{"type", "must be a duration such as 1h30m"}
	}
	dst.SetInt(int64(d))
	return nil
}

// parseText calls UnmarshalText. Its error may quote the text, so the client does not see it.
func parseText(dst reflect.Value, text string) *fault {
	if dst.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) != nil {
		return &fault{"type", "is not valid"}
	}
	return nil
}
