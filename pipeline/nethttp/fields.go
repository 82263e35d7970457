package nethttp

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
)

// fieldsOf returns the fields that the response has already. Their values are copies, see keepable.
func fieldsOf(res *pipeline.Response) http.Header {
	header := make(http.Header, len(res.Fields())+4)
	if res.ContentType != "" {
		header.Set("Content-Type", keepable(res.ContentType))
	}
	for _, f := range res.Fields() {
		header.Add(f.Name, keepable(f.Value))
	}
	return header
}

// keepable copies the value of a field: it may lie in the memory of the request (pipeline.Ctx.SetHeaderBytes), and in an
// http.Header it outlives that. Caches keep it, and net/http's server writes it when the handler has returned.
func keepable(value string) string { return strings.Clone(value) }

// commit makes the header, as it was when WriteHeader was called, the fields of the response. p is the beginning of the
// body, by which its type is guessed unless the handler said it, or set it to nil.
func (x *exchange) commit(p []byte) {
	if x.committed {
		return
	}
	x.committed = true
	x.turn.Lock()
	defer x.turn.Unlock()
	x.setFields(x.sent, x.status)
	_, typed := x.sent["Content-Type"]
	if !typed && len(p) > 0 && http1.BodyAllowed(x.status) &&
		x.sent.Get("Content-Encoding") == "" && x.sent.Get("Transfer-Encoding") == "" {
		_ = x.c.SetHeader("Content-Type", http.DetectContentType(p))
	}
}

// setFields makes header the fields of the Ctx's response. What the server decides itself (framing), trailers, whose names begin with
// http.TrailerPrefix, and other names that are none are left out. Date and Server take the place of the server's own, and a Date
// without a value sends none. Line ends within a value become spaces, as in net/http.
func (x *exchange) setFields(header http.Header, status int) {
	x.clearFields()
	for _, name := range slices.Sorted(maps.Keys(header)) {
		known := http.CanonicalHeaderKey(name) // a handler may have put it into the map as it liked
		if reserved[known] || !http1.ValidFieldName(name) || status == http.StatusNotModified && known == "Content-Type" {
			continue
		}
		if known == "Date" || known == "Server" {
			x.single(known, header[name])
			continue
		}
		for _, value := range header[name] {
			if known == "Connection" && !x.connection(value) {
				continue
			}
			_ = x.c.AddHeader(name, lineEnds.Replace(value))
		}
	}
}

// single takes over a field that a response has once.
func (x *exchange) single(name string, values []string) {
	switch {
	case len(values) > 0:
		_ = x.c.SetHeader(name, lineEnds.Replace(values[0]))
	case name == "Date":
		x.c.Res().NoDate = true
	}
}

// clearFields drops the fields of the Ctx's response.
func (x *exchange) clearFields() {
	x.c.DelHeader("Content-Type")
	for f := x.c.Res().Fields(); len(f) > 0; f = x.c.Res().Fields() {
		x.c.DelHeader(f[0].Name)
	}
}

// connection tells whether a Connection field is to be sent; the server writes its own for close and keep-alive.
func (x *exchange) connection(value string) bool {
	switch strings.ToLower(value) {
	case "close":
		x.c.CloseAfter()
		return false
	case "keep-alive":
		return false
	}
	return true
}

var (
	reserved = map[string]bool{
		"Content-Length": true, "Transfer-Encoding": true, "Trailer": true,
	}
	lineEnds = strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ")
)
