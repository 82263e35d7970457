package front

import (
	"sync"

	"github.com/wheelpit/wheelpit/pipeline"
)

var apps struct {
	sync.Mutex
	byName map[string]*pipeline.App
}

// RegisterApp gives an application the name under which the directive app finds it. It must be called before the
// configuration is read; a later one of the same name takes its place. Any goroutine may call it.
func RegisterApp(name string, app *pipeline.App) {
	apps.Lock()
	defer apps.Unlock()
	if apps.byName == nil {
		apps.byName = map[string]*pipeline.App{}
	}
	apps.byName[name] = app
}

// RegisteredApp returns the application of a name, nil when there is none.
func RegisteredApp(name string) *pipeline.App {
	apps.Lock()
	defer apps.Unlock()
	return apps.byName[name]
}
