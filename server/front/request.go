package front

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"unsafe"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pool"
	"github.com/wheelpit/wheelpit/server"
	"github.com/wheelpit/wheelpit/server/errlog"
	"github.com/wheelpit/wheelpit/server/script"
)

// request is what is kept of a request beside its Ctx. It is reused with the memory of the connection's request, so a
// request takes it without a pool. The goroutine that has the Ctx uses it.
type request struct {
	script.NoEnv

	c       *pipeline.Ctx
	carrier server.Carrier
	rt      *Runtime
	addr    *address
	srv     *virtual
	loc     *location

	sub         bool // the request is a subrequest
	phase       phase
	step        int    // next hook of the phase
	changes     int8   // internal redirects that are left
	internal    bool   // the URI is not the client's any more
	kept        bool   // the URI was changed, but the location stays: its name is no prefix of it
	behind      bool   // alias of a regular expression: try_files has found the URI beneath it
	pageDone    bool   // error_page does not count again
	bodyDropped bool   // it was too large
	ranged      bool   // the response is that of a file, and not an error
	oneRange    bool   // the response is an upstream's, of which one range may be asked for
	bodySize    int64  // of that response, in bytes
	closing     bool   // the connection ends behind the response
	aborted     bool   // and without one
	status      int    // what the response's status becomes; 0 leaves it
	bodyRead    bool   // a directive has asked for the body
	passed      bool   // the answer is an upstream's, whose Location is left as it is
	charset     string // of X-Accel-Charset
	contentType string // of the answer that X-Accel-Redirect came with
	limitRate   int64  // what set gave to $limit_rate: bytes a second, 0 for none
	upstream    string // that the line of the error log is about
	rateSet     bool   // it did
	buf, name   []byte // scratch memory
	pass        passState
	lookup      *lookup // of an upstream's name, while it is awaited
	waits       func()  // of a subrequest: tells that it waits for somebody else; nil when nobody wants to know
	turn        *turn   // of the last copy that was sent
}

// maxChanges bounds the internal redirects of a request (NGX_HTTP_MAX_URI_CHANGES).
const maxChanges = 10

// requestOf returns the request of a Ctx that a Server carries.
func requestOf(c *pipeline.Ctx) *request {
	if r, ok := c.Runner().(*request); ok { // it has begun, see script.SetEnv
		return r
	}
	return freshRequestOf(c)
}

// freshRequestOf is requestOf for a request that has not begun.
func freshRequestOf(c *pipeline.Ctx) *request {
	carrier, ok := c.Transport().(server.Carrier)
	if !ok {
		return subRequestOf(c)
	}
	slot := carrier.Slot()
	r, _ := (*slot).(*request)
	if r == nil {
		r = new(request)
		*slot = r
	}
	if r.c == nil {
		r.c, r.carrier = c, carrier
	}
	return r
}

// Reset makes r ready for the next request.
func (r *request) Reset() {
	buf, name, text := r.buf[:0], r.name[:0], r.pass.text[:0]
	pool.Spoil(buf[:cap(buf)])
	pool.Spoil(name[:cap(name)])
	pool.Spoil(text[:cap(text)])
	*r = request{buf: buf, name: name, pass: passState{text: text}}
}

// begin chooses the virtual server.
func (r *request) begin(rt *Runtime) {
	r.rt, r.changes = rt, maxChanges
	r.addr, _ = r.carrier.Place().(*address)
	if r.addr == nil {
		r.addr = rt.fallback
	}
	script.SetEnv(r.c, r)
	r.srv = r.addr.find(r, r.c.HostBytes())
	if letters := r.srv.letters; letters != nil && r.c.Head.Has(http1.FieldOther) {
		r.dropFields(letters)
	}
	r.enter(r.srv.root)
}

// dropFields takes out the fields whose names NGINX calls invalid.
func (r *request) dropFields(letters *[256]bool) {
	if r.c.Head.DropFields(r.c.HeadBytes(), letters) > 0 && r.srv.root.log.enabled(errlog.Info) {
		r.srv.root.log.write(r, "info", "client sent invalid header lines")
	}
}

// beginSub readies a subrequest: it stays with the server of its request, and may enter internal locations.
func (r *request) beginSub(rt *Runtime, srv *virtual) {
	r.rt, r.changes, r.srv, r.internal = rt, maxChanges, srv, true
	script.SetEnv(r.c, r)
	r.enter(srv.root)
}

// enter makes l the location of the request.
func (r *request) enter(l *location) {
	if l.except != nil && l.except.applies(r.c) {
		l = l.except.loc
	}
	if r.loc = l; !r.sub {
		r.carrier.Treat(l.policy)
	}
}

// methodGet makes the request one for an error page.
func (r *request) methodGet() {
	if r.c.Head.Method != http1.MethodHead {
		r.c.Head.Method = http1.MethodGet
	}
}

// getOrHead tells whether the method is one of the two.
func getOrHead(c *pipeline.Ctx) bool {
	return c.Head.Method == http1.MethodGet || c.Head.Method == http1.MethodHead
}

// view is b as a string without a copy; whoever uses it must not outlive b.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
