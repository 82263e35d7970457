package bind_test

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/bind"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

type order struct {
	Customer string            `json:"customer" validate:"required"`
	Items    []item            `json:"items" validate:"dive"`
	When     *time.Time        `json:"when"`
	Small    int8              `json:"small"`
	Labels   map[string]string `json:"a/b~c" validate:"dive,max=3"`
	Ship     *address          `json:"ship"`
	Any      any               `json:"any"`
	Base
	Kind string `json:"kind" default:"plain"`
}

type item struct {
	Price  float64 `json:"price" validate:"gte=0"`
	Amount uint    `json:"amount"`
	Parts  []item  `json:"parts"`
}

type address struct {
	City string `json:"city" validate:"required"`
	Zip  string
}

// Base is embedded without a name: its fields stand in the object around it.
type Base struct {
	Note string `json:"note" validate:"max=5"`
}

func TestJSON(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`{"customer":"a"}`, ""},
		{` {"customer":"a","kind":null,"unknown":1,"Customer":"b"} `, ""},
		{`{"customer":1}`, "body #/customer type"},
		{`{"customer":"a","small":128}`, "body #/small range"},
		{`{"customer":"a","small":1.5}`, "body #/small type"},
		{`{"items":[{"price":"1"},{"price":1,"amount":-1},{"price":-1}],"small":"x","when":"now","ship":[]}`,
			"body #/items/0/price type; body #/items/1/amount range; body #/when type; body #/small type; body #/ship type; " +
				"body #/customer required; body #/items/2/price gte"},
		{`{"customer":"a","items":[{"parts":[{"price":true}]}],"note":5}`, "body #/items/0/parts/0/price type; body #/note type"},
		{`{"CUSTOMER":5}`, "body #/customer type"},
		{`{"customer":"a","note":"123456","a/b~c":{"x":"12345"},"ship":{}}`,
			"body #/a~1b~0c/x max; body #/ship/city required; body #/note max"},
		{`{"customer":"a","a/b~c":{"x":5}}`, "body #/a~1b~0c type"},
		{`[]`, "body # type"},
		{` "x"`, "body # type"},
		{`null`, "body #/customer required"},
		{``, "body #/customer required"},
		{`{"customer":"a"} {}`, "400 Bad Request: the content is not valid JSON at byte 18: invalid character '{' after top-level value"},
		{`{"customer":`, "400 Bad Request: the content is not valid JSON at byte 12: unexpected end of JSON input"},
		{"{\"customer\":\"\xff\"}", "400 Bad Request: the JSON is not UTF-8"},
		{"\ufeff{}", "400 Bad Request: the content is not valid JSON at byte 1: invalid character 'ï' looking for beginning of value"},
		{`{"any":` + strings.Repeat("[", 10001) + strings.Repeat("]", 10001) + "}",
			"400 Bad Request: the content is not valid JSON at byte 10007: invalid character '[' exceeded max depth"},
	} {
		ctx := pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Body("application/json", c.body))
		_, err := bind.Into[order](ctx)
		if got := faults(err); got != c.want {
			t.Errorf("%.80s\ngot  %s\nwant %s", c.body, got, c.want)
		}
	}
}

func TestJSONIsFilled(t *testing.T) {
	body := `{"customer":"a","items":[{"price":1.5,"amount":2}],"when":"2026-02-03T04:05:06Z","ship":{"city":"c","Zip":"z"},"note":"n","any":[1]}`
	got, err := bind.Into[order](pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Chunks("application/vnd.x+json; charset=UTF-8", strings.NewReader(body))))
	if err != nil {
		t.Fatal(err)
	}
	want := order{Customer: "a", Items: []item{{Price: 1.5, Amount: 2}}, When: ptr(time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)),
		Ship: &address{"c", "z"}, Base: Base{"n"}, Any: []any{1.0}, Kind: "plain"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestUnknownMembers(t *testing.T) {
	b := bind.Binder{DisallowUnknownFields: true}
	for body, want := range map[string]string{
		`{"customer":"a"}`:                                "",
		`{"customer":"a","x":1}`:                          "body #/x unknown",
		`{"customer":"a","z":1,"y%":1,"items":[{"q":1}]}`: "body #/items/0/q unknown; body #/y%25 unknown; body #/z unknown",
		`{"customer":"a"} x`:                              "400 Bad Request: the content is not valid JSON at byte 18: invalid character 'x' after top-level value",
	} {
		err := b.Struct(pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Body("application/json", body)), new(order))
		if got := faults(err); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", body, got, want)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	type both struct {
		Name string `form:"name" json:"name"`
	}
	type query struct {
		Q string `query:"q"`
	}
	intoBoth := func(c *pipeline.Ctx) error { _, err := bind.Into[both](c); return err }
	intoJSON := func(c *pipeline.Ctx) error { _, err := bind.Into[address](c); return err }
	intoQuery := func(c *pipeline.Ctx) error { _, err := bind.Into[query](c); return err }
	body := pipelinetest.Body
	for _, c := range []struct {
		name   string
		into   func(*pipeline.Ctx) error
		opts   []pipelinetest.Option
		status int
		accept string
	}{
		{"JSON", intoBoth, []pipelinetest.Option{body("application/json", "{}")}, 204, ""},
		{"form", intoBoth, []pipelinetest.Option{body("application/x-www-form-urlencoded", "name=x")}, 204, ""},
		{"text", intoBoth, []pipelinetest.Option{body("text/plain", "x")}, 415, "application/json, application/x-www-form-urlencoded, multipart/form-data"},
		{"no type", intoBoth, []pipelinetest.Option{body("", "{}")}, 415, "application/json, application/x-www-form-urlencoded, multipart/form-data"},
		{"nonsense", intoBoth, []pipelinetest.Option{body("a b/;;", "{}")}, 415, "application/json, application/x-www-form-urlencoded, multipart/form-data"},
		{"no content", intoBoth, nil, 204, ""},
		{"form for JSON", intoJSON, []pipelinetest.Option{body("application/x-www-form-urlencoded", "city=x")}, 415, "application/json"},
		{"chunked text", intoJSON, []pipelinetest.Option{pipelinetest.Chunks("text/plain", strings.NewReader("x"))}, 415, "application/json"},
		{"chunked nothing", intoBoth, []pipelinetest.Option{pipelinetest.Chunks("text/plain", strings.NewReader(""))}, 204, ""},
		{"Latin-1 JSON", intoBoth, []pipelinetest.Option{body("application/json; charset=latin1", "{}")}, 415, "application/json, application/x-www-form-urlencoded, multipart/form-data"},
		{"Latin-1 form", intoBoth, []pipelinetest.Option{body("application/x-www-form-urlencoded; charset=latin1", "name=x")}, 400, ""},
		{"compressed", intoBoth, []pipelinetest.Option{body("application/json", "{}"), pipelinetest.Header("Content-Encoding", "gzip")}, 415, ""},
		{"identity", intoBoth, []pipelinetest.Option{body("application/json", "{}"), pipelinetest.Header("Content-Encoding", "Identity")}, 204, ""},
		{"not looked at", intoQuery, []pipelinetest.Option{body("text/plain", "x")}, 204, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx := pipelinetest.NewCtx(t, "POST", "/", c.opts...)
			err := c.into(ctx)
			var p *bind.Problem
			if err == nil {
				ctx.NoContent(204)
			} else if !errors.As(err, &p) {
				t.Fatal(err)
			} else if err = bind.Write(ctx, p); err != nil {
				t.Fatal(err)
			}
			res := pipelinetest.Of(t, ctx).AssertStatus(c.status)
			if got := res.Header.Get("Accept"); got != c.accept {
				t.Errorf("Accept: %q", got)
			}
			if coded := res.Header.Get("Accept-Encoding"); (coded != "") != (c.name == "compressed") {
				t.Errorf("Accept-Encoding: %q", coded)
			}
		})
	}
}

func TestBodyLimit(t *testing.T) {
	for _, opt := range []pipelinetest.Option{
		pipelinetest.Body("application/json", `{"city":"123456789"}`),
		pipelinetest.Chunks("application/json", strings.NewReader(`{"city":"123456789"}`)),
	} {
		c := pipelinetest.NewCtx(t, "POST", "/", opt)
		c.SetBodyLimit(10)
		_, err := bind.Into[address](c)
		if statusOf(err) != 413 || !errors.Is(err, pipeline.ErrBodyTooLarge) {
			t.Error(err)
		}
	}
}

// codec is a Codec that refuses everything, with an error of its own.
type codec struct{ err error }

func (c codec) Decode(data []byte, v any, strict bool) error {
	if !strict {
		return errors.New("not strict")
	}
	v.(*address).City = string(data)
	return c.err
}

func TestCodec(t *testing.T) {
	decode := func(err error) (address, error) {
		b := bind.Binder{Codec: codec{err}, DisallowUnknownFields: true}
		var v address
		err = b.Struct(pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Body("application/json", "data")), &v)
		return v, err
	}
	if v, err := decode(nil); err != nil || v.City != "data" {
		t.Errorf("%+v %v", v, err)
	}
	if _, err := decode(io.ErrUnexpectedEOF); statusOf(err) != 400 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if _, err := decode(bind.NewProblem(418, "")); statusOf(err) != 418 {
		t.Error(err)
	}
}

// A handler on the reactor is called again on a worker when content is still to be read.
func TestInlineHandlerLeavesForContent(t *testing.T) {
	chunks := pipelinetest.Chunks("application/json", strings.NewReader(`{"city":"x"}`))
	c := pipelinetest.NewCtx(t, "POST", "/", chunks, pipelinetest.Inline())
	if _, err := bind.Into[address](c); !errors.Is(err, pipeline.ErrOffload) {
		t.Fatal(err)
	}
	c.SetWorker(true)
	if v, err := bind.Into[address](c); err != nil || v.City != "x" {
		t.Errorf("%+v %v", v, err)
	}
	c = pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Body("application/json", `{"city":"y"}`), pipelinetest.Inline())
	c.SetBody([]byte(`{"city":"y"}`))
	if v, err := bind.Into[address](c); err != nil || v.City != "y" {
		t.Errorf("%+v %v", v, err)
	}
}

func TestErrorsAreBounded(t *testing.T) {
	body := `{"customer":"a","items":[` + strings.Repeat(`{"price":"x"},`, 5000) + `{}]}`
	_, err := bind.Into[order](pipelinetest.NewCtx(t, "POST", "/", pipelinetest.Body("application/json", body)))
	var p *bind.Problem
	if !errors.As(err, &p) || len(p.Errors) != 100 {
		t.Errorf("%d errors", len(p.Errors))
	}
	if !strings.HasSuffix(p.Error(), "and 97 more") {
		t.Error(p)
	}
}

func TestProblem(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/?from=%3Cb%3E")
	_, err := bind.Into[booking](c)
	var p *bind.Problem
	if !errors.As(err, &p) {
		t.Fatal(err)
	}
	if a := pipeline.AnswererOf(err); a != error(p) || a.Answer(c) != nil {
		t.Errorf("answerer %v", a)
	}
	res := pipelinetest.Of(t, c).AssertStatus(422).AssertHeader("Content-Type", "application/problem+json")
	res.AssertBody(`{"title":"Unprocessable Content","status":422,"detail":"the request has invalid values","errors":[` +
		`{"in":"query","pointer":"from","code":"type","message":"must be a whole number"},` +
		`{"in":"query","pointer":"to","code":"required","message":"is required"}]}`)
	if got, want := err.Error(), `422 Unprocessable Content: the request has invalid values; query "from" must be a whole number; query "to" is required`; got != want {
		t.Error(got)
	}

	c = pipelinetest.NewCtx(t, "GET", "/")
	bind.Write(c, &bind.Problem{Type: "https://example.com/p", Status: 200, Instance: "/i"})
	res = pipelinetest.Of(t, c).AssertStatus(500)
	var back bind.Problem
	if err := json.Unmarshal(res.Body, &back); err != nil || back.Type != "https://example.com/p" || back.Instance != "/i" {
		t.Errorf("%+v %v", back, err)
	}
	if err := bind.Write(c, &bind.Problem{Status: 400, Header: []pipeline.ResponseField{{Name: "X", Value: "a\r\nb"}}}); err == nil {
		t.Error("a line end in a field")
	}
}
