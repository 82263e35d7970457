package conf

import (
	"math/bits"
	"slices"
	"strings"
)

// Context is a set of places where a directive may stand: NGINX's NGX_..._CONF bits.
type Context uint32

const (
	Main           Context = 1 << iota // outside every block
	Events                             // events { }
	HTTP                               // http { }
	Server                             // server { } in http
	Location                           // location { }
	ServerIf                           // if { } in server
	LocationIf                         // if { } in location
	LimitExcept                        // limit_except { }
	Upstream                           // upstream { } in http
	Mail                               // mail { }
	MailServer                         // server { } in mail
	Stream                             // stream { }
	StreamServer                       // server { } in stream
	StreamUpstream                     // upstream { } in stream
	// Entries is the inside of a block whose lines are data, not directives: types, map, geo and the like.
	Entries

	// EveryHTTP are the three levels that values are inherited through.
	EveryHTTP = HTTP | Server | Location
	anywhere  = Entries - 1
)

var contextNames = [...]string{
	"main", "events", "http", "server", "location", "if in server", "if in location", "limit_except", "upstream",
	"mail", "mail server", "stream", "stream server", "stream upstream", "entries",
}

// names lists the members, in the order they are declared.
func (c Context) names() (list []string) {
	for ; c != 0; c &= c - 1 {
		list = append(list, contextNames[bits.TrailingZeros32(uint32(c))])
	}
	return list
}

func (c Context) String() string { return strings.Join(c.names(), ", ") }

// Arity is the number of arguments a directive takes: a set of allowed numbers, or an open range.
type Arity uint16

const (
	NoArgs Arity = 1 << iota
	Take1
	Take2
	Take3
	Take4
	More1 // one or more
	More2 // two or more
	// Flag is one argument, "on" or "off".
	Flag
	// AnyArgs takes any number.
	AnyArgs

	Take12   = Take1 | Take2
	Take23   = Take2 | Take3
	Take123  = Take1 | Take2 | Take3
	Take1234 = Take123 | Take4

	// maxArgs is the largest number of arguments of a directive that has a fixed set of them (NGINX: NGX_CONF_MAX_ARGS,
	// which counts the name too).
	maxArgs = 7
)

// allows says whether n arguments are right.
func (a Arity) allows(n int) bool {
	switch {
	case a&AnyArgs != 0:
		return true
	case a&Flag != 0:
		return n == 1
	case a&More1 != 0:
		return n >= 1
	case a&More2 != 0:
		return n >= 2
	}
	return n <= maxArgs && a&(NoArgs<<n) != 0 && n <= 4
}

func (a Arity) String() string {
	switch {
	case a&AnyArgs != 0:
		return "any"
	case a&Flag != 0:
		return "on or off"
	case a&More1 != 0:
		return "1 or more"
	case a&More2 != 0:
		return "2 or more"
	}
	var list []string
	for n := range 5 {
		if a&(NoArgs<<n) != 0 {
			list = append(list, itoa(n))
		}
	}
	return strings.Join(list, " or ")
}

// Status says what this program makes of a directive.
type Status uint8

const (
	// Checked directives are read and checked as NGINX does, and nothing executes them: a server refuses to start with
	// one ([Options.Serving]), a syntax check accepts it.
	Checked Status = iota
	// Supported directives do what NGINX's documentation says.
	Supported
	// Accepted directives have no meaning here; they are allowed, with a warning that gives the reason.
	Accepted
	// Refused directives are an error that gives the reason.
	Refused
)

var statusNames = [...]string{"checked", "supported", "accepted", "refused"}

func (s Status) String() string { return statusNames[s] }

// Row is one row of the directive table.
type Row struct {
	Name string
	// In is where it may stand, Args how many arguments it takes.
	In   Context
	Args Arity
	// Opens is the context that its block makes; 0 when it has no block.
	Opens Context
	// Once makes a second one in the same block an error.
	Once bool
	// Vars says that arguments may hold variables. They must exist.
	Vars bool
	// check reads the arguments and reports what is wrong with them; what it returns becomes [Directive.Value]. nil takes
	// them as strings.
	check func(c *checker, d *Directive) any
	// Status and Reason say what this program makes of it. Accepted and Refused rows have a reason.
	Status Status
	Reason string
	// Module is NGINX's name of the module, without "ngx_" and "_module".
	Module string
}

// module is the rows of one NGINX module.
type module struct {
	name string
	rows []Row
}

// table finds the rows of a name. Several modules may have a directive of one name, in different contexts.
var table = map[string][]*Row{}

// init fills the table: rows refer to checks and checks to the table, which a variable's initialiser may not.
func init() {
	for _, m := range modules() {
		for i := range m.rows {
			r := &m.rows[i]
			r.Module = m.name
			table[r.Name] = append(table[r.Name], r)
		}
	}
}

// modules are all rows, in the order the compatibility table prints them.
func modules() []module {
	return slices.Concat(coreModules(), httpModules(), rewriteModules(), accessModules(), contentModules(), filterModules(),
		upstreamModules(), proxyModules(), fastcgiModules(), uwsgiModules(), tlsModules(), ownModules(), mailModules(),
		otherModules())
}

// Rows are all rows of the table by module.
func Rows() (list []*Row) {
	for _, m := range modules() {
		for i := range m.rows {
			list = append(list, &m.rows[i])
		}
	}
	return list
}

// Lookup returns the row of a directive in a context (one bit), nil when it may not stand there.
func Lookup(name string, in Context) *Row {
	for _, r := range table[name] {
		if r.In&in != 0 {
			return r
		}
	}
	return nil
}
