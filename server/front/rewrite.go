package front

// Hot: runs for every request; no allocation, no map, no defer.

import (
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/script"
)

// rewriteServer runs the server's part of the rewrite module.
func (r *request) rewriteServer() error {
	p := r.srv.program
	if h := r.srv.realIP; h != nil {
		if err := h.ProcessRequest(r.c); err != nil {
			return err
		}
	}
	r.phase = atFind
	if p == nil {
		return nil
	}
	out := p.Run(r.c)
	r.internal = r.internal || out.Rewritten
	if out.Verdict == script.Done {
		return r.answerRewrite(&out)
	}
	return nil
}

// rewriteLocation runs the location's part of it. A changed URI goes back to the choice of the location.
func (r *request) rewriteLocation() error {
	p := r.loc.program
	r.phase = atAccess
	if f := r.loc.fixed; f != nil {
		f.answer(r)
		r.answered()
		return nil
	}
	if p == nil {
		return nil
	}
	out := p.Run(r.c)
	r.internal = r.internal || out.Rewritten
	r.kept = r.kept || out.Rewritten && out.Verdict == script.Next
	switch out.Verdict {
	case script.Done:
		return r.answerRewrite(&out)
	case script.Restart:
		if r.changes--; r.changes < 0 {
			return errCycle
		}
		r.phase = atFind
	}
	return nil
}

// answerRewrite answers with what return says.
func (r *request) answerRewrite(out *script.Outcome) error {
	c := r.c
	switch {
	case out.Redirect:
		_ = c.SetHeaderBytes("Location", out.Text) // what cannot be a field is left out
		return r.statusError(out.Status)
	case out.HasText:
		_ = c.Bytes(out.Status, r.loc.types.Lookup(c.PathView()), out.Text) // cannot fail
		if out.Status == 204 {
			_ = c.NoContent(out.Status)
			c.Res().ContentType = ""
		}
		r.answered()
		return nil
	}
	return r.statusError(out.Status)
}

// statusError returns the error of a status, made in advance for those that are common.
func (r *request) statusError(status int) error {
	if status >= 0 && status < len(statusErrors) {
		return &statusErrors[status]
	}
	return &pipeline.Error{Status: status}
}

var statusErrors = func() (list [600]pipeline.Error) {
	for i := range list {
		list[i].Status = i
	}
	return list
}()
