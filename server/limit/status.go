package limit

// Hot: asked for by access logs; no allocation, no map, no defer.

import (
	"log/slog"

	"github.com/wheelpit/wheelpit/pipeline"
)

// Level is the value of limit_req_log_level and limit_conn_log_level; the zero value is their default.
type Level uint8

// The levels.
const (
	LevelError Level = iota
	LevelWarn
	LevelNotice
	LevelInfo
)

// slogLevels are the levels as Log functions are told them: NGINX's notice is between slog's info and warn.
var slogLevels = [...]slog.Level{slog.LevelError, slog.LevelWarn, 2, slog.LevelInfo}

// LogFunc is told what an operator should know of a request. It must not block.
type LogFunc func(c *pipeline.Ctx, level slog.Level, message string)

func (f LogFunc) say(c *pipeline.Ctx, level Level, message string) {
	if f != nil {
		f(c, slogLevels[min(level, LevelInfo)], message)
	}
}

// Status is what became of a request.
type Status uint8

// The statuses. Connections are never delayed.
const (
	Passed Status = iota
	Delayed
	Rejected
	DelayedDryRun
	RejectedDryRun
)

var statusNames = [...]string{"PASSED", "DELAYED", "REJECTED", "DELAYED_DRY_RUN", "REJECTED_DRY_RUN"}

// String returns the status as NGINX's variables have it.
func (s Status) String() string { return statusNames[s] }

// statuses are what Ctx.Set keeps: pointers to them cost no allocation.
var statuses = [...]Status{Passed, Delayed, Rejected, DelayedDryRun, RejectedDryRun}

type (
	reqKey  struct{}
	connKey struct{}
)

// ReqStatus returns what limit_req did with the request, and whether it had to do with it.
func ReqStatus(c *pipeline.Ctx) (Status, bool) { return statusOf(c, reqKey{}) }

// ConnStatus is ReqStatus for limit_conn.
func ConnStatus(c *pipeline.Ctx) (Status, bool) { return statusOf(c, connKey{}) }

func statusOf(c *pipeline.Ctx, key any) (Status, bool) {
	if s, ok := c.Main().Get(key).(*Status); ok {
		return *s, true
	}
	return 0, false
}

// AppendReqStatus appends the variable $limit_req_status; false means that it is not found.
func AppendReqStatus(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	s, ok := ReqStatus(c)
	if !ok {
		return dst, false
	}
	return append(dst, s.String()...), true
}

// AppendConnStatus appends the variable $limit_conn_status; false means that it is not found.
func AppendConnStatus(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	s, ok := ConnStatus(c)
	if !ok {
		return dst, false
	}
	return append(dst, s.String()...), true
}
