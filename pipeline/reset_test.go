package pipeline

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// dirt lists what of v is not as new: everything but the capacity of slices, and the memory of slices of numbers.
func dirt(v reflect.Value, name string) (found []string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Name != "Head" && f.Name != "Match" && f.Name != "watch" && f.Name != "attached" { // see TestReset
				found = append(found, dirt(v.Field(i), name+"."+f.Name)...)
			}
		}
		return found
	case reflect.Slice:
		if v.Len() > 0 {
			found = append(found, name)
		}
		if k := v.Type().Elem().Kind(); k >= reflect.Bool && k <= reflect.Complex128 {
			return found
		}
		for i := range v.Cap() { // what is kept there is kept alive
			if !v.Slice(0, v.Cap()).Index(i).IsZero() {
				found = append(found, name+": an element in its capacity")
			}
		}
		return found
	}
	if !v.IsZero() {
		found = append(found, name)
	}
	return found
}

// After the busiest of requests, a Ctx is as new, whatever it did and however it ended.
func TestReset(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	inner := New()
	inner.Use(&choosing{"alt"})
	inner.Alternative("alt").Get("/{n}", func(c *Ctx) error { return c.SendFile("text/plain", name) }, Inline)
	app := New()
	late := 0
	app.OnStart(func(c *Ctx) { c.Context() })
	app.OnFinish(func(c *Ctx) {
		c.OnClose(func() { c.OnClose(func() { late++ }) })
		c.Set("late", c)
		_ = c.AddHeader("Late", "1")
		c.SetDeadline(time.Now().Add(time.Hour))
		c.Context()
	})
	app.MountApp("/m/", inner)
	busy := func(c *Ctx) {
		c.Set("k", c)
		c.SetParam("p", 1)
		c.SetBodyLimit(5)
		for _, n := range []string{"A", "B", "C"} {
			_ = c.SetHeaderBytes(n, []byte("value"))
		}
		c.DelHeader("B")
		_, _ = c.BodyReader().Read(make([]byte, 3))
		c.OnClose(func() { panic("dropped") })
		c.SetDeadline(time.Now().Add(time.Minute))
	}
	app.Get("/stream/{n}", func(c *Ctx) error {
		busy(c)
		c.CloseAfter()
		return c.Stream(200, "text/plain", 7, func(*Stream) error { return nil })
	})
	app.Get("/error/{n}", func(c *Ctx) error { busy(c); return errors.Join(ErrNotFound, c.SendFile("a/b", name)) })
	app.Get("/panic/{n}", func(c *Ctx) error { busy(c); _, _ = c.Write([]byte("x")); panic("on purpose") })
	app.Get("/abort/{n}", func(c *Ctx) error { busy(c); _ = c.SendFile("a/b", name); Abort(); return nil })
	app.ErrorHandler(404, func(c *Ctx) error { return c.Render(404, nothing{}) })
	app.ErrorHandler(500, func(*Ctx) error { return errors.New("again") })
	chain, err := app.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/stream/1", "/error/1", "/panic/1", "/abort/1", "/m/1", "/none"} {
		c := request(t, "GET "+path)
		c.SetBody([]byte("body"))
		c.SetWorker(false)
		if chain.Run(c) == NeedWorker && path != "/m/1" { // that one leaves before it comes so far
			c.SetWorker(true)
			chain.Run(c)
		}
		c.Reset()
		if found := dirt(reflect.ValueOf(c).Elem(), ""); len(found) > 0 {
			t.Errorf("%s leaves %s", path, strings.Join(found, ", "))
		}
		if c.Param("n") != "" || c.Match.Info() != nil || c.Match.Path() != "" || c.Match.Err != nil || len(c.RestBytes()) > 0 || c.Head.Started() || len(c.Head.Fields) > 0 {
			t.Errorf("%s leaves a match or a head", path)
		}
	}
	if late == 0 {
		t.Error("a function that was added while others ran was not called")
	}
}

// nothing is a deferred response that writes nothing.
type nothing struct{}

func (nothing) Render(*Ctx) error { return nil }
