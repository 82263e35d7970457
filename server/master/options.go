package master

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// options are NGINX's command line.
type options struct {
	help, version, configure bool
	test, dump, quiet        bool
	prefix, conf, errorLog   string
	global, signal           string
}

// valued are the options that take a value, with what NGINX calls the missing one.
var valued = map[byte]string{'p': "directory name", 'e': "file name", 'c': "file name", 'g': "parameter", 's': "parameter"}

// parseOptions reads the arguments behind the program's name as NGINX does: letters may be grouped, and a value follows
// its letter at once or as the next argument. The errors are NGINX's.
func parseOptions(args []string) (o options, err error) {
	for i := 0; i < len(args); i++ {
		group, ok := strings.CutPrefix(args[i], "-")
		if !ok {
			return o, fmt.Errorf(`invalid option: "%s"`, args[i])
		}
		for j := 0; j < len(group); j++ {
			letter := group[j]
			what, takes := valued[letter]
			if !takes {
				if !o.flag(letter) {
					return o, fmt.Errorf(`invalid option: "%c"`, letter)
				}
				continue
			}
			value := group[j+1:]
			if value == "" {
				if i++; i == len(args) {
					return o, fmt.Errorf(`option "-%c" requires %s`, letter, what)
				}
				value = args[i]
			}
			if err := o.value(letter, value); err != nil {
				return o, err
			}
			break
		}
	}
	return o, nil
}

// flag sets an option without a value.
func (o *options) flag(letter byte) bool {
	switch letter {
	case '?', 'h':
		o.help, o.version = true, true
	case 'v':
		o.version = true
	case 'V':
		o.version, o.configure = true, true
	case 't':
		o.test = true
	case 'T':
		o.test, o.dump = true, true
	case 'q':
		o.quiet = true
	default:
		return false
	}
	return true
}

func (o *options) value(letter byte, value string) error {
	switch letter {
	case 'p':
		o.prefix = value
	case 'e':
		o.errorLog = value
	case 'c':
		o.conf = value
	case 'g':
		o.global = value
	case 's':
		if signals[value] == 0 {
			return fmt.Errorf(`invalid option: "-s %s"`, value)
		}
		o.signal = value
	}
	return nil
}

// Wants says whether a command line is NGINX's: its first argument begins with one "-", or there is none and the program
// is called nginx, or this process was started by a master.
func Wants(argv []string) bool {
	if role() != "" {
		return true
	}
	if len(argv) < 2 {
		return len(argv) == 1 && filepath.Base(argv[0]) == "nginx"
	}
	return strings.HasPrefix(argv[1], "-") && !strings.HasPrefix(argv[1], "--")
}

// writeUsage writes what -h shows, in NGINX's words.
func writeUsage(w io.Writer, p Paths) {
	fmt.Fprintf(w, `Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: %s)
  -e filename   : set error log file (default: %s)
  -c filename   : set configuration file (default: %s)
  -g directives : set global directives out of configuration file

`, p.Prefix, p.ErrorLog, p.Conf)
}
