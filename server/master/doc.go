// Package master is NGINX's command line and process model, whatever it is that the workers serve.
//
//	shell ─▶ Main ─▶ options, -t, -s ... ─▶ master ──┬─ executes itself ─▶ worker: Build, Open, Serve
//	                                          │      ├─ executes itself ─▶ worker
//	                       holds the sockets ─┘      └─ executes the file it was started from ─▶ new binary (USR2)
//
// A [Program] brings a [Build], which reads a configuration and answers with a [Plan]: the settings, the addresses, and how
// to open a [Worker]. The master takes the settings and addresses from it; it never opens a worker, so code that serves
// does not run with the rights of root.
//
// # Processes
//
// Go cannot fork, so every process is the program executed again (/proc/self/exe, the running file even when its name holds
// another by now), told by an environment variable what it is. A worker gets the listening sockets as descriptors, and
// over a pipe a hello: where things are, and the text of every file that the master has read. It builds the same plan from
// the same bytes; so a worker that is replaced after a crash serves what was checked, though the files may be broken by
// then. A worker prepares itself with the rights of the master (it opens logs and keys), then becomes its user, then
// serves, then reports that it is ready.
//
// Workers of all generations share a file in memory, [Spec].Shared, for what they count. The zones of a configuration,
// [Plan].Zones, are files in memory as well, each with a name and a size: one that the next configuration has, too, goes on
// there, and when a worker has ended the master gives back what it held. A new binary (USR2) makes its own, as NGINX's does.
//
// A configuration is a *generation*. A reload reads and checks it, opens the addresses that are new, starts a generation of
// workers, and when all of them are ready lets the old ones finish. Whatever fails before that moment leaves the old
// generation as it is (NGINX checks as far as the master can, and replaces the workers whether the new ones live or not).
//
// The start is the same: the pid file is written, and `daemon on` lets the shell go on, when the workers are ready. If they
// cannot become ready, the program exits with 1 and leaves no pid file.
//
// # worker_processes
//
// By default one process does everything with as many reactors as worker_processes says: they share caches, limits, zones
// and upstream connections without shared memory, which is what NGINX's processes cannot. What is lost is that a crash
// costs the connections of one of N processes only; a panic costs one connection here, and a process that ends is replaced
// at once. Several processes there are with `worker_processes N elastic=RATEr/s max=M`: N processes of one reactor at
// least, M at most (default: the processors), which share their counters and the zones of limits. See [Workers].
//
// Workers report the requests they have served every second. When the rate of all is above RATE times their number for
// three seconds in a row, another is started; when it is below 0.8 times what one fewer is meant for, for ten seconds in a
// row, the youngest is retired gracefully. The gap between the two (the hysteresis) keeps a steady load from starting and
// retiring by turns.
//
// # Signals
//
//	TERM, INT  end at once: workers have 1.5 s, then they are killed
//	QUIT       end gracefully, within worker_shutdown_timeout
//	HUP        reload; one that comes during another is done after it
//	USR1       open the logs anew
//	USR2       execute the binary again with the sockets; the pid file becomes nginx.pid.oldbin
//	WINCH      end the workers gracefully and stay (in the background only); HUP starts them again
//
// The sockets are passed on in the variables WHEELPIT_SOCKETS and NGINX ("3;4;"), and taken from either, so USR2 replaces a
// running nginx by this program and this program by nginx.
//
// # Service managers
//
// With NOTIFY_SOCKET in its environment the program tells READY=1 when it serves, RELOADING=1, STOPPING=1, a STATUS, and the
// MAINPID of an upgrade, as sd_notify(3) describes: for units with `daemon off` and Type=notify or notify-reload. With
// WATCHDOG_USEC the master gives a sign of life twice in that time.
//
// # Verbs
//
// The master keeps a [State] beside its pid file: how many configurations and reloads there were, which failed, which workers
// serve and which finish. [Control] sends a signal and reads from it when the work is done: that is what
// `wheelpit reload --wait` and its kin do. Nothing in the server depends on the file.
//
// # Where this differs from NGINX
//
//   - Standard error goes to the error log once the server serves, as in NGINX; until then it has warnings and worse.
//   - Workers whose master was killed finish and leave, so that the port is free for the next start. NGINX's serve on.
//   - A worker that ends unasked is replaced at once the first time, then after 0.1 s, doubled up to 5 s, until one has lived
//     for 10 s. NGINX replaces at once, and not at all after exit code 2, which is how Go ends on a panic.
//   - The environment of workers keeps Go's variables (GOGC, GOMEMLIMIT, ...) and those that begin with WHEELPIT_ beside TZ.
//   - A unix socket that a dead server left behind is taken over; NGINX cannot bind it.
//   - Messages about signals do not name the sender, which Go does not tell.
//   - The pid file is put in its place by renaming. The state lies beside it, with the suffix ".state".
//   - -v prints `nginx version: nginx/1.30.0 (wheelpit/VERSION)`: the number is the version of NGINX that is followed, for
//     scripts that compare it; the parentheses are where a build of NGINX shows its name. -V declares the modules that work
//     and says --without for NGINX's standard ones that do not.
//
// # Terminology
//
// A *master* holds sockets and looks after *workers*; a *single* process is both (`master_process off`). To *quit* is to end
// gracefully, to *stop* is to end at once. The *starter* is the process that went away when the server went to the
// background.
//
// # Limits, with NGINX's beside them
//
//	addresses in use are tried 5 times, every 500 ms (the same); a backlog is 511 unless given (the same)
//	a graceful end is not bounded unless worker_shutdown_timeout is given (the same)
package master
