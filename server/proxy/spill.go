package proxy

import (
	"os"

	"github.com/wheelpit/wheelpit/loop"
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pool"
)

// spill is the temporary file of a response whose client is slower than its peer (NGINX proxy_max_temp_file_size). It has
// no name, so nothing is left of it whatever happens. Writing to it is copying into the page cache: the reactor does it.
type spill struct {
	file   *pool.File
	size   int64
	failed bool // no file, or no room: the peer waits instead
}

// open tells whether there is a file to write to, making it when it may be made.
func (s *spill) open(x *call) bool {
	if s.file != nil || s.failed || x.unbuffered || x.h.cfg.MaxTempFile == 0 {
		return s.file != nil && s.size < x.h.cfg.MaxTempFile
	}
	f, err := tempFile(x.h.cfg.TempDir, x.h.cfg.TempLevels)
	if err != nil {
		s.failed = true
		x.note("crit", "open temporary file failed: "+errnoText(err))
		return false
	}
	s.file = f
	return true
}

// write appends p to the file, framed as the client gets it, and queues it. It returns false when there is no room.
func (s *spill) write(x *call, p []byte) bool {
	if !s.open(x) {
		return false
	}
	var frame [24]byte
	b := frame[:0]
	if x.live.Chunked() {
		b = http1.AppendChunkHead(b, len(p))
	}
	from := s.size
	ok := s.append(b) && s.append(p)
	if ok && x.live.Chunked() {
		ok = s.append([]byte("\r\n"))
	}
	if !ok {
		s.failed, s.size = true, from
		x.note("crit", "write to a temporary file failed")
		s.drop()
		return false
	}
	x.live.Conn().WriteSpilled(s.file, from, s.size-from)
	x.live.CountLive(int64(len(p)))
	return true
}

func (s *spill) append(p []byte) bool {
	for len(p) > 0 {
		n, err := pwrite(s.file.Fd(), p, s.size)
		if err != nil || n <= 0 {
			return false
		}
		s.size += int64(n)
		p = p[n:]
	}
	return true
}

// drop gives the file back; what is queued of it keeps a reference of its own.
func (s *spill) drop() {
	if s.file != nil {
		s.file.Release()
		s.file = nil
	}
}

func (s *spill) close() { s.drop() }

// tempFile makes a file without a name.
func tempFile(dir string, levels TempLevels) (*pool.File, error) {
	f, err := createTemp(dir, levels, "wheelpit-")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	_ = os.Remove(f.Name())
	fd, err := loop.DupFile(f)
	if err != nil {
		return nil, err
	}
	return pool.NewFile(fd), nil
}
