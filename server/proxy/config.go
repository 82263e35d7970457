package proxy

import (
	"net/netip"
	"time"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// Value appends a text that may depend on the request; nil stands for a text that is not set.
type Value func(c *pipeline.Ctx, dst []byte) []byte

// Protocol is what an upstream speaks.
type Protocol uint8

// The protocols.
const (
	HTTP Protocol = iota
	UWSGI
	FastCGI
	SCGI
	Memcached
)

// Condition is a reason to try the next peer, or to serve what is stale (NGINX proxy_next_upstream). They form a set.
type Condition uint32

// The conditions.
const (
	OnError Condition = 1 << iota
	OnTimeout
	OnInvalidHeader
	On500
	On502
	On503
	On504
	On403
	On404
	On429
	NonIdempotent // requests that may not be repeated are repeated all the same
	OnUpdating    // of use_stale only
	Never         // off: not even when a peer cannot be reached
)

// Field is a field of the request to the upstream, or a parameter of it.
type Field struct {
	Name string
	// Text is the value when it does not depend on the request, Value otherwise. An empty value leaves the field out.
	Text  string
	Value Value
	// IfNotEmpty leaves a parameter out when it is empty (fastcgi_param ... if_not_empty).
	IfNotEmpty bool

	known http1.FieldID
}

// Config is what a location says of the requests it passes on. The names are those of NGINX's proxy module; the others have the
// same.
type Config struct {
	Protocol Protocol
	// Upstream is where requests go; Choose, when it is set, finds it for each request (variables in proxy_pass).
	Upstream *Upstream
	Choose   func(c *pipeline.Ctx) (*Upstream, error)

	// Method replaces the method of the request (proxy_method). URI appends the target. Host is the Host field unless
	// Fields names one (proxy_set_header Host).
	Method Value
	URI    Value
	Host   Value
	// HTTP10 speaks HTTP/1.0 (proxy_http_version 1.0).
	HTTP10 bool
	// Fields are set in the request and replace those the client sent. Of the parameters of FastCGI, uwsgi and SCGI they
	// are all there is, beside the fields of the client as HTTP_NAME.
	Fields []Field
	// DropFields and DropBody do not pass the client's on (proxy_pass_request_headers, proxy_pass_request_body). Body
	// replaces it (proxy_set_body).
	DropFields, DropBody bool
	Body                 Value
	// Modifier1 and Modifier2 are of uwsgi; PacketTail is put behind the parameters in its packet as it is (uwsgi_string).
	Modifier1, Modifier2 uint8
	PacketTail           string
	// Key is the key of memcached, GzipFlag which flag means that the value is compressed.
	Key      Value
	GzipFlag uint32
	// KeepConn keeps connections to FastCGI servers (fastcgi_keep_conn).
	KeepConn bool
	// CatchStderr are words by which an answer of FastCGI is invalid (fastcgi_catch_stderr).
	CatchStderr []string

	// ConnectTimeout, SendTimeout and ReadTimeout bound the phases, each between two operations (default 60 s); less than
	// 0 is a tick of the loop, the least there is.
	ConnectTimeout, SendTimeout, ReadTimeout time.Duration
	// BufferSize bounds the head of the response in bytes (proxy_buffer_size), Buffers is what is read ahead of a slow client in
	// memory (proxy_buffers), MaxTempFile in a file (proxy_max_temp_file_size, 0 for none) in TempDir.
	BufferSize  int
	Buffers     int
	MaxTempFile int64
	TempDir     string
	TempLevels  TempLevels
	// Unbuffered passes the response on as it comes (proxy_buffering off), StreamRequest the request (proxy_request_buffering
	// off). BodyBuffer is how much of a request body is kept in memory, in bytes, before it is written to a file in BodyDir.
	Unbuffered    bool
	StreamRequest bool
	BodyBuffer    int
	BodyDir       string
	BodyLevels    TempLevels
	InFile        InFile
	// IgnoreClientAbort goes on when the client has left.
	IgnoreClientAbort bool
	// Local is the address to connect from (proxy_bind); LocalValue finds it for each request.
	Local       netip.AddrPort
	LocalValue  Value
	Transparent bool
	// SocketKeepAlive is proxy_socket_keepalive. ReceiveBuffer and SendBuffer are the sizes of the kernel's buffers in bytes, 0 for
	// what it chooses (proxy_socket_rcvbuf, proxy_socket_sndbuf).
	SocketKeepAlive           bool
	ReceiveBuffer, SendBuffer int
	// SendPROXY is not NGINX's for HTTP: the first bytes of a connection tell the client's address (PROXY protocol, version 1). Such
	// a connection is not kept: to the peer, all of it is that client's.
	SendPROXY bool

	// Next says when to try the next peer; Tries and NextTimeout bound it, 0 for no bound.
	Next        Condition
	Tries       int
	NextTimeout time.Duration

	// Hide and Pass are fields of the response (proxy_hide_header, proxy_pass_header); Ignore are those that are not heeded.
	Hide, Pass []string
	Ignore     Ignored
	// Intercept tells whether a status is for the location's error pages (proxy_intercept_errors). It may be nil.
	Intercept func(c *pipeline.Ctx, status int) bool
	// Location and Cookie rewrite the fields (proxy_redirect, proxy_cookie_domain, _path, _flags): they append the new value and
	// tell whether there is one. They may be nil.
	Location, Refresh, Cookie func(c *pipeline.Ctx, dst []byte, value string) ([]byte, bool)
	// ForceRanges serves ranges whatever the response says (proxy_force_ranges).
	ForceRanges bool
	// LimitRate bounds the reading of responses in bytes a second (proxy_limit_rate).
	LimitRate Value
	// StoreTo is the file a response is saved as (proxy_store).
	StoreTo     Value
	StoreAccess uint32
	// EarlyHints passes 103 on (early_hints) when it answers true; nil for never. All those of a request together are bounded by
	// BufferSize. What a worker waits for, such as a request whose body is in a file, has none.
	EarlyHints func(c *pipeline.Ctx) bool
	// PassTrailers passes the trailer fields of an answer in chunks on to a client that is sent chunks (proxy_pass_trailers), together
	// bounded by BufferSize. Fields that are hidden in a head are hidden here. A cache does not keep them.
	PassTrailers bool

	// SetRate and SetCharset are told X-Accel-Limit-Rate and X-Accel-Charset; they may be nil. An answer that is passed on as it comes
	// has no rate: SetRate is told 0.
	SetRate    func(c *pipeline.Ctx, bytesPerSecond int64)
	SetCharset func(c *pipeline.Ctx, name string)

	// Log writes to the error log; it may be nil. level is one of NGINX's names, upstream the address of the peer that the
	// line is about, as NGINX names it: "http://127.0.0.1:8080/a". It is empty for none.
	Log func(c *pipeline.Ctx, level, text, upstream string)
	// Finish makes the response of a whole 200, with the conditions and ranges of the request; it may be nil.
	Finish func(c *pipeline.Ctx, w *Whole) error
	// Plain tells where in the configuration a request is whose response may be a ready-made one: the same value means the same head.
	// It returns nil when the response is to be made for the request alone; it may be nil.
	Plain func(c *pipeline.Ctx) any
	// Cache answers from what was answered before; nil for none.
	Cache *Caching
}

// Ignored is a set of response fields that are passed on and not heeded (proxy_ignore_headers).
type Ignored uint16

// The fields.
const (
	IgnoreAccelRedirect Ignored = 1 << iota
	IgnoreAccelExpires
	IgnoreAccelLimitRate
	IgnoreAccelBuffering
	IgnoreAccelCharset
	IgnoreExpires
	IgnoreCacheControl
	IgnoreSetCookie
	IgnoreVary
)
