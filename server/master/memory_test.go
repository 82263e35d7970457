package master

import (
	"strings"
	"testing"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// A zone that no machine has the memory for stops a start and a test, in NGINX's words; the greatest that is usual does not.
func TestZonesWithoutMemory(t *testing.T) {
	l := &loaded{Plan: &Plan{Zones: []Zone{{Name: "small", Size: 10 << 20, Bytes: 15 << 20}}}}
	if err := l.tryZones(); err != nil {
		t.Fatal(err)
	}
	const none = 1 << 60 // more than the addresses of a process
	l.Zones = append(l.Zones, Zone{Name: "large", Size: 1 << 40, Bytes: none})
	err := l.tryZones()
	if err == nil || !strings.HasPrefix(err.Error(), "mmap(MAP_ANON|MAP_SHARED, 1099511627776) failed (") {
		t.Fatalf("%v", err)
	}
	if level := levelOf(err); level != errlog.Alert {
		t.Errorf("level %v", level)
	}
	if level := levelOf(testPID("/none/none/none")); level != errlog.Emerg {
		t.Errorf("level %v of another fault", level)
	}
}
