package router

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// The functions of this file are the two ends of a path: from the request target to what [Table.Find] takes, and back
// (DJANGO.md U14, after WSGIRequest and HttpRequest). They allocate.

// DecodePath makes the path to resolve from the path of a request target: percent-decoded to bytes, "%2F" like any
// other, a malformed "%" kept. What then is no UTF-8 gets its %XX back. Nothing else is normalised; an empty path is "/".
// Files must never be served from the result, which may hold "..".
func DecodePath(raw string) string {
	if raw == "" {
		return "/"
	}
	decoded := unescape(raw)
	if utf8.ValidString(decoded) {
		return decoded
	}
	var b strings.Builder
	for i := 0; i < len(decoded); {
		r, size := utf8.DecodeRuneInString(decoded[i:])
		if r == utf8.RuneError && size == 1 {
			writeEscaped(&b, decoded[i])
		} else {
			b.WriteString(decoded[i : i+size])
		}
		i += size
	}
	return b.String()
}

func unescape(raw string) string {
	if strings.IndexByte(raw, '%') < 0 {
		return raw
	}
	b := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '%' && i+2 < len(raw) && isHex(raw[i+1]) && isHex(raw[i+2]) {
			b = append(b, hexValue(raw[i+1])<<4|hexValue(raw[i+2]))
			i += 2
			continue
		}
		b = append(b, raw[i])
	}
	return string(b)
}

func isHex(c byte) bool {
	return byteClass[c]&classDigit != 0 || 'a' <= c|0x20 && c|0x20 <= 'f'
}

func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

const upperHex = "0123456789ABCDEF"

func writeEscaped(b *strings.Builder, c byte) {
	b.WriteByte('%')
	b.WriteByte(upperHex[c>>4])
	b.WriteByte(upperHex[c&15])
}

// escape percent-encodes all but letters, digits, "-", "_", "." and "~" (RFC 3986 section 2.3) and the bytes in safe.
func escape(s, safe string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if byteClass[c]&classSlug != 0 || c == '.' || c == '~' || strings.IndexByte(safe, c) >= 0 {
			b.WriteByte(c)
		} else {
			writeEscaped(&b, c)
		}
	}
	return b.String()
}

// pchar are the bytes that Reverse leaves as they are: those of RFC 3986 section 3.3, and "/".
const pchar = "!$&'()*+,;=/:@"

// EscapePath percent-encodes a decoded path for get_full_path: Django's escape_uri_path, which encodes ";" and "=".
func EscapePath(path string) string { return escape(path, "/:@&+$,!*'()") }

// EscapeQuery encodes what a query string may not hold and keeps the encoding that is there: Django's iri_to_uri.
func EscapeQuery(query string) string { return escape(query, "/#%[]=:;$&()+,!?*@'") }

// AbsoluteURI puts origin ("https://example.com") before an escaped path with or without a query. Only a path with a
// "/./" or "/../" inside is normalised, as build_absolute_uri does.
func AbsoluteURI(origin, fullPath string) string {
	path, _, _ := strings.Cut(fullPath, "?")
	if !strings.Contains(path, "/./") && !strings.Contains(path, "/../") {
		return origin + fullPath
	}
	whole, err := url.Parse(origin + fullPath) // as a whole, since a path may begin with "//", and is no host for that
	if err != nil {
		return origin + fullPath
	}
	return whole.ResolveReference(whole).String()
}
