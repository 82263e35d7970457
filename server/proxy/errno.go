package proxy

import (
	"errors"
	"fmt"
	"syscall"
)

// errnoText is an error of the system as NGINX's log has it: "111: Connection refused".
func errnoText(err error) string {
	var no syscall.Errno
	if !errors.As(err, &no) {
		if err == nil {
			return "connection closed"
		}
		return err.Error()
	}
	text := no.Error()
	if text != "" && text[0] >= 'a' && text[0] <= 'z' {
		text = string(text[0]-'a'+'A') + text[1:]
	}
	return fmt.Sprintf("%d: %s", int(no), text)
}
