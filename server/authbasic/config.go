package authbasic

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"github.com/wheelpit/wheelpit/pipeline"
)

// The limits of the package.
const (
	// MaxFile bounds a user file in bytes.
	MaxFile = 64 << 20
	// DefaultRemember is how long a password with a slow hash is remembered (NGINX: never).
	DefaultRemember = time.Minute

	maxFiles      = 64
	maxRemembered = 1024
)

// Config is what the directives say in one location.
type Config struct {
	// Realm is shown to the user (auth_basic). A request for which it is "off" passes. It must not hold quotation marks.
	Realm pipeline.Value
	// UserFile is the path of the file (auth_basic_user_file).
	UserFile pipeline.Value
	// Remember is how long a password with a slow hash is remembered once it was right; 0 means DefaultRemember, less never.
	Remember time.Duration
	// Log is told of what fails: with slog.LevelError of wrong passwords, slog.LevelInfo of requests without one, and 12
	// (NGINX's crit) of files that cannot be read. It may be nil, and must not block.
	Log func(c *pipeline.Ctx, level slog.Level, message string)
}

// Auth is a pipeline.RequestHook that asks for a password. Any goroutine may use it.
type Auth struct {
	realm    pipeline.Value
	userFile pipeline.Value
	log      func(c *pipeline.Ctx, level slog.Level, message string)
	files    files
	right    remembered
}

// New compiles c.
func New(c Config) (*Auth, error) {
	if c.Realm == nil || c.UserFile == nil {
		return nil, errors.New("authbasic: auth_basic and auth_basic_user_file are needed together")
	}
	if c.Remember == 0 {
		c.Remember = DefaultRemember
	}
	a := &Auth{realm: c.Realm, userFile: c.UserFile, log: c.Log}
	a.right.keep = c.Remember
	_, _ = rand.Read(a.right.key[:]) // it never fails
	return a, nil
}

// NeedsWorker is true: hashes are slow, and files are read.
func (a *Auth) NeedsWorker() bool { return true }

func (a *Auth) say(c *pipeline.Ctx, level slog.Level, message string) {
	if a.log != nil {
		a.log(c, level, message)
	}
}
