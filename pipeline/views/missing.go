package views

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/wheelpit/wheelpit/pipeline"
)

// NotFound returns the error that a 404 is made of (Django: raise Http404). The message is for the log and the debug page.
func NotFound(format string, args ...any) error {
	return &pipeline.Error{Status: 404, Message: fmt.Sprintf(format, args...)}
}

// GetOr404 passes on what a look-up returned, with an error that says that nothing was found as a 404 (Django:
// get_object_or_404):
//
//	article, err := views.GetOr404(store.Article(id))
func GetOr404[T any](v T, err error) (T, error) { return v, OrNotFound(err) }

// ListOr404 is GetOr404 for a list, which is a 404 as well when it is empty (Django: get_list_or_404).
func ListOr404[T any](list []T, err error) ([]T, error) {
	if err == nil && len(list) == 0 {
		return nil, NotFound("views: empty list")
	}
	return list, OrNotFound(err)
}

// OrNotFound makes a 404 of an error that says that nothing was found: sql.ErrNoRows, fs.ErrNotExist, or any with a method
// NotFound() bool that returns true, wrapped or not. Other errors, and nil, stay as they are.
func OrNotFound(err error) error {
	if err == nil {
		return nil
	}
	var own interface{ NotFound() bool }
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, fs.ErrNotExist) || errors.As(err, &own) && own.NotFound() {
		return &pipeline.Error{Status: 404, Err: err}
	}
	return err
}

// MethodNotAllowed answers 405 with Allow (Django: HttpResponseNotAllowed). The Exception hooks do not see it; the
// application's error handler of 405 makes the page.
func MethodNotAllowed(c *pipeline.Ctx, allowed ...string) error {
	return notAllowed(strings.Join(allowed, ", "))(c)
}
