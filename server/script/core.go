package script

import (
	"os"
	"strconv"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// addCore makes the variables of ngx_http_variables.c, and of NGINX's log module, which has no others.
func (t *Table) addCore() {
	for name, get := range coreVariables {
		t.variables[name] = &Variable{name: name, get: get, slot: -1}
	}
	for name, text := range map[string]string{
		"nginx_version": NginxVersion,
		"hostname":      hostname(),
		"pid":           strconv.Itoa(os.Getpid()),
	} {
		t.variables[name] = &Variable{name: name, get: constant(text), slot: -1}
	}
	id := &Variable{name: "request_id", get: appendRequestID, flags: Cached, slot: -1}
	t.giveSlot(id)
	args := &Variable{name: "args", get: appendArgs, set: SetArgs, flags: Changeable, slot: -1}
	rate := &Variable{name: "limit_rate", get: appendLimitRate, set: setLimitRate, flags: Changeable, slot: -1}
	for _, v := range []*Variable{id, args, rate} {
		t.variables[v.name] = v
	}
	t.AddPrefix("http_", requestField)
	t.AddPrefix("sent_http_", responseField)
	t.AddPrefix("sent_trailer_", responseTrailer)
	t.AddPrefix("cookie_", requestCookie)
	t.AddPrefix("arg_", argument)
	t.AddPrefix("proxy_protocol_tlv_", proxyProtocolTLV)
	t.addModules()
}

// NginxVersion is the version of NGINX whose behaviour this package has: $nginx_version.
const NginxVersion = "1.30.0"

// hostname is the name of the machine in lower case, as NGINX has it.
func hostname() string {
	name, _ := os.Hostname() // NGINX does not start without; an empty value is no reason not to
	return strings.ToLower(name)
}

func constant(text string) Getter {
	return func(_ *pipeline.Ctx, dst []byte) ([]byte, bool) { return append(dst, text...), true }
}

var coreVariables = map[string]Getter{
	"binary_remote_addr":          appendBinaryRemoteAddr,
	"body_bytes_sent":             appendBodyBytesSent,
	"bytes_sent":                  appendBytesSent,
	"connection":                  appendConnection,
	"connection_requests":         appendConnectionRequests,
	"connection_time":             appendConnectionTime,
	"content_length":              appendContentLength,
	"content_type":                appendContentType,
	"document_root":               appendDocumentRoot,
	"document_uri":                appendURI,
	"host":                        appendHost,
	"https":                       appendHTTPS,
	"is_args":                     appendIsArgs,
	"is_request_port":             appendIsRequestPort,
	"msec":                        appendMsec,
	"pipe":                        appendPipe,
	"proxy_protocol_addr":         appendProxyAddr,
	"proxy_protocol_port":         appendProxyPort,
	"proxy_protocol_server_addr":  appendProxyServerAddr,
	"proxy_protocol_server_port":  appendProxyServerPort,
	"query_string":                appendArgs,
	"realpath_root":               appendRealpathRoot,
	"remote_addr":                 appendRemoteAddr,
	"remote_port":                 appendRemotePort,
	"remote_user":                 appendRemoteUser,
	"request":                     appendRequestLine,
	"request_body":                appendRequestBody,
	"request_body_file":           appendRequestBodyFile,
	"request_completion":          appendCompletion,
	"request_filename":            appendFilename,
	"request_length":              appendRequestLength,
	"request_method":              appendMethod,
	"request_port":                appendRequestPort,
	"request_time":                appendRequestTime,
	"request_uri":                 appendRequestURI,
	"scheme":                      appendScheme,
	"sent_http_connection":        appendSentConnection,
	"sent_http_content_length":    appendSentContentLength,
	"sent_http_content_type":      appendSentContentType,
	"sent_http_keep_alive":        appendSentKeepAlive,
	"sent_http_transfer_encoding": appendSentTransferEncoding,
	"server_addr":                 appendServerAddr,
	"server_name":                 appendServerName,
	"server_port":                 appendServerPort,
	"server_protocol":             appendProtocol,
	"status":                      appendStatus,
	"tcpinfo_rcv_space":           appendRcvSpace,
	"tcpinfo_rtt":                 appendRTT,
	"tcpinfo_rttvar":              appendRTTVar,
	"tcpinfo_snd_cwnd":            appendSndCwnd,
	"time_iso8601":                appendISO8601,
	"time_local":                  appendTimeLocal,
	"uri":                         appendURI,
}
