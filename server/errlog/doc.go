// Package errlog writes NGINX's error log: lines of one format to files, standard error and syslog, each from a level on.
//
//	2026/11/21 12:00:00 [emerg] 123#123: bind() to 0.0.0.0:80 failed (98: Address already in use)
//	date       time      level   pid#pid: *connection text, key: value
//
// The second number is a thread in NGINX; goroutines have none, so it repeats the process.
//
// A [Log] is the set of targets that the error_log directives of one context name. It is written to by its own methods,
// or through [log/slog] with the handler it makes. A line is one write(2) on a file opened for appending, so processes
// share a file without a lock.
//
// Terminology: a *target* is where lines go; the *console* is the standard error of a command that has not gone to the
// background yet, which is told of warnings and worse as "nginx: [emerg] text", whatever the targets are.
//
// Limits: a line has [MaxLine] bytes (NGINX: 2048); a target on a full disk rests for a second (as NGINX's).
package errlog
