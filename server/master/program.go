package master

import (
	"context"
	"os"
	"time"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// Program is what runs behind the command line: how a configuration is read, and what the version texts tell.
type Program struct {
	// Build reads and checks a configuration.
	Build Build
	// Version is the program's own, such as "0.1.0".
	Version string
	// Modules are NGINX's names of the modules that work, such as "http_gzip_module"; -V declares no others.
	Modules []string
	// Paths are the defaults of the command line; empty ones are those of [DefaultPaths].
	Paths Paths

	generation int      // of the configuration that is read next, 0 for the first
	shared     *os.File // see Spec.Shared
}

// Paths are what NGINX fixes when it is built.
type Paths struct {
	// Prefix is what relative names are relative to, Conf the configuration file, ErrorLog the log before and without a
	// configured one ("stderr" is allowed), PID the pid file.
	Prefix, Conf, ErrorLog, PID string
}

// DefaultPaths are those of Debian's package of NGINX, so that its configuration is found where it lies.
var DefaultPaths = Paths{
	Prefix: "/usr/share/nginx/", Conf: "/etc/nginx/nginx.conf", ErrorLog: "/var/log/nginx/error.log", PID: "/run/nginx.pid",
}

// Build reads a configuration and reports every fault of it to spec.Log; if one of them is fatal it returns [ErrTold], or
// another error that is logged for it. It is called in the master, which takes the settings and drops the rest, and once
// more in each worker, with the same files; it must not listen, start goroutines or change anything outside.
type Build func(spec Spec) (*Plan, error)

// Spec says what to read.
type Spec struct {
	// Conf is the absolute name of the configuration file, ConfPrefix its directory with a slash at the end, for include;
	// Prefix, with a slash, is for all other relative names. Global is the argument of -g.
	Conf, ConfPrefix, Prefix, Global string
	// Version is the program's; Generation is the number of the configuration in the life of the server, from 1.
	Version    string
	Generation int
	// Shared is a file of memory, empty at first, that the workers of the server have in common as long as the master lives;
	// nil where there are none: in the master, and in a process that serves by itself.
	Shared *os.File
	// Test says that nothing will be served: -t, -T and -s.
	Test bool
	// Read reads a file of the configuration, Glob expands a pattern of include. A worker is given what the master read,
	// so that it is never served by a file that was not checked, and may be started again when the files have changed.
	Read func(name string) ([]byte, error)
	Glob func(pattern string) ([]string, error)
	// Secret is Read for files that -T does not print: keys, passwords.
	Secret func(name string) ([]byte, error)
	// Log takes warnings and errors; its Explain takes what helps a person only.
	Log *errlog.Log
}

// Plan is a configuration that was read.
type Plan struct {
	Settings
	// Listen are the sockets the master is to open, each address once.
	Listen []Listen
	// ErrorLogs are the targets of error_log in the main context; without a file or stderr among them, the default log is
	// added at level error.
	ErrorLogs []errlog.Target
	// KeepStderr says that an error_log of an inner context is standard error; it is not turned to the error log then.
	KeepStderr bool
	// LogFiles are the further files that workers open again at a reopen: access logs and error logs of inner contexts.
	// After a rotation the master makes them anew with the workers' owner.
	LogFiles []string
	// TempDirs are directories of temporary files. The master makes those that are not there, for the workers' owner.
	TempDirs []string
	// CacheDirs are directories that are made alike, and without which the workers cannot begin.
	CacheDirs []string
	// Zones is the memory that workers share, each directive and name once.
	Zones []Zone
	// Open prepares the worker with the rights the program was started with: it opens log files and reads keys. It is
	// called in the process that serves, once, with that process's error log.
	Open func(log *errlog.Log) (Worker, error)
}

// Worker serves a configuration. Its methods are called one at a time, but for Requests. With master_process off two
// workers live in one process for the time of a reload: the new one serves before the old one is told to quit.
type Worker interface {
	// Serve begins to serve on the sockets and returns; it is called after rights were dropped. The files are closed when
	// it returns: what is kept must be duplicated (server.Config.Inherited is).
	Serve(sockets []Socket) error
	// Requests is the number of requests answered so far. Any goroutine may call it at any time after Serve.
	Requests() uint64
	// Reopen opens the log files anew, but for the error log that Open was given.
	Reopen() error
	// Quit stops accepting, lets requests in flight finish and returns when all has ended; when ctx ends first, what is
	// left is cut.
	Quit(ctx context.Context) error
}

// Socket is a listening address with its sockets: one, or Listen.ReusePort many.
type Socket struct {
	Listen Listen
	Files  []*os.File
}

// Settings are the directives of NGINX's core that are about processes. The zero value is NGINX's default.
type Settings struct {
	// Foreground is `daemon off`, Single is `master_process off`.
	Foreground, Single bool
	// User and Group are whom workers run as, if the program was started by root; default "nobody". Group defaults to the
	// name of User, as NGINX has it.
	User, Group string
	// UserPlace is where the configuration says so, "FILE:LINE" for a message; may be empty.
	UserPlace string
	// Processes is the number of worker processes, 0 for one; see [Workers].
	Processes int
	// Elastic starts further ones when the load asks for them.
	Elastic Elastic
	// RlimitNofile and RlimitCore are limits of a worker's resources, 0 for the inherited ones; Priority is its niceness.
	RlimitNofile, RlimitCore int64
	Priority                 int
	// CPUs are the processors that a worker runs on, from 0; none leaves that to the system.
	CPUs []int
	// ShutdownTimeout bounds the graceful end of a worker, 0 for no bound (as NGINX).
	ShutdownTimeout time.Duration
	// WorkingDirectory is the current directory of workers, empty for the inherited one.
	WorkingDirectory string
	// PID is the pid file, relative to the prefix; empty for the default.
	PID string
	// Env are the variables that workers keep ("NAME") or are given ("NAME=value") besides those of [keptEnv].
	Env []string
}

// Elastic is `worker_processes N elastic=RATEr/s max=MAX`.
type Elastic struct {
	// Rate is how many requests a second one worker is meant for; 0 switches elasticity off.
	Rate int64
	// Max bounds the processes, 0 for the number of processors.
	Max int
	// Interval is how often the rate is looked at, 0 for a second.
	Interval time.Duration
}

// Workers translates the number of worker_processes: by default one process with so many reactors, which share caches,
// limits and keep-alive connections to upstreams; with elasticity that many processes of one reactor each.
func Workers(n int, elastic bool) (processes, reactors int) {
	if elastic {
		return n, 1
	}
	return 1, n
}

// Listen is one address of listen, with the options that belong to the listening socket.
type Listen struct {
	// Address is "127.0.0.1:80", "[::1]:80" or "unix:/path". It is what messages show.
	Address string
	// Backlog is the queue of the kernel, 0 for 511.
	Backlog int
	// ReusePort is the number of sockets with SO_REUSEPORT, 0 for one without it.
	ReusePort int
	// DualStack is ipv6only=off; Deferred waits for the request before it wakes the server.
	DualStack, Deferred bool
	// FastOpen is the queue of TCP Fast Open, RcvBuf and SndBuf the socket's buffers in bytes; 0 leaves them.
	FastOpen, RcvBuf, SndBuf int
	// KeepAlive is so_keepalive.
	KeepAlive KeepAlive
}

// KeepAlive is so_keepalive: on, off or the system's default. The numbers are in seconds, 0 for the system's.
type KeepAlive struct {
	On, Off               bool
	Idle, Interval, Count int
}
