package master

import (
	"os"
	"slices"
	"strings"
)

// The variables by which the program talks to itself.
const (
	// envRole tells a process that was executed again what it is to be.
	envRole    = "WHEELPIT_PROCESS"
	roleWorker = "worker"
	roleDaemon = "daemon"
	// envSockets lists the descriptors of the listening sockets that a new binary inherits: "3;4;".
	envSockets = "WHEELPIT_SOCKETS"
	// envNginx is NGINX's name for the same list. It is read and written too, so that a running nginx can be replaced by
	// this program, and the other way round, without a refused connection.
	envNginx = "NGINX"
)

// keptEnv are the variables that workers keep without an env directive; names that end in "_" are prefixes. NGINX keeps
// TZ only; the others steer Go's runtime and this program.
var keptEnv = []string{"TZ", "GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GODEBUG", "GOTRACEBACK", "GOCOVERDIR", "WHEELPIT_"}

func role() string { return os.Getenv(envRole) }

func inheritedEnv() string {
	if v := os.Getenv(envSockets); v != "" {
		return v
	}
	if v := os.Getenv(envNginx); strings.Trim(v, "0123456789;:") == "" {
		return v
	}
	return "" // somebody else's variable
}

// childEnv is the environment of a process that is executed again.
func childEnv(add ...string) []string {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if name != envRole && name != envSockets && name != envNginx {
			env = append(env, v)
		}
	}
	return append(env, add...)
}

// setEnvironment leaves the variables that the env directives name, as NGINX does for workers and single processes.
func setEnvironment(directives []string) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !slices.Contains(directives, name) && !kept(name) {
			_ = os.Unsetenv(name)
		}
	}
	for _, d := range directives {
		if name, value, ok := strings.Cut(d, "="); ok {
			_ = os.Setenv(name, value)
		}
	}
}

func kept(name string) bool {
	return slices.ContainsFunc(keptEnv, func(k string) bool {
		return name == k || strings.HasSuffix(k, "_") && strings.HasPrefix(name, k)
	})
}
