package script

import (
	"io/fs"
	"net/netip"
	"os"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Env is what variables need to know of the server, for one request. The server puts it on the Ctx with [SetEnv] when the
// request begins; its answers may change while the request goes on (another location, more bytes sent). An implementation
// embeds [NoEnv] and overrides what it knows. Its methods are called by the goroutine that has the Ctx.
type Env interface {
	// ServerName is the first name of the server that was chosen: $server_name, and $host of a request without a host.
	ServerName() string
	// AppendRoot appends the root or alias of the location as an absolute path: $document_root.
	AppendRoot(c *pipeline.Ctx, dst []byte) []byte
	// AppendFilename appends the file that the current URI means: $request_filename.
	AppendFilename(c *pipeline.Ctx, dst []byte) []byte
	// EnterIf tells that a condition of the location's program is true: from now on the request belongs to the unnamed
	// location of that block, number n of [Program.Ifs].
	EnterIf(n int)

	// LimitRate is the rate of the response in bytes a second, 0 for no limit: $limit_rate. SetLimitRate changes it.
	LimitRate() int64
	SetLimitRate(bytesPerSecond int64)

	// Began is when the first byte of the request was read: $request_time.
	Began() time.Time
	// Status is what the status will be while there is no response, 0 when that is not known: $status.
	Status() int
	// RequestLength is how many bytes of the request were read, head and body: $request_length.
	RequestLength() int64
	// BodyRead tells whether a directive has asked for the body, as proxy_pass does: without one, $request_body is not
	// found. BodyFile is the file it was written to: $request_body_file.
	BodyRead() bool
	BodyFile() string
	// BodyLength is the length of a body that was read and is not in memory, in bytes; ok tells whether there is one.
	BodyLength() (n int64, ok bool)
	// BytesSent and BodyBytesSent are how much of the response was sent, with and without its head.
	BytesSent() int64
	BodyBytesSent() int64
	// Complete tells whether the whole response was sent: $request_completion.
	Complete() bool

	// Connection describes the connection of the request.
	Connection() Connection
	// TCPInfo reads the kernel's counters of the connection: $tcpinfo_...
	TCPInfo() (TCPInfo, bool)
	// ProxyProtocol is what a PROXY header told of the connection.
	ProxyProtocol() (ProxyProtocol, bool)
	// AppendTLV appends an element of that header: $proxy_protocol_tlv_name.
	AppendTLV(dst []byte, name string) ([]byte, bool)

	// KeepAlive tells whether the connection stays open after the response, and the seconds that a Keep-Alive field
	// announces, 0 for none. Chunked tells whether the response is sent in chunks.
	KeepAlive() (on bool, seconds int64)
	Chunked() bool
	// Trailer returns a trailer field of the response by its name in lower case, "_" for "-": $sent_trailer_name.
	Trailer(name string) (string, bool)

	// Stat describes a file, following links as far as the location does (disable_symlinks): if (-f ...).
	Stat(path string) (fs.FileInfo, error)

	// WarnUninitialized is uninitialized_variable_warn of the location. Log writes to its error log; level is one of
	// NGINX's names.
	WarnUninitialized() bool
	Log(level, text string)
}

// Connection is what variables say of a connection.
type Connection struct {
	// Number is a serial number, Requests how many requests it has carried, this one included, and Pipelined whether this
	// one came before the answer to the last.
	Number, Requests uint64
	Pipelined        bool
	// Began is when it was accepted.
	Began time.Time
}

// TCPInfo holds fields of the kernel's struct tcp_info: times in microseconds, the window in segments, the space in bytes.
type TCPInfo struct{ RTT, RTTVar, SndCwnd, RcvSpace uint32 }

// ProxyProtocol is what a PROXY header says: the client, and the address it connected to.
type ProxyProtocol struct{ Source, Destination netip.AddrPort }

// NoEnv is the Env of a request that no server has described. Names and paths are empty, numbers 0, and what can be
// missing is not found: $proxy_protocol_addr, $tcpinfo_rtt, $request_body. $sent_http_connection is "close", $request_time
// 0.000, and nothing is logged.
type NoEnv struct{}

var _ Env = NoEnv{}

// The methods of NoEnv answer nothing; see [Env].

func (NoEnv) ServerName() string                                { return "" }
func (NoEnv) AppendRoot(_ *pipeline.Ctx, dst []byte) []byte     { return dst }
func (NoEnv) AppendFilename(_ *pipeline.Ctx, dst []byte) []byte { return dst }
func (NoEnv) EnterIf(int)                                       {}
func (NoEnv) LimitRate() int64                                  { return 0 }
func (NoEnv) SetLimitRate(int64)                                {}
func (NoEnv) Began() time.Time                                  { return time.Time{} }
func (NoEnv) RequestLength() int64                              { return 0 }
func (NoEnv) BodyRead() bool                                    { return false }
func (NoEnv) Status() int                                       { return 0 }
func (NoEnv) BodyLength() (n int64, ok bool)                    { return 0, false }
func (NoEnv) BodyFile() string                                  { return "" }
func (NoEnv) BytesSent() int64                                  { return 0 }
func (NoEnv) BodyBytesSent() int64                              { return 0 }
func (NoEnv) Complete() bool                                    { return false }
func (NoEnv) Connection() Connection                            { return Connection{} }
func (NoEnv) TCPInfo() (TCPInfo, bool)                          { return TCPInfo{}, false }
func (NoEnv) ProxyProtocol() (ProxyProtocol, bool)              { return ProxyProtocol{}, false }
func (NoEnv) AppendTLV(dst []byte, _ string) ([]byte, bool)     { return dst, false }
func (NoEnv) KeepAlive() (on bool, seconds int64)               { return false, 0 }
func (NoEnv) Chunked() bool                                     { return false }
func (NoEnv) Trailer(string) (string, bool)                     { return "", false }
func (NoEnv) WarnUninitialized() bool                           { return false }
func (NoEnv) Stat(path string) (fs.FileInfo, error)             { return os.Stat(path) }
func (NoEnv) Log(_, _ string)                                   {}

// SetEnv puts the Env of a request on its Ctx, until the Ctx is reset.
func SetEnv(c *pipeline.Ctx, env Env) { c.SetRunner(env) }

// EnvOf returns the Env of a request, NoEnv when it has none.
func EnvOf(c *pipeline.Ctx) Env {
	if env, ok := c.Runner().(Env); ok {
		return env
	}
	return NoEnv{}
}
