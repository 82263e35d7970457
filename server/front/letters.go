package front

// letters are the bytes that names of fields may have, apart from those that a server knows: letters, digits and "-", and "_"
// with underscores_in_headers. It is nil when ignore_invalid_headers is off: then every token of RFC 9110 is a name.
func letters(s *scope) *[256]bool {
	if !s.on("ignore_invalid_headers", true) {
		return nil
	}
	set := new([256]bool)
	for c := range 256 {
		lower := c | 0x20
		set[c] = c >= '0' && c <= '9' || lower >= 'a' && lower <= 'z' && c < 0x80 || c == '-'
	}
	set['_'] = s.on("underscores_in_headers", false)
	return set
}
