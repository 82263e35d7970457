package conf

import (
	"fmt"
	"slices"
	"strings"
)

// Checks of the main and events contexts.

// WorkerProcesses is the value of worker_processes.
type WorkerProcesses struct {
	// Number is how many there are; 0 with Auto.
	Number int64
	Auto   bool
	// Elastic is the rate in requests a second beyond which another worker is started, 0 for never; Max bounds the
	// workers, 0 is the number of processors. Both are Wheelpit's own: `worker_processes 1 elastic=10000r/s max=auto;`.
	Elastic, Max int64
}

func workerProcesses(c *checker, d *Directive) any {
	var w WorkerProcesses
	if w.Auto = d.Args[0] == "auto"; !w.Auto {
		n, ok := ParseNumber(d.Args[0])
		if !ok {
			c.wrong(d, 1, "invalid value").Hint = `it takes a number or "auto"`
			return nil
		}
		w.Number = n
	}
	for i, a := range d.Args[1:] {
		key, text, _ := strings.Cut(a, "=")
		ok := false
		switch key {
		case "elastic":
			w.Elastic, ok = ParseNumber(strings.TrimSuffix(text, "r/s"))
		case "max":
			if ok = text == "auto"; !ok {
				w.Max, ok = ParseNumber(text)
			}
		default:
			c.errorf(d, i+2, `invalid number of arguments in "%s" directive`, d.Name)
			return nil
		}
		if !ok {
			c.errorf(d, i+2, `invalid parameter "%s"`, a).Hint = "for example elastic=10000r/s max=auto"
			return nil
		}
	}
	return w
}

func priority(c *checker, d *Directive) any {
	text := strings.TrimPrefix(strings.TrimPrefix(d.Args[0], "-"), "+")
	n, ok := ParseNumber(text)
	if !ok || len(d.Args[0])-len(text) > 1 {
		c.wrong(d, 1, "invalid number")
		return nil
	}
	if d.Args[0][0] == '-' {
		n = -n
	}
	return n
}

func connections(c *checker, d *Directive) any {
	n, ok := ParseNumber(d.Args[0])
	if !ok {
		c.errorf(d, 1, `invalid number "%s"`, d.Args[0])
		return nil
	}
	return n
}

func eventMethod(c *checker, d *Directive) any {
	if !slices.Contains([]string{"epoll", "poll", "select"}, d.Args[0]) {
		c.errorf(d, 1, `invalid event type "%s"`, d.Args[0]).Hint = "on Linux it is epoll; the directive can be left out"
		return nil
	}
	return d.Args[0]
}

// logLevels are those of error_log, from the least to the most talkative; debugLevels may stand beside each other.
var (
	logLevels   = []string{"emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"}
	debugLevels = []string{"debug_core", "debug_alloc", "debug_mutex", "debug_event", "debug_http", "debug_mail",
		"debug_stream"}
)

// ErrorLog is the value of error_log.
type ErrorLog struct {
	// Target is a file, "stderr", "syslog:..." or "memory:...".
	Target string
	// Level is one of NGINX's names; "error" when none was given.
	Level string
}

func errorLog(c *checker, d *Directive) any {
	e := ErrorLog{Target: d.Args[0]}
	for i, a := range d.Args[1:] {
		switch {
		case slices.Contains(logLevels, a):
			if e.Level != "" {
				c.errorf(d, i+2, `duplicate log level "%s"`, a)
				return nil
			}
			e.Level = a
		case slices.Contains(debugLevels, a):
			if e.Level != "" && e.Level != "debug" {
				c.errorf(d, i+2, `invalid log level "%s"`, a)
				return nil
			}
			e.Level = "debug"
		default:
			c.errorf(d, i+2, `invalid log level "%s"`, a).Hint = "the levels are: " + strings.Join(logLevels, ", ")
			return nil
		}
	}
	if e.Level == "" {
		e.Level = "error"
	}
	if strings.HasPrefix(e.Target, "memory:") {
		c.errorf(d, 1, "nginx was built without debug support").Hint = "logs are not kept in memory"
		return nil
	}
	return e
}

// resolver checks the parameters behind the addresses of name servers.
func resolver(c *checker, d *Directive) any {
	for i, a := range d.Args {
		if text, ok := strings.CutPrefix(a, "valid="); ok {
			if _, ok := ParseSec(text); !ok {
				c.errorf(d, i+1, `invalid parameter: %s`, a)
				return nil
			}
		}
		for _, p := range []string{"ipv4=", "ipv6="} {
			if text, ok := strings.CutPrefix(a, p); ok && text != "on" && text != "off" {
				c.errorf(d, i+1, `invalid parameter: %s`, a).Hint = fmt.Sprintf("it takes %son or %soff", p, p)
				return nil
			}
		}
	}
	return nil
}
