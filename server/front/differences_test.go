package front_test

// Why some answers differ on purpose.
const (
	strictTarget = "a request target that RFC 9112 section 3.2 does not know is refused"
	strictAnswer = "an answer whose length is in doubt is refused (RFC 9112 section 6.3)"
	strictLine   = "one space separates the parts of a request line, and a version has two digits (RFC 9112 section 3)"
	strictField  = "a field that RFC 9112 section 5 does not know is refused"
	strictHost   = "a Host that is no host is refused (RFC 9112 section 3.2)"
	smallBody    = "the length of a body that a filter has changed is known here, and may be less than gzip_min_length"
	noPadding    = "pages of errors are not padded for browsers that would show their own (msie_padding)"
	noHTTP09     = "HTTP/0.9 is not spoken: its answers cannot be told from others"
	laterNginx   = "NGINX does so since 1.23 to 1.29; the one compared with is older"
	badDate      = "a date that is none is ignored (RFC 9110 sections 13.1.3 and 13.1.4)"
	lingering    = "nothing more comes, and the connection is closed at once"
	no304Length  = "a 304 has no content; a length in it would be that of another response (RFC 9110 section 8.6)"
	outside      = "a path does not leave the directory that root or alias names"
	wholeLength  = "the length of a request counts its content even if nobody has read it, as the documentation says"
	chunkedBody  = "a chunked body that nobody reads has no length"
)

// differences are the requests of the corpus that are answered in another way on purpose: "GROUP/NAME: REQUEST", with the
// reason. A log is named by its file. What is here has to differ.
var differences = map[string]string{
	"proxy/headers_http_host: 1.0 GET /":               "a request of HTTP/1.1 has a Host (RFC 9112 section 3.2)",
	"proxy/answer_duplicates: GET /a":                  "since 1.23, NGINX leaves out what is said twice, too",
	"proxy/answer_bad: GET /b":                         strictAnswer,
	"proxy/intercept_codes: GET /304":                  no304Length,
	"proxy/set_body_var: POST /len Body: abc":          "content that is passed on is framed, whatever is set",
	"proxy/set_header_dup: GET / X-A: 1|X-A: 2|x-a: 3": "since 1.23, NGINX joins the lines of a field, too",
	"proxy/set_header_hop: GET / Connection: close, X-A|X-A: 1|Keep-Alive: 5|TE: trailers|Proxy-Connection: x": "what Connection names, and Proxy-Connection, are not passed on (RFC 9110 section 7.6.1)",
	"proxy/answer_bad: GET /d":                                                                      strictAnswer,
	"proxy/add_header: GET /ok":                                                                     "since 1.23, NGINX joins the lines of a field, too",
	"location/absolute_form: GET ftp://other.example/a":                                             strictTarget,
	"location/absolute_form: GET https://other.example/a":                                           "a target of https on a connection without TLS is misdirected (RFC 9110 section 7.4)",
	"location/absolute_form: GET http://us_er.example/":                                             "a host in the target is read as one in Host is",
	"location/star: OPTIONS *":                                                                      "it is a target of OPTIONS (RFC 9112 section 3.2.4)",
	"location/star: OPTIONS * Connection: close":                                                    "it is a target of OPTIONS (RFC 9112 section 3.2.4)",
	"location/slashes_root: GET //dir":                                                              "a redirect begins with one slash, so that it cannot name another host",
	"host/header_oddities: raw GET / HTTP/1.1\\r\\nHost: [::1\\r\\nConnection: close\\r\\n\\r\\n":   strictHost,
	"host/header_oddities: raw GET / HTTP/1.1\\r\\nHost: a:b\\r\\nConnection: close\\r\\n\\r\\n":    strictHost,
	"host/header_oddities: raw GET / HTTP/1.1\\r\\nHost: user@a\\r\\nConnection: close\\r\\n\\r\\n": strictHost,

	"error/precondition: GET /p/a.txt Range: bytes=100-":                                      "the page of an error does not have the entity tag of the file that was asked for",
	"inherit/everything: GET /b.html":                                                         smallBody,
	"inherit/everything: GET /none":                                                           smallBody,
	"inherit/everything: GET /in/deep/none":                                                   smallBody,
	"error/msie: GET /none User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)":    noPadding,
	"error/msie: GET /none User-Agent: Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1)":    noPadding,
	"error/msie: GET /none User-Agent: Chrome/1.0":                                            noPadding,
	"static/methods: CONNECT localhost:80":                                                    "it is a target of CONNECT (RFC 9112 section 3.2.3)",
	"static/methods: CONNECT /":                                                               "it is no target of CONNECT (RFC 9112 section 3.2.3)",
	"static/index_forms: GET /rel/":                                                           outside,
	"static/alias_forms: GET /traversal../other/a.txt":                                        outside,
	"static/conditional_dates: GET /a.txt If-Modified-Since: Mon, 06 May 2024 07:08:09":       badDate,
	"static/conditional_dates: GET /a.txt If-Modified-Since: Mon, 06 May 2024 07:08:09 +0000": badDate,
	"static/conditional_dates: GET /a.txt If-Unmodified-Since: garbage":                       badDate,
	"static/gzip_static: GET /z.txt Accept-Encoding: gzip":                                    laterNginx,
	"static/gzip_static: HEAD /z.txt Accept-Encoding: gzip":                                   laterNginx,
	"static/gzip_static: GET /z.txt Accept-Encoding: gzip;q=0.5":                              laterNginx,
	"static/gzip_static: GET /z.txt Accept-Encoding: GZIP":                                    laterNginx,
	"static/gzip_static: GET /always/z.txt":                                                   laterNginx,
	"static/gzip_static: GET /always/only.txt":                                                laterNginx,
	"static/gzip_static: GET /only.txt Accept-Encoding: gzip":                                 laterNginx,
	"static/gzip_static: GET /vary/z.txt Accept-Encoding: gzip":                               laterNginx,
	"static/gzip_static: GET /z.txt Accept-Encoding: gzip|Range: bytes=0-1":                   laterNginx,
	"filter/gunzip: GET /z.txt Accept-Encoding: gzip":                                         laterNginx,
	"filter/gunzip: GET /off/z.txt":                                                           laterNginx,
	"filter/ssi_options: GET /lm/s.txt If-Modified-Since: Mon, 06 May 2024 07:08:09 GMT":      "the entity tag of a 304 is the file's; weak and strong compare as the same (RFC 9110 section 8.8.3.2)",
	"rewrite/return_forms: GET /304text":                                                      no304Length,
	"header/statuses: GET /304":                                                               no304Length,
	"header/add_forms: GET /ct/a.txt":                                                         "one Content-Type is sent, where NGINX sends two",

	"core/versions: 0.9 GET /a.txt":  noHTTP09,
	"core/versions: 0.9 GET /none":   noHTTP09,
	"core/versions: 0.9 GET /r":      noHTTP09,
	"core/versions: 0.9 POST /a.txt": noHTTP09,
	"core/versions: raw GET /a.txt HTTP/1.11\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n":                                                                                                       strictLine,
	"core/versions: raw GET  /a.txt  HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n":                                                                                                      strictLine,
	"core/versions: raw GET /a.txt HTTP/1.1 \\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n":                                                                                                       strictLine,
	"core/fields: raw GET / HTTP/1.1\\r\\nHost: a\\r\\nX-A\\r\\nConnection: close\\r\\n\\r\\n":                                                                                                      strictField,
	"core/fields: raw GET / HTTP/1.1\\r\\nHost: a\\r\\nX-A: \\x01\\r\\nConnection: close\\r\\n\\r\\n":                                                                                               strictField,
	"core/fields: raw GET / HTTP/1.1\\r\\nHost: a\\r\\nX-A: a\\r\\nX-A: b\\r\\nConnection: close\\r\\n\\r\\n":                                                                                       laterNginx,
	"core/variables_request: GET /dup X-Two: 1|X-Two: 2":                                                                                                                                            laterNginx,
	"core/variables_request: POST /p Body: abc|Content-Type: text/plain":                                                                                                                            wholeLength,
	"core/expect: raw GET / HTTP/1.1\\r\\nHost: a\\r\\nExpect: something\\r\\nConnection: close\\r\\n\\r\\n":                                                                                        "an expectation that cannot be met is 417 (RFC 9110 section 10.1.1)",
	"core/expect: raw POST /big HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 30\\r\\nExpect: 100-continue\\r\\nConnection: close\\r\\n\\r\\n":                                                         lingering,
	"core/body_sizes: raw POST /a HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 99999\\r\\nConnection: close\\r\\n\\r\\n":                                                                              lingering,
	"core/body_framing: raw POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n0\\r\\n\\r\\nGET /two HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n": chunkedBody,
	"core/body_framing: raw POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\nConnection: close\\r\\n\\r\\n3;x=y\\r\\nabc\\r\\n0\\r\\nTrailer: t\\r\\n\\r\\n":                       chunkedBody,
	"combine/ssi_stub: GET /t.shtml":                                "a block in the place of an included body is run as a part of its page (server/ssi)",
	"combine/if_filters: GET /b.html?s=1&g=1 Accept-Encoding: gzip": smallBody,
	"log/formats: sizes.log":                                        wholeLength,
	"log/errors: 0.9 GET /a.txt":                                    noHTTP09,
	"log/errors: e.log":                                             "a Host that is refused is not shown; " + noHTTP09 + "; " + wholeLength,
}
