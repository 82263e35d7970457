package front

import (
	"bytes"

	"github.com/wheelpit/wheelpit/loop/http1"
)

// refresh answers a redirect of MSIE with a page that goes on by itself, if the location wants it (msie_refresh), and tells whether
// it has (ngx_http_send_refresh).
func (r *request) refresh(status int) bool {
	if !r.loc.refreshes || status != 301 && status != 302 {
		return false
	}
	if !isMSIE(r.c.HeaderBytes(http1.UserAgent)) {
		return false
	}
	target := r.c.ResponseHeader("Location")
	if target == "" {
		return false
	}
	r.c.DelHeader("Location")
	page := append(make([]byte, 0, len(target)+128), `<html><head><meta http-equiv="Refresh" content="0; URL=`...)
	page = append(appendRefresh(page, target), "\"></head><body></body></html>\r\n"...)
	_ = r.c.Bytes(200, "text/html", page) // cannot fail
	r.status = 200
	return true
}

// isMSIE tells whether a User-Agent is one of MSIE, as ngx_http_process_user_agent does: $msie.
func isMSIE(agent []byte) bool {
	at := bytes.Index(agent, []byte("MSIE "))
	return at >= 0 && at+7 < len(agent) && !bytes.Contains(agent, []byte("Opera"))
}

// appendRefresh appends a URL for the attribute of a tag (NGX_ESCAPE_REFRESH).
func appendRefresh(dst []byte, url string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(url) {
		switch b := url[i]; {
		case b <= ' ', b >= 0x7f, b == '"', b == '%', b == '\'':
			dst = append(dst, '%', hex[b>>4], hex[b&15])
		default:
			dst = append(dst, b)
		}
	}
	return dst
}
