package front

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"syscall"

	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pool"
	"github.com/wheelpit/wheelpit/server/mp4"
	"github.com/wheelpit/wheelpit/server/static"
)

// mp4 compiles mp4 and its companions.
func (b *builder) mp4(s *scope) func(r *request) error {
	p := &player{stored: storedAs(s), cfg: mp4.Config{
		Buffer: s.number("mp4_buffer_size", 512<<10), MaxIndex: s.number("mp4_max_buffer_size", 10<<20), KeyFrame: s.on("mp4_start_key_frame", false),
	}}
	return p.answer
}

// player is the content of a location with mp4.
type player struct {
	cfg    mp4.Config
	stored static.Stored
}

// answer answers with a file, or the piece of it between the times that the arguments name.
func (p *player) answer(r *request) error {
	c := r.c
	if !getOrHead(c) {
		return errNotAllowed
	}
	start, length, asked := pieceAsked(c)
	path := r.path()
	if !asked || path == "" || path[0] != '/' || path[len(path)-1] == '/' {
		return r.files()
	}
	if !c.OnWorker() {
		return pipeline.ErrOffload // the index is read
	}
	if err := r.loc.dir.files.ServeAs(c, path, 0); err != nil {
		return err
	}
	if c.Res().Status == 301 { // a directory; the page is NGINX's
		return &statusErrors[301]
	}
	if c.Res().Status != 200 || c.Res().Stream() != nil {
		return nil
	}
	return p.piece(r, start, length)
}

// piece puts a piece in the place of a file that has been answered with. One range of it may be asked for.
func (p *player) piece(r *request, start, length uint64) error {
	c := r.c
	piece, err := p.cfg.Cut(bodyReader(c), c.Res().Length(), start, length)
	switch {
	case err == nil:
		r.loc.dir.files.Splice(c, piece.Head, piece.From, piece.To)
	case !errors.Is(err, mp4.ErrWhole):
		r.Log("error", err.Error()+" in \""+string(r.AppendFilename(c, nil))+"\"")
		return &statusErrors[500]
	}
	_ = c.SetHeader("Accept-Ranges", "bytes") // constants are sound
	st := p.stored
	st.Unconditional, st.Modified = r.sub, -1
	if at, ok := http1.ParseDate([]byte(c.ResponseHeader("Last-Modified"))); ok {
		st.Modified = at
	}
	if c.ResponseHeader("ETag") != "" { // of the length that is sent, as in NGINX
		st.ETag = fmt.Sprintf(`"%x-%x"`, st.Modified, c.Res().Length())
		_ = c.SetHeader("ETag", st.ETag)
	}
	r.noteRange()
	_, err = st.Condition(c)
	return err
}

// pieceAsked returns which piece is asked for, in milliseconds; a length of 0 is all behind its start.
func pieceAsked(c *pipeline.Ctx) (start, length uint64, asked bool) {
	args := requestOf(c).args()
	at, _ := http1.QueryValue(args, "start")
	from, asked := thousandths(view(at))
	end, _ := http1.QueryValue(args, "end")
	if to, ok := thousandths(view(end)); ok && to > 0 {
		asked = true
		length = to - min(from, to)
	}
	return from, length, asked
}

// thousandths reads a decimal number in thousandths, dropping what is less: ngx_http_mp4_atofp.
func thousandths(s string) (n uint64, ok bool) {
	point, places := false, 3
	for i := range len(s) {
		switch d := s[i]; {
		case d == '.' && !point:
			point = true
		case d < '0' || d > '9':
			return 0, false
		case places == 0:
		case n > (math.MaxInt64-uint64(d-'0'))/10:
			return 0, false
		default:
			n = n*10 + uint64(d-'0')
			if point {
				places--
			}
		}
	}
	for ; places > 0; places-- {
		if n > math.MaxInt64/10 {
			return 0, false
		}
		n *= 10
	}
	return n, s != ""
}

// bodyReader reads the file that a response consists of.
func bodyReader(c *pipeline.Ctx) io.ReaderAt {
	parts := c.Res().Parts()
	switch {
	case len(parts) != 1:
		return bytes.NewReader(nil)
	case parts[0].File == nil:
		return bytes.NewReader(parts[0].Bytes)
	}
	return &partReader{parts[0].File, parts[0].Off}
}

// partReader reads an open file from an offset on.
type partReader struct {
	file *pool.File
	off  int64
}

// ReadAt is pread(2). A file that has become shorter is an error.
func (r *partReader) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		k, err := syscall.Pread(r.file.Fd(), p[n:], r.off+off+int64(n))
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return n, err
		case k == 0:
			return n, io.ErrUnexpectedEOF
		default:
			n += k
		}
	}
	return n, nil
}
