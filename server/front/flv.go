package front

import (
	"strconv"

	"github.com/wheelpit/wheelpit/pipeline"
)

// flvHeader is what a player expects before the middle of a file: the head of an FLV file with sound and pictures, and the
// size of the tag before, which is none.
var flvHeader = []byte("FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00")

// flv answers with a file, from the byte that the argument "start" names (NGINX flv).
func (r *request) flv() error {
	if !getOrHead(r.c) {
		return errNotAllowed
	}
	if err := r.files(); err != nil {
		return err
	}
	if r.ranged && r.c.Res().Status == 200 {
		r.loc.dir.files.Skip(r.c, flvStart(r.c), flvHeader)
	}
	return nil
}

// flvStart is the argument "start", 0 when it is no number.
func flvStart(c *pipeline.Ctx) int64 {
	n, err := strconv.ParseInt(c.Query("start"), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// seeker says that a file is not sent from its start, so that ranges are made of what is.
type seeker struct{ pipeline.ResponseHook }

// Changes tells whether the request names a start.
func (seeker) Changes(c *pipeline.Ctx, _ string, _ int64) bool { return flvStart(c) > 0 }
