package debugpage

import (
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// maxLevels is how deep settings are shown; pointers and interfaces count.
const maxLevels = 8

// flatten lists the values in settings by the way to them.
func (b *builder) flatten(settings any) []entry {
	var list []entry
	if settings != nil {
		b.walk(&list, "", reflect.ValueOf(settings), 0)
	}
	return list
}

func (b *builder) walk(list *[]entry, name string, v reflect.Value, level int) {
	if len(*list) >= maxList {
		return
	}
	text, done := leaf(v)
	if !done && level > maxLevels {
		text, done = v.Type().String(), true
	}
	if done {
		b.note(list, Setting, name, text)
		return
	}
	in := func(key string) string { return strings.TrimPrefix(name+"."+key, ".") }
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		b.walk(list, name, v.Elem(), level+1)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				b.walk(list, in(f.Name), v.Field(i), level+1)
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, k := range keys {
			b.walk(list, in(fmt.Sprint(k)), v.MapIndex(k), level+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			b.walk(list, in(fmt.Sprint(i)), v.Index(i), level+1)
		}
	}
}

// leaf returns the text of a value that has no values in it, or prints itself.
func leaf(v reflect.Value) (string, bool) {
	if !v.IsValid() {
		return "nil", true
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return "nil", true
		}
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return v.Type().String(), true
	}
	switch x := v.Interface().(type) {
	case fmt.Stringer, error:
		return fmt.Sprint(x), true
	case []byte:
		return string(x), true
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice, reflect.Array, reflect.Struct:
		return "", false
	}
	return fmt.Sprint(v), true
}

// buildInfo says what is running.
func buildInfo() []Pair {
	list := []Pair{{"Go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH}}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return list
	}
	list = append(list, Pair{"Program", strings.TrimSpace(info.Main.Path + " " + info.Main.Version)})
	for _, s := range info.Settings {
		if strings.HasPrefix(s.Key, "vcs") {
			list = append(list, Pair{s.Key, s.Value})
		}
	}
	for _, d := range info.Deps {
		if len(list) == maxList {
			break
		}
		list = append(list, Pair{d.Path, d.Version})
	}
	return list
}
