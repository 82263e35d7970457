// Hot: runs for every request; no allocation, no map, no defer.

package http1

// A FieldID is the name of a field that some part of the server asks for, as a small integer. There are fewer than 64,
// so that a set of them is one word.
type FieldID uint8

// The known fields.
const (
	FieldOther FieldID = iota
	Host
	Connection
	ContentLength
	TransferEncoding
	Expect
	Upgrade
	Range
	IfRange
	IfMatch
	IfNoneMatch
	IfModifiedSince
	IfUnmodifiedSince
	AcceptEncoding
	Accept
	AcceptLanguage
	Cookie
	UserAgent
	Referer
	ContentType
	ContentEncoding
	Origin
	Authorization
	XForwardedFor
	XForwardedProto
	XForwardedHost
	XRealIP
	Forwarded
	TE
	TrailerField
	KeepAlive
	ProxyConnection
	ProxyAuthorization
	Proxy
	CacheControl
	Pragma
	Via
	XRequestID
	XRequestedWith
	XCSRFToken
	AccessControlRequestMethod
	AccessControlRequestHeaders
	SecWebSocketKey
	SecWebSocketVersion
	Date
	Expires
	Age
	LastModified
	ETag
	Location
	Server
	Vary
	SetCookie
	Allow
	AcceptRanges
	ContentRange
	ContentDisposition
	WWWAuthenticate
	XAccelRedirect
	XAccelBuffering
	XAccelExpires

	fieldCount
)

var fieldNames = [fieldCount]string{
	Host:                        "Host",
	Connection:                  "Connection",
	ContentLength:               "Content-Length",
	TransferEncoding:            "Transfer-Encoding",
	Expect:                      "Expect",
	Upgrade:                     "Upgrade",
	Range:                       "Range",
	IfRange:                     "If-Range",
	IfMatch:                     "If-Match",
	IfNoneMatch:                 "If-None-Match",
	IfModifiedSince:             "If-Modified-Since",
	IfUnmodifiedSince:           "If-Unmodified-Since",
	AcceptEncoding:              "Accept-Encoding",
	Accept:                      "Accept",
	AcceptLanguage:              "Accept-Language",
	Cookie:                      "Cookie",
	UserAgent:                   "User-Agent",
	Referer:                     "Referer",
	ContentType:                 "Content-Type",
	ContentEncoding:             "Content-Encoding",
	Origin:                      "Origin",
	Authorization:               "Authorization",
	XForwardedFor:               "X-Forwarded-For",
	XForwardedProto:             "X-Forwarded-Proto",
	XForwardedHost:              "X-Forwarded-Host",
	XRealIP:                     "X-Real-IP",
	Forwarded:                   "Forwarded",
	TE:                          "TE",
	TrailerField:                "Trailer",
	KeepAlive:                   "Keep-Alive",
	ProxyConnection:             "Proxy-Connection",
	ProxyAuthorization:          "Proxy-Authorization",
	Proxy:                       "Proxy",
	CacheControl:                "Cache-Control",
	Pragma:                      "Pragma",
	Via:                         "Via",
	XRequestID:                  "X-Request-ID",
	XRequestedWith:              "X-Requested-With",
	XCSRFToken:                  "X-CSRFToken",
	AccessControlRequestMethod:  "Access-Control-Request-Method",
	AccessControlRequestHeaders: "Access-Control-Request-Headers",
	SecWebSocketKey:             "Sec-WebSocket-Key",
	SecWebSocketVersion:         "Sec-WebSocket-Version",
	Date:                        "Date",
	Expires:                     "Expires",
	Age:                         "Age",
	LastModified:                "Last-Modified",
	ETag:                        "ETag",
	Location:                    "Location",
	Server:                      "Server",
	Vary:                        "Vary",
	SetCookie:                   "Set-Cookie",
	Allow:                       "Allow",
	AcceptRanges:                "Accept-Ranges",
	ContentRange:                "Content-Range",
	ContentDisposition:          "Content-Disposition",
	WWWAuthenticate:             "WWW-Authenticate",
	XAccelRedirect:              "X-Accel-Redirect",
	XAccelBuffering:             "X-Accel-Buffering",
	XAccelExpires:               "X-Accel-Expires",
}

// String is the canonical spelling of the name; "" for FieldOther.
func (id FieldID) String() string {
	if id >= fieldCount {
		return ""
	}
	return fieldNames[id]
}

// LookupField finds the FieldID of a name in any case. A name that is found consists of token bytes only.
func LookupField(name []byte) FieldID {
	if len(name) < 2 {
		return FieldOther
	}
	id := fieldSlots[fieldSlot(lower[name[0]], lower[name[len(name)/2]], lower[name[len(name)-1]], len(name))]
	if id != FieldOther && equalFold(name, fieldLower[id]) {
		return id
	}
	return FieldOther
}
