package script

// Hot: the directive rewrite; no allocation, no map, no defer.

// rewrite executes the directive, and returns the next instruction.
func (r *runner) rewrite(o *op, pc int) int {
	found, err := r.match(o.regex, r.c.PathBytes())
	switch {
	case err != nil:
		return r.fail()
	case !found:
		return o.next
	case o.rewrite.redirect:
		r.redirect(o)
		return -1
	}
	w := o.rewrite
	r.out.Rewritten, r.changed, r.quote = true, !w.stay, false
	buf := w.uri.append(r.c, r.s.scratch[:0], false)
	n := len(buf)
	if w.args != nil {
		buf = w.args.append(r.c, buf, r.escapes())
		if args := Args(r.c); w.keepArgs && len(args) > 0 {
			buf = append(append(buf, '&'), args...)
		}
	}
	r.s.scratch = buf
	if w.args != nil || !w.keepArgs {
		SetArgs(r.c, buf[n:])
	}
	if r.p.log {
		logRewritten(r.c, buf[:n])
	}
	if n == 0 {
		EnvOf(r.c).Log("error", "the rewritten URI has a zero length")
		return r.fail()
	}
	SetURI(r.c, buf[:n])
	return pc + 1
}

// redirect answers with the replacement as an address. Its captures are escaped and what needs no escape is then
// unescaped, up to the query.
func (r *runner) redirect(o *op) {
	w := o.rewrite
	buf := w.uri.append(r.c, r.s.scratch[:0], r.escapes())
	buf = unescapeRedirect(buf)
	if args := Args(r.c); w.keepArgs && len(args) > 0 {
		joint := byte('?')
		if w.args != nil {
			joint = '&'
		}
		buf = append(append(buf, joint), args...)
	}
	r.s.scratch = buf
	if r.p.log {
		EnvOf(r.c).Log("notice", `rewritten redirect: "`+string(buf)+`"`)
	}
	r.out.Verdict, r.out.Status, r.out.Redirect, r.out.Text = Done, o.status, true, r.s.keep(buf)
}

// argsEscape has a bit for each byte below 0x80 that may not stand in a query as it is (NGINX: NGX_ESCAPE_ARGS).
var argsEscape = [4]uint32{0xffffffff, 0xd800086d, 0x50000000, 0xb8000001}

// appendEscaped appends b with percent-encoding.
func appendEscaped(dst, b []byte) []byte {
	for _, ch := range b {
		if ch >= 0x80 || argsEscape[ch>>5]&(1<<(ch&31)) != 0 {
			dst = append(dst, '%', upperHex[ch>>4], upperHex[ch&15])
			continue
		}
		dst = append(dst, ch)
	}
	return dst
}

// unescapeRedirect decodes, where they lie, escapes of visible ASCII beyond "%", up to the first "?" (NGINX:
// NGX_UNESCAPE_REDIRECT).
func unescapeRedirect(b []byte) []byte {
	out := b[:0]
	for i := 0; i < len(b); {
		n, stop := 1, b[i] == '?'
		if b[i] == '%' {
			out, n, stop = appendRedirectEscape(out, b[i:])
		} else {
			out = append(out, b[i])
		}
		if i += n; stop {
			return append(out, b[i:]...)
		}
	}
	return out
}

// appendRedirectEscape decodes the escape that b begins with and returns its length, and whether it is that of "?". A
// broken one loses its "%", or all of it when its second digit is none, as in NGINX.
func appendRedirectEscape(dst, b []byte) (out []byte, n int, stop bool) {
	high, ok := hexValue(b, 1)
	if !ok {
		n = min(2, len(b))
		return append(dst, b[1:n]...), n, false
	}
	low, ok := hexValue(b, 2)
	if !ok {
		return dst, min(3, len(b)), false
	}
	if ch := high<<4 | low; ch > '%' && ch < 0x7f {
		return append(dst, ch), 3, ch == '?'
	}
	return append(dst, b[:3]...), 3, false
}

func hexValue(b []byte, at int) (byte, bool) {
	if at >= len(b) {
		return 0, false
	}
	switch ch := b[at]; {
	case ch >= '0' && ch <= '9':
		return ch - '0', true
	case ch|0x20 >= 'a' && ch|0x20 <= 'f':
		return ch | 0x20 - 'a' + 10, true
	}
	return 0, false
}
