package front

// reasons are NGINX's reason phrases where they differ from those of RFC 9110; "" is a status that NGINX gives none.
var reasons = map[int]string{
	100: "", 101: "Switching Protocols", 102: "", 103: "Early Hints",
	203: "", 205: "", 207: "", 208: "", 226: "",
	300: "", 302: "Moved Temporarily", 305: "",
	402: "Payment Required", 405: "Not Allowed", 407: "", 408: "Request Time-out", 413: "Request Entity Too Large",
	414: "Request-URI Too Large", 416: "Requested Range Not Satisfiable", 417: "", 418: "", 422: "", 423: "", 424: "", 425: "",
	503: "Service Temporarily Unavailable", 426: "", 428: "", 431: "", 451: "", 504: "Gateway Time-out", 505: "HTTP Version Not Supported", 506: "", 508: "", 510: "", 511: "",
}

// Statuses that NGINX uses inside; clients see 400.
const (
	tooLargeHead = 494
	badCert      = 495
	noCert       = 496
	toHTTPS      = 497
)

// shownAs returns the status that clients see for one.
func shownAs(status int) int {
	if status >= tooLargeHead && status <= toHTTPS {
		return 400
	}
	return status
}

// notes are the pages for which the title alone does not say enough, by what it is then and by a line below.
var notes = map[int][2]string{
	tooLargeHead: {"400 Request Header Or Cookie Too Large", "Request Header Or Cookie Too Large"},
	badCert:      {"400 The SSL certificate error", "The SSL certificate error"},
	noCert:       {"400 No required SSL certificate was sent", "No required SSL certificate was sent"},
	toHTTPS:      {"400 The plain HTTP request was sent to HTTPS port", "The plain HTTP request was sent to HTTPS port"},
}

// titles are the pages that NGINX has for a status, by their title: ngx_http_special_response.c.
var titles = map[int]string{
	301: "301 Moved Permanently", 302: "302 Found", 303: "303 See Other", 307: "307 Temporary Redirect", 308: "308 Permanent Redirect",
	400: "400 Bad Request", 401: "401 Authorization Required", 402: "402 Payment Required", 403: "403 Forbidden", 404: "404 Not Found",
	405: "405 Not Allowed", 406: "406 Not Acceptable", 408: "408 Request Time-out", 409: "409 Conflict", 410: "410 Gone",
	411: "411 Length Required", 412: "412 Precondition Failed", 413: "413 Request Entity Too Large", 414: "414 Request-URI Too Large",
	415: "415 Unsupported Media Type", 416: "416 Requested Range Not Satisfiable", 421: "421 Misdirected Request",
	tooLargeHead: "400 Bad Request", badCert: "400 Bad Request", noCert: "400 Bad Request", toHTTPS: "400 Bad Request", 429: "429 Too Many Requests", 500: "500 Internal Server Error", 501: "501 Not Implemented", 502: "502 Bad Gateway",
	503: "503 Service Temporarily Unavailable", 504: "504 Gateway Time-out", 505: "505 HTTP Version Not Supported",
	507: "507 Insufficient Storage",
}

// pages holds the body for every status that has one, with the name of the server below the line.
type pages map[int][]byte

// newPages makes the pages of a location; product is what server_tokens shows.
func newPages(product string) pages {
	p := pages{}
	for status, title := range titles {
		head, note := title, ""
		if n, ok := notes[status]; ok {
			head, note = n[0], "<center>"+n[1]+"</center>\r\n"
		}
		p[status] = []byte("<html>\r\n<head><title>" + head + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n" +
			note + "<hr><center>" + product + "</center>\r\n</body>\r\n</html>\r\n")
	}
	return p
}
