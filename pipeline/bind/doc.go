// Package bind fills structs from requests: from the path, the query, header fields, cookies, HTML forms and JSON, and
// answers what is wrong with them as problem details (RFC 9457).
//
//	type Input struct {
//		ID     int        `path:"id"`
//		Page   int        `query:"page" default:"1" validate:"min=1"`
//		Tags   []string   `query:"tag" validate:"max=5"`
//		Title  string     `json:"title" form:"title" validate:"required,max=80"`
//		Avatar *bind.File `file:"avatar"`
//	}
//
//	func update(c *pipeline.Ctx) error {
//		in, err := bind.Into[Input](c)
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// # Terms
//
// A source is where a value comes from; the tag path, query, header, cookie, form, file or json names it and the name of the
// value there. A plan is a struct type made ready for binding, once. A fault of one field is a [FieldError]; all of a request
// are told in one [Problem].
//
// # Rules
//
// The sources of a field are asked in the order of the tags above, and the first that has a value counts: content never
// replaces a path parameter. Once one field has a tag other than json, every exported field needs one, and JSON fills those
// with a json tag alone; json:"-" stands for no source. A struct without such tags is encoding/json's.
//
// Fields are strings, integers, floats, bools (an HTML checkbox's "on" too), []byte, time.Time (RFC 3339, a date, an HTML
// datetime-local), time.Duration, whatever has UnmarshalText, pointers to those (nil when there is no value) and slices of
// those (every value of the name; header fields are split at commas). Of several values for one that is no slice the first
// counts that is not empty; an empty text is no value but for strings and bytes. The fields of embedded structs belong to the
// struct around them. What does not fit its type is an error, and so is a string that is not UTF-8.
//
// Values are checked by the tag validate (go-playground/validator, or another [Validator]), then, when nothing is wrong so
// far, by the struct's own method Validate() error.
//
// # Status
//
// 422 for values, JSON of the wrong shape included; 400 for JSON and forms that cannot be read and for forms beyond their
// [Limits], as in Django; 413 for content beyond Ctx.SetBodyLimit; 415 for a media type, charset or content coding that is
// not read. A mistake in the struct is no Problem but an error of status 500; [Check] finds it before.
//
// # Forms
//
// [ReadForm] reads a form once and keeps it on the request. Files stay in memory up to Limits.FileMemory and go to one
// temporary file beyond it, which has no name and ends with the request. The package holds no more of a form than its limits
// say: Memory for fields, FileMemory for files, PartHeader for what is being looked at.
//
// # Where it runs
//
// Everything but content binds on the reactor as well. Where content is still to be read, or is multipart, an inline handler
// gets pipeline.ErrOffload and, returning it, runs again on a worker.
package bind
