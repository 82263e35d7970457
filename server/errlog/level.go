package errlog

import "log/slog"

// Level is a level of error_log. A smaller one is worse.
type Level uint8

// The levels, numbered as NGINX numbers them.
const (
	Emerg Level = iota + 1
	Alert
	Crit
	Error
	Warn
	Notice
	Info
	Debug
)

var levelNames = [...]string{"", "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"}

// String returns NGINX's name, such as "emerg".
func (l Level) String() string {
	if int(l) >= len(levelNames) {
		return "debug"
	}
	return levelNames[l]
}

// ParseLevel reads a name of error_log's second argument.
func ParseLevel(name string) (Level, bool) {
	for i, n := range levelNames {
		if n == name && n != "" {
			return Level(i), true
		}
	}
	return 0, false
}

// NGINX's levels that slog does not name, on slog's scale.
const (
	SlogNotice = slog.Level(2)
	SlogCrit   = slog.Level(12)
	SlogAlert  = slog.Level(16)
	SlogEmerg  = slog.Level(20)
)

// fromSlog returns the level of a record.
func fromSlog(l slog.Level) Level {
	switch {
	case l >= SlogEmerg:
		return Emerg
	case l >= SlogAlert:
		return Alert
	case l >= SlogCrit:
		return Crit
	case l >= slog.LevelError:
		return Error
	case l >= slog.LevelWarn:
		return Warn
	case l >= SlogNotice:
		return Notice
	case l >= slog.LevelInfo:
		return Info
	}
	return Debug
}
