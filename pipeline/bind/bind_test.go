package bind_test

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/pipeline/bind"
	"github.com/wheelpit/wheelpit/pipeline/pipelinetest"
)

// faults are the field errors of err as "in pointer code", joined by "; ", or the error's text.
func faults(err error) string {
	var p *bind.Problem
	if !errors.As(err, &p) || len(p.Errors) == 0 {
		if err == nil {
			return ""
		}
		return err.Error()
	}
	var list []string
	for _, e := range p.Errors {
		list = append(list, e.In+" "+e.Pointer+" "+e.Code)
	}
	return strings.Join(list, "; ")
}

type kinds struct {
	S   string         `query:"s"`
	B   bool           `query:"b"`
	I8  int8           `query:"i8"`
	I   int            `query:"i"`
	U16 uint16         `query:"u16"`
	F   float64        `query:"f"`
	F32 float32        `query:"f32"`
	T   time.Time      `query:"t"`
	D   time.Duration  `query:"d"`
	A   netip.Addr     `query:"a"`
	L   []int          `query:"l"`
	LS  []string       `query:"ls"`
	P   *int           `query:"p"`
	PS  *string        `query:"ps"`
	LP  []*int         `query:"lp"`
	PA  *netip.Addr    `query:"pa"`
	PD  *time.Duration `query:"pd"`
	By  []byte         `query:"by"`
	N   named          `query:"n"`
	Def int            `query:"def" default:"7"`
	DL  []string       `query:"dl" default:"a,b"`
	inner
	*Outer
}

type named string

type inner struct {
	In string `query:"in"`
}

// Outer is embedded by pointer, which must be exported.
type Outer struct {
	Out int `query:"out"`
}

func ptr[T any](v T) *T { return &v }

func TestKinds(t *testing.T) {
	base := func(change func(*kinds)) kinds {
		k := kinds{Def: 7, DL: []string{"a", "b"}}
		if change != nil {
			change(&k)
		}
		return k
	}
	day := time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		query string
		want  kinds
	}{
		{"", base(nil)},
		{"s=a+b%20c%26&s=second", base(func(k *kinds) { k.S = "a b c&" })},
		{"s=%zz", base(func(k *kinds) { k.S = "%zz" })},
		{"b=on&i8=-128&i=+5&u16=65535", base(func(k *kinds) { k.B, k.I8, k.I, k.U16 = true, -128, 5, 65535 })},
		{"b=off", base(nil)},
		{"i=&b=&f=&t=&d=&a=&p=&l=&def=", base(nil)},
		{"f=1e3&f32=1.5", base(func(k *kinds) { k.F, k.F32 = 1000, 1.5 })},
		{"t=2026-02-03", base(func(k *kinds) { k.T = day })},
		{"t=2026-02-03T04:05:06.7Z", base(func(k *kinds) { k.T = time.Date(2026, 2, 3, 4, 5, 6, 7e8, time.UTC) })},
		{"t=2026-02-03T04:05", base(func(k *kinds) { k.T = day.Add(4*time.Hour + 5*time.Minute) })},
		{"d=1h30m&a=::1", base(func(k *kinds) { k.D, k.A = 90*time.Minute, netip.IPv6Loopback() })},
		{"l=1&l=&l=2&ls=&ls=x", base(func(k *kinds) { k.L, k.LS = []int{1, 2}, []string{"", "x"} })},
		{"p=0&ps=&lp=1&lp=2&pa=1.2.3.4&pd=1s", base(func(k *kinds) {
			k.P, k.PS, k.LP, k.PA, k.PD = ptr(0), ptr(""), []*int{ptr(1), ptr(2)}, ptr(netip.MustParseAddr("1.2.3.4")), ptr(time.Second)
		})},
		{"by=%00%ff&n=x", base(func(k *kinds) { k.By, k.N = []byte{0, 255}, "x" })},
		{"def=0&dl=z", base(func(k *kinds) { k.Def, k.DL = 0, []string{"z"} })},
		{"in=x&out=3", base(func(k *kinds) { k.In, k.Outer = "x", &Outer{3} })},
		{"%73=x&other=1&=&&;", base(func(k *kinds) { k.S = "x" })},
	} {
		t.Run(c.query, func(t *testing.T) {
			got, err := bind.Into[kinds](pipelinetest.NewCtx(t, "GET", "/?"+c.query, pipelinetest.Inline()))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestKindsThatDoNotFit(t *testing.T) {
	for query, want := range map[string]string{
		"s=%ff":                                "query s utf8",
		"b=yes":                                "query b type",
		"i8=128":                               "query i8 range",
		"i8=-129":                              "query i8 range",
		"i8=1.0":                               "query i8 type",
		"i=0x10":                               "query i type",
		"u16=65536":                            "query u16 range",
		"u16=-1":                               "query u16 range",
		"u16=%2B-1":                            "query u16 type",
		"u16=x":                                "query u16 type",
		"f=NaN":                                "query f type",
		"f=Inf":                                "query f type",
		"f=1e999":                              "query f range",
		"f32=1e39":                             "query f32 range",
		"t=yesterday":                          "query t type",
		"d=5":                                  "query d type",
		"a=1.2.3":                              "query a type",
		"l=1&l=x&l=y":                          "query l type",
		"p=x&pa=x":                             "query p type; query pa type",
		"lp=99999999999999999999":              "query lp range",
		"i8=300&b=maybe&out=x&in=%ff&def=none": "query b type; query i8 range; query def type; query in utf8; query out type",
	} {
		_, err := bind.Into[kinds](pipelinetest.NewCtx(t, "GET", "/?"+query, pipelinetest.Inline()))
		if got := faults(err); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
		if status := statusOf(err); status != 422 {
			t.Errorf("%s: status %d", query, status)
		}
	}
}

// statusOf is the status that the pipeline makes of err.
func statusOf(err error) int {
	var e *pipeline.Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 500
}

func TestSources(t *testing.T) {
	type in struct {
		ID    int      `path:"id"`
		Agent string   `header:"x-agent"`
		Tags  []string `header:"X-Tags"`
		Theme string   `cookie:"theme"`
		Name  string   `query:"name" form:"name" json:"name"`
		Both  string   `path:"id" query:"id"`
		Token string   `header:"X-Token" json:"-"`
	}
	app := pipeline.New()
	var got in
	app.Path("u/<int:id>/", func(c *pipeline.Ctx) (err error) {
		if got, err = bind.Into[in](c); err != nil {
			return err
		}
		return c.NoContent(204)
	}, pipeline.Inline)
	client := pipelinetest.NewClient(t, app)
	client.Post("/u/42/?name=q&id=9", pipelinetest.Header("X-AGENT", "me"), pipelinetest.Header("X-Tags", "a, b"),
		pipelinetest.Header("x-tags", "c,"), pipelinetest.Cookie("theme", "dark")).AssertStatus(204)
	want := in{ID: 42, Agent: "me", Tags: []string{"a", "b", "c"}, Theme: "dark", Name: "q", Both: "42"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}

	// JSON knows fields by their Go name as well; what comes from elsewhere must not be set that way.
	evil := `{"name":"json","ID":1,"Agent":"x","tags":["x"],"THEME":"x","Both":"x","Token":"x"}`
	client.Post("/u/42/", pipelinetest.Body("application/json", evil)).AssertStatus(204)
	if want = (in{ID: 42, Name: "json", Both: "42"}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	client.Post("/u/42/?name=query", pipelinetest.Body("application/json", evil)).AssertStatus(204)
	if got.Name != "query" {
		t.Errorf("the query comes before content: %+v", got)
	}
	client.Post("/u/42/", pipelinetest.Form(map[string][]string{"name": {"form"}, "id": {"1"}})).AssertStatus(204)
	if want = (in{ID: 42, Name: "form", Both: "42"}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSetParamCounts(t *testing.T) {
	type in struct {
		ID int8 `path:"id"`
	}
	got, err := bind.Into[in](pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Param("id", 5)))
	if err != nil || got.ID != 5 {
		t.Errorf("%+v %v", got, err)
	}
	_, err = bind.Into[in](pipelinetest.NewCtx(t, "GET", "/", pipelinetest.Param("id", 500)))
	if faults(err) != "path id range" {
		t.Error(err)
	}
}

func TestMistakesInTags(t *testing.T) {
	for want, err := range map[string]error{
		"nil is not a struct": bind.Check(nil),
		"int is not a struct": bind.Check(0),
		"has no tag that says where it comes from": bind.Check(struct {
			Q     string `query:"q"`
			Total int
		}{}),
		"cannot set a map[string]int": bind.Check(struct {
			M map[string]int `query:"m"`
		}{}),
		"cannot set a **int": bind.Check(struct {
			P **int `query:"p"`
		}{}),
		"tag query has no name": bind.Check(struct {
			Q string `query:""`
		}{}),
		`default "x": must be a whole number`: bind.Check(struct {
			Q int `query:"q" default:"x"`
		}{}),
		"is tagged but not exported": bind.Check(struct {
			q string `query:"q"`
		}{}),
		"a file is a *bind.File": bind.Check(struct {
			F []byte `file:"f"`
		}{}),
		"embeds itself": bind.Check(Loop{}),
		"Undefined validation function": bind.Check(struct {
			Q string `query:"q" validate:"nosuchrule"`
		}{}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if err := errors.Join(bind.Check(kinds{}), bind.Check(new(order)), bind.Check(struct{}{})); err != nil {
		t.Error(err)
	}
}

// Loop and LoopAgain embed each other.
type Loop struct{ *LoopAgain }

type LoopAgain struct{ *Loop }

// The plan of a type is made once, whoever comes first.
func TestManyAtOnce(t *testing.T) {
	type in struct {
		Q []int  `query:"q" validate:"dive,max=9"`
		S string `query:"s" default:"x"`
	}
	var wg sync.WaitGroup
	for i := range 8 {
		c := pipelinetest.NewCtx(t, "GET", fmt.Sprintf("/?q=%d&q=%d", i, i+1), pipelinetest.Inline())
		wg.Go(func() {
			if v, err := bind.Into[in](c); (err == nil) != (i < 9) || v.S != "x" || v.Q[1] != i+1 {
				t.Errorf("%+v %v", v, err)
			}
		})
	}
	wg.Wait()
}

func TestNotAPointer(t *testing.T) {
	c := pipelinetest.NewCtx(t, "GET", "/")
	for _, v := range []any{kinds{}, nil, (*kinds)(nil), new(int)} {
		if err := bind.Struct(c, v); err == nil || statusOf(err) != 500 {
			t.Errorf("%T: %v", v, err)
		}
	}
}

type booking struct {
	From  int     `query:"from" validate:"gte=1"`
	To    int     `query:"to" validate:"required"`
	Mail  string  `query:"mail" validate:"omitempty,email"`
	Sort  string  `query:"sort" validate:"omitempty,oneof=asc desc"`
	Code  string  `query:"code" validate:"omitempty,len=3"`
	Items []int   `query:"item" validate:"max=2,dive,min=10"`
	Score float64 `query:"score" validate:"max=1"`
	Odd   string  `query:"odd" validate:"omitempty,hexcolor"`
}

// Validate is the rule over two fields.
func (b *booking) Validate() error {
	switch {
	case b.To == 99:
		return errors.New("99 is never free")
	case b.To == 98:
		return bind.NewProblem(409, "taken")
	case b.To < b.From:
		return errors.Join(bind.Violation{Path: "To", Code: "order", Message: "must not be before from"},
			fmt.Errorf("more: %w", bind.Violation{Path: "From", Code: "order", Message: "must not be behind to"}))
	}
	return nil
}

func TestValidation(t *testing.T) {
	for query, want := range map[string]string{
		"from=1&to=2":                        "",
		"":                                   "query from gte; query to required",
		"from=x&to=y":                        "query from type; query to type",
		"from=5&to=4":                        "query to order; query from order",
		"from=1&to=99":                       "request  invalid",
		"from=1&to=98":                       "409 Conflict: taken",
		"from=1&to=2&mail=x&sort=up&code=12": "query mail email; query sort oneof; query code len",
		"from=1&to=2&item=1&item=10&odd=x":   "query item min; query odd hexcolor",
		"from=1&to=2&item=11&item=12&item=3": "query item max",
		"from=1&to=2&score=2":                "query score max",
	} {
		_, err := bind.Into[booking](pipelinetest.NewCtx(t, "GET", "/?"+query))
		if got := faults(err); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	_, err := bind.Into[booking](pipelinetest.NewCtx(t, "GET", "/?from=0&code=1&item=1&item=2&item=3&sort=x&odd=1"))
	var p *bind.Problem
	if !errors.As(err, &p) {
		t.Fatal(err)
	}
	var texts []string
	for _, e := range p.Errors {
		texts = append(texts, e.Pointer+" "+e.Message)
	}
	want := "from must be at least 1; to is required; sort must be one of: asc desc; code must be exactly 3 characters; " +
		"item must be at most 2 items; odd breaks the rule hexcolor"
	if got := strings.Join(texts, "; "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// refuser is a Validator that finds one thing wrong.
type refuser struct{ err error }

func (r refuser) Validate(any) ([]bind.Violation, error) {
	return []bind.Violation{{Path: "To", Code: "mine", Message: "no"}}, r.err
}

func TestBinderOfAnApplication(t *testing.T) {
	app := pipeline.New()
	app.Use(&bind.Binder{Validator: refuser{}, Limits: bind.Limits{Fields: 2}})
	app.Get("/", func(c *pipeline.Ctx) error {
		_, err := bind.Into[booking](c)
		return c.Text(200, faults(err))
	})
	client := pipelinetest.NewClient(t, app)
	client.Get("/?to=1").AssertBody("query to mine")
	client.Get("/?to=1&a=1&b=1").AssertBody("400 Bad Request: the number of fields exceeds the limit")

	app.Use(&bind.Binder{Limits: bind.Limits{Files: -1}})
	if _, err := app.Compile(); err == nil || !strings.Contains(err.Error(), "negative limit") {
		t.Error(err)
	}
	b := bind.Binder{Validator: refuser{err: errors.New("broken rule")}}
	if err := b.Struct(pipelinetest.NewCtx(t, "GET", "/"), new(booking)); statusOf(err) != 500 {
		t.Error(err)
	}
}
