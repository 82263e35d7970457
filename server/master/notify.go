package master

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// envNotify names the socket of a service manager that wants to be told of a service's state: sd_notify(3), for units with
// Type=notify or notify-reload. After an upgrade another process speaks, which NotifyAccess=all allows.
const envNotify = "NOTIFY_SOCKET"

// notify tells the service manager; without one it does nothing. The state is lines of sd_notify(3).
func (m *base) notify(state string) {
	name := os.Getenv(envNotify)
	if name == "" {
		return
	}
	c, err := net.Dial("unixgram", name)
	if err == nil {
		_, err = c.Write([]byte(state))
		_ = c.Close()
	}
	if err != nil {
		m.log.Printf(errlog.Warn, "the service manager could not be told: %s", err)
	}
}

// notifyReady tells that this process serves. Its number is told for the sake of upgrades.
func (m *base) notifyReady() { m.notify(fmt.Sprintf("READY=1\nMAINPID=%d", os.Getpid())) }

// notifyReloading tells that a reload has begun; the time, on the clock that systemd asks for, tells it from others.
func (m *base) notifyReloading() {
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) == nil {
		m.notify(fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", now.Nano()/1000))
	}
}
