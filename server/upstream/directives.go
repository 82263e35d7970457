package upstream

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wheelpit/wheelpit/server/conf"
)

// Directive puts one directive of an upstream block into c: a balancing method, server, sticky, zone or queue, with its arguments as
// they are written. Its errors are worded as NGINX's, for what stands behind them in its log. Values with variables (Key, and those
// of Sticky) are kept as they are written; whoever carries requests evaluates them.
func (c *Config) Directive(name string, args []string) error {
	if least := map[string]int{"hash": 1, "least_time": 1, "zone": 1, "queue": 1, "server": 1, "sticky": 2}; len(args) < least[name] {
		return errArguments
	}
	switch name {
	case "least_conn":
		c.Method = LeastConn
	case "ip_hash":
		c.Method = IPHash
	case "hash":
		return c.hash(args)
	case "least_time":
		return c.leastTime(args)
	case "random":
		return c.random(args)
	case "zone":
		c.Zone = args[0]
	case "queue":
		return c.queue(args)
	case "sticky":
		return c.sticky(args)
	case "server":
		s, err := ParseServer(args)
		c.Servers = append(c.Servers, s)
		return err
	default:
		return fmt.Errorf("unknown directive %q", name)
	}
	return nil
}

var errArguments = errors.New("invalid number of arguments")

func invalid(parameter string) error { return fmt.Errorf("invalid parameter %q", parameter) }

func (c *Config) hash(args []string) error {
	c.Method, c.Key = Hash, args[0]
	if len(args) > 1 {
		if args[1] != "consistent" {
			return invalid(args[1])
		}
		c.Method = HashConsistent
	}
	return nil
}

func (c *Config) leastTime(args []string) error {
	switch args[0] {
	case "header":
		c.Method = LeastTimeHeader
	case "last_byte":
		c.Method = LeastTimeLastByte
	default:
		return fmt.Errorf("invalid value %q", args[0])
	}
	if len(args) > 1 {
		if args[1] != "inflight" {
			return invalid(args[1])
		}
		c.Inflight = true
	}
	return nil
}

func (c *Config) random(args []string) error {
	switch strings.Join(args, " ") {
	case "":
		c.Method = Random
	case "two", "two least_conn":
		c.Method = RandomTwo
	case "two least_time=header":
		c.Method = RandomTwoHeader
	case "two least_time=last_byte":
		c.Method = RandomTwoLastByte
	default:
		if args[0] != "two" {
			return invalid(args[0])
		}
		return invalid(args[1])
	}
	return nil
}

func (c *Config) queue(args []string) error {
	n, ok := conf.ParseNumber(args[0])
	if !ok || n == 0 || n > maxConnsBound {
		return fmt.Errorf("invalid value %q", args[0])
	}
	c.Queue = int(n)
	for _, a := range args[1:] {
		text, is := strings.CutPrefix(a, "timeout=")
		ms, ok := conf.ParseMsec(text)
		if !is || !ok || ms == 0 {
			return invalid(a)
		}
		c.QueueTimeout = time.Duration(ms) * time.Millisecond
	}
	return nil
}

// ParseServer reads the arguments of a server directive. Addrs are left to the caller, who resolves names.
func ParseServer(args []string) (ServerConfig, error) {
	if len(args) == 0 {
		return ServerConfig{}, errArguments
	}
	s := ServerConfig{Address: args[0]}
	for _, a := range args[1:] {
		if err := s.parameter(a); err != nil {
			return s, err
		}
	}
	if s.Service != "" && !s.Resolve {
		return s, fmt.Errorf("service upstream %q requires \"resolve\" parameter", s.Address)
	}
	return s, nil
}

func (s *ServerConfig) parameter(a string) error {
	key, text, hasValue := strings.Cut(a, "=")
	words := map[string]*bool{"backup": &s.Backup, "down": &s.Down, "drain": &s.Drain, "resolve": &s.Resolve}
	if word := words[a]; word != nil {
		*word = true
		return nil
	}
	ok := hasValue
	var n int64
	switch key {
	case "weight":
		n, ok = conf.ParseNumber(text)
		s.Weight, ok = int(n), ok && n > 0
	case "max_conns":
		n, ok = conf.ParseNumber(text)
		s.MaxConns = int(n)
	case "max_fails":
		n, ok = conf.ParseNumber(text)
		if s.MaxFails = int(n); n == 0 {
			s.MaxFails = -1
		}
	case "fail_timeout":
		n, ok = conf.ParseSec(text)
		if s.FailTimeout = time.Duration(n) * time.Second; n == 0 {
			s.FailTimeout = 1 // for the same millisecond only
		}
	case "slow_start":
		n, ok = conf.ParseMsec(text)
		s.SlowStart = time.Duration(n) * time.Millisecond
	case "route":
		if s.Route = text; text == "" {
			return errors.New("route is empty")
		}
	case "service":
		if s.Service = text; text == "" {
			return errors.New("service is empty")
		}
	default:
		ok = false
	}
	if !ok || !hasValue {
		return invalid(a)
	}
	return nil
}

func (c *Config) sticky(args []string) error {
	if c.Sticky != nil {
		return errors.New("is duplicate")
	}
	c.Sticky = new(StickyConfig)
	switch args[0] {
	case "cookie":
		return c.Sticky.cookie(args[1:])
	case "route":
		c.Sticky.Kind, c.Sticky.Lookup = StickyRoute, args[1:]
		if i := slices.IndexFunc(args[1:], func(a string) bool { return !strings.HasPrefix(a, "$") }); i >= 0 {
			return fmt.Errorf("invalid variable name %q", args[i+1])
		}
		return nil
	case "learn":
		return c.Sticky.learn(args[1:])
	}
	return fmt.Errorf("unknown parameter %q", args[0])
}

func (s *StickyConfig) cookie(args []string) error {
	s.Kind, s.Cookie, s.Lookup = StickyCookie, args[0], []string{"$cookie_" + args[0]}
	seen := map[string]bool{}
	for _, a := range args[1:] {
		key, text, _ := strings.Cut(a, "=")
		if seen[key] {
			return fmt.Errorf("parameter %q is duplicate", key)
		}
		seen[key] = true
		switch {
		case a == "httponly":
			s.HTTPOnly = true
		case a == "secure":
			s.Secure = true
		case key == a:
			return fmt.Errorf("unknown parameter %q", a)
		case key == "expires" && text == "max":
			s.Expires = Forever
		case key == "expires":
			n, ok := conf.ParseSec(text)
			if !ok {
				return errors.New(`invalid "expires" parameter value`)
			}
			s.Expires = time.Duration(n) * time.Second
		case (key == "domain" || key == "path") && text == "":
			return fmt.Errorf("no value for %q", key)
		case key == "domain":
			s.Domain = text
		case key == "path":
			s.Path = text
		case key == "samesite":
			s.SameSite = text
		default:
			return fmt.Errorf("unknown parameter %q", a)
		}
	}
	return nil
}

func (s *StickyConfig) learn(args []string) error {
	s.Kind = StickyLearn
	for _, a := range args {
		key, text, _ := strings.Cut(a, "=")
		switch {
		case a == "header":
			s.Header = true
		case key == "zone":
			zone, size, sized := strings.Cut(text, ":")
			n, ok := conf.ParseSize(size)
			if !sized || !ok {
				return errors.New("invalid zone size")
			}
			s.Zone, s.ZoneSize = zone, int(min(n, maxZone))
		case key == "timeout":
			n, ok := conf.ParseMsec(text)
			if !ok || n == 0 {
				return errors.New("invalid timeout")
			}
			s.Timeout = time.Duration(n) * time.Millisecond
		case key == "create" && strings.HasPrefix(text, "$"):
			s.Create = append(s.Create, text)
		case key == "lookup" && strings.HasPrefix(text, "$"):
			s.Lookup = append(s.Lookup, text)
		case key == "create" || key == "lookup":
			return fmt.Errorf("missing variable in the %q parameter", key)
		default:
			return fmt.Errorf("unknown parameter %q", a)
		}
	}
	switch {
	case len(s.Lookup) == 0:
		return errors.New(`"lookup" parameter is not specified`)
	case len(s.Create) == 0:
		return errors.New(`"create" parameter is not specified`)
	}
	return nil
}
