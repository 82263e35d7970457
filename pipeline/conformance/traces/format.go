package traces

// line is a line of the file: a scenario and what Django made of it.
type line struct {
	Scenario  scenario `json:"scenario"`
	Trace     []string `json:"trace"`
	Status    *int     `json:"status"`
	Trail     []string `json:"trail"`
	Body      *string  `json:"body"`
	Escaped   string   `json:"escaped"`
	BodyError string   `json:"body_error"`
	LoadError string   `json:"load_error"`
	Logs      []string `json:"logs"`
	Rows      []string `json:"rows"`
	Tags      []string `json:"tags"`
}

type scenario struct {
	ID         string            `json:"id"`
	Middleware []middleware      `json:"middleware"`
	View       action            `json:"view"`
	Path       string            `json:"path"`
	Method     string            `json:"method"`
	Settings   settings          `json:"settings"`
	Handlers   map[string]action `json:"handlers"`
	Probe      bool              `json:"probe"`
	DB         bool              `json:"db"`
}

type settings struct {
	Debug     bool `json:"DEBUG"`
	Propagate bool `json:"DEBUG_PROPAGATE_EXCEPTIONS"`
	Atomic    bool `json:"ATOMIC_REQUESTS"`
}

type middleware struct {
	Name    string            `json:"name"`
	Style   string            `json:"style"`
	Message string            `json:"message"`
	Hooks   map[string]action `json:"hooks"`
}

// action is what a hook, a view or an error handler does.
type action struct {
	Do      string         `json:"do"`
	Exc     string         `json:"exc"`
	Status  int            `json:"status"`
	Render  string         `json:"render"`
	Chunks  *int           `json:"chunks"`
	RaiseAt *int           `json:"raise_at"`
	DB      bool           `json:"db"`
	URLConf *string        `json:"urlconf"`
	HasConf bool           `json:"-"` // urlconf is given, perhaps as null
	SetKw   map[string]any `json:"setkw"`
}
