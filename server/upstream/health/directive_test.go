package health

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/server/upstream"
)

func TestDirective(t *testing.T) {
	for text, want := range map[string]Directive{
		"": {Start: upstream.HealthyAtFirst},
		"interval=10 jitter=500ms fails=3 passes=2 uri=/ready port=8080 type=http": {Start: upstream.HealthyAtFirst,
			Config: Config{Interval: 10 * time.Second, Jitter: time.Second / 2, Fails: 3, Passes: 2, URI: "/ready", Port: 8080}},
		"match=welcome mandatory":            {Match: "welcome", Start: upstream.Mandatory},
		"persistent mandatory interval=1m1s": {Start: upstream.MandatoryPersistent, Config: Config{Interval: 61 * time.Second}},
	} {
		if got, err := ParseDirective(strings.Fields(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", text, err, got, want)
		}
	}
	for _, text := range []string{"interval=0", "interval=x", "fails=0", "passes=-1", "port=65536", "uri=ready", "match=", "type=grpc",
		"persistent", "mandatory=1", "what=1", "uri"} {
		if _, err := ParseDirective([]string{text}); err == nil || !strings.Contains(err.Error(), "invalid parameter") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
