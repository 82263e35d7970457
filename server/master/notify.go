package master

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wheelpit/wheelpit/server/errlog"
)

// The variables of sd_notify(3) and sd_watchdog_enabled(3), for units with Type=notify or notify-reload. After an upgrade
// another process speaks, which NotifyAccess=all allows.
const (
	envNotify       = "NOTIFY_SOCKET"
	envWatchdog     = "WATCHDOG_USEC" // microseconds without a sign of life after which the service is taken for dead
	envWatchdogPID  = "WATCHDOG_PID"
	watchdogPerTime = 2 // signs of life in that time, as sd_watchdog_enabled(3) recommends
)

// attend notes what the service manager wants to know. It comes before the environment is cleared.
func (m *base) attend() {
	m.notifySocket = os.Getenv(envNotify)
	usec, err := strconv.ParseInt(os.Getenv(envWatchdog), 10, 64)
	if err != nil || usec <= 0 || m.notifySocket == "" {
		return
	}
	if pid := os.Getenv(envWatchdogPID); pid == "" || pid == strconv.Itoa(os.Getpid()) || m.inherited {
		m.watchdog = time.Tick(time.Duration(usec) * time.Microsecond / watchdogPerTime)
	}
}

// notify tells the service manager; without one it does nothing. The state is lines of sd_notify(3).
func (m *base) notify(state string) {
	if m.notifySocket == "" {
		return
	}
	c, err := net.Dial("unixgram", m.notifySocket)
	if err == nil {
		_, err = c.Write([]byte(state))
		_ = c.Close()
	}
	if err != nil {
		m.log.Printf(errlog.Warn, "the service manager could not be told: %s", err)
	}
}

// notifyReady tells that this process serves, and what. Its number is told for the sake of upgrades.
func (m *base) notifyReady() {
	status := fmt.Sprintf("serving, configuration %d", m.state.Generation)
	if m.state.Failed > 0 {
		status += fmt.Sprintf(", %d of %d reloads failed and kept the old one", m.state.Failed, m.state.Attempts)
	}
	m.notify(fmt.Sprintf("READY=1\nMAINPID=%d\nSTATUS=%s", os.Getpid(), status))
}

// notifyReloading tells that a reload has begun; the time, on the clock that systemd asks for, tells it from others.
func (m *base) notifyReloading() {
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) == nil {
		m.notify(fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d\nSTATUS=reading the configuration", now.Nano()/1000))
	}
}

// notifyStopping tells that the end was asked for.
func (m *base) notifyStopping() { m.notify("STOPPING=1\nSTATUS=shutting down") }
