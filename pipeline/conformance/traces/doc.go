// Package traces replays what real Django did with stacks of middleware, views and error handlers against package pipeline:
// the order of hooks, statuses, bodies, log records, and what a transaction around the view leaves behind. The format is
// that of middleware_traces.jsonl: one scenario with its outcome a line.
package traces
