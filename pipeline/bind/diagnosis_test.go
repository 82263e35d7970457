package bind

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"testing"
	"time"
)

type everything struct {
	S  string           `json:"s"`
	N  int8             `json:"n,omitempty"`
	U  *uint16          `json:"u"`
	F  float32          `json:"f"`
	B  bool             `json:"b"`
	T  time.Time        `json:"t"`
	A  netip.Addr       `json:"a"`
	By []byte           `json:"by"`
	L  []everything     `json:"l"`
	P  **everything     `json:"p"`
	R  [2]int           `json:"r"`
	M  map[string]int   `json:"m"`
	Q  int              `json:"q,string"`
	QS *string          `json:"qs,string"`
	X  any              `json:"x"`
	W  json.RawMessage  `json:"w"`
	K  map[int]struct{} `json:"k"`
	Hidden
	*Pointed
	Untagged string
	Never    string `json:"-"`
	Nested   struct {
		S string `json:"s"`
	} `json:"nested"`
}

// Hidden has a field that the struct around it hides.
type Hidden struct {
	S     []int `json:"s"`
	Other int   `json:"other"`
}

// Pointed is embedded by pointer.
type Pointed struct {
	Far string `json:"far"`
}

// diagnosed is what the diagnosis makes of an object.
func diagnosed(data string) (everything, []FieldError) {
	var v everything
	g := binding{Binder: standard, v: reflect.ValueOf(&v).Elem()}
	diagnosis{&g}.members([]byte(data), g.v, "", 0)
	return v, g.errs
}

func TestDiagnosisAgreesWithJSON(t *testing.T) {
	for _, data := range []string{
		`{"s":"a","n":-128,"u":5,"f":1.5,"b":true,"t":"2026-02-03T04:05:06Z","a":"::1","by":"aGk=","l":[{"s":"b"},null,{"l":[]}]}`,
		`{"p":{"p":null,"n":1},"r":[1,2,3],"m":{"a":1},"q":"5","qs":"\"x\"","x":[{}],"w":{"a":1},"k":{"5":{}}}`,
		`{"q":null,"qs":null,"t":null,"l":null,"p":null}`,
		`{"other":1,"far":"x","Untagged":"y","nested":{"s":"n"},"Never":"no","private":"no"}`,
		`{"N":1,"UNTAGGED":"u"}`,
	} {
		var want everything
		if err := json.Unmarshal([]byte(data), &want); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		got, errs := diagnosed(data)
		if len(errs) > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\ngot  %+v %v\nwant %+v", data, got, errs, want)
		}
	}
}

func TestDiagnosisMessages(t *testing.T) {
	for data, want := range map[string]string{
		`{"q":5}`:                      "type must be a whole number within a string",
		`{"q":"x"}`:                    "type must be a whole number within a string",
		`{"q":"1.5"}`:                  "type must be a whole number within a string",
		`{"q":"99999999999999999999"}`: "type must be a whole number within a string",
		`{"qs":"x"}`:                   "type must be a string within a string",
		`{"r":5}`:                      "type must be an array",
		`{"m":[]}`:                     "type must be an object",
		`{"b":0}`:                      "type must be true or false",
		`{"f":true}`:                   "type must be a number",
		`{"a":"x"}`:                    "invalid is not valid",
		`{"k":{"x":{}}}`:               "type must be a whole number",
		`{"by":"*"}`:                   "invalid is not valid",
		`{"by":[1,2,300]}`:             "range must be between 0 and 255",
	} {
		_, errs := diagnosed(data)
		if len(errs) != 1 || errs[0].Code+" "+errs[0].Message != want {
			t.Errorf("%s: %v", data, errs)
		}
	}
}

// What encoding/json decodes, the diagnosis finds nothing wrong with.
func FuzzDiagnosis(f *testing.F) {
	for _, s := range []string{`{"":{}}`, `{"s":"a","n":1,"l":[{"l":[{"l":[{"l":[{"l":[{"l":[{"n":300}]}]}]}]}]}]}`, `{"q":"1","qs":"\"\""}`, `{"S":"a","s":"b"}`,
		`{"nested":{"S":"x"},"p":{"p":{"n":1}}}`, `{"q":" 1"}`, `{"q":"00"}`, `{"n":null,"q":"null"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		if len(data) == 0 || data[0] != '{' || json.Unmarshal([]byte(data), new(everything)) != nil {
			return
		}
		if _, errs := diagnosed(data); len(errs) > 0 {
			t.Errorf("%q: %v", data, errs)
		}
	})
}

func TestPointers(t *testing.T) {
	type inner struct {
		Name string `json:"na/me"`
		Hidden
	}
	type outer struct {
		Items []inner          `json:"items"`
		Map   map[string]inner `json:"map"`
		Ptr   *[]*inner        `json:"ptr"`
		Query []string         `query:"q"`
	}
	p, err := planOf(reflect.TypeFor[outer]())
	if err != nil {
		t.Fatal(err)
	}
	g := binding{plan: p, json: true, from: []source{numSources, numSources, numSources, fromQuery}}
	for path, want := range map[string]string{
		"Items":              "body #/items",
		"Items[3].Name":      "body #/items/3/na~1me",
		"Items[3].Hidden.S":  "body #/items/3/s",
		"Map[a.b].Name":      "body #/map/a.b/na~1me",
		"Map[a]b].Name":      "body #/map/a%5Db/na~1me",
		"Ptr[0].Name":        "body #/ptr/0/na~1me",
		"Query[2]":           "query q",
		"Items[":             "body #/items",
		"Items.Name":         "body #/items",
		"Items[1].NoSuch":    "body #/items/1",
		"Nothing":            "body #",
		"ItemsMore":          "body #",
		"Items[1].Name[0]":   "body #/items/1/na~1me",
		"Map[\u00e9 %].Name": "body #/map/%C3%A9%20%25/na~1me",
	} {
		s, pointer := g.locate(path)
		if got := sourceNames[s] + " " + pointer; got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
