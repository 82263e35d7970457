//go:build linux

package master

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// writeZone writes a configuration of two workers whose zone is as said.
func (s *site) writeZone(zone string) {
	s.t.Helper()
	text := fmt.Sprintf("pid nginx.pid; error_log error.log notice; daemon off; worker_processes 2 elastic=1000000r/s max=2;\n"+
		"events {}\nhttp { limit_req_zone %s; server { listen %s; return 200 x; } }\n", zone, s.addr)
	if err := os.WriteFile(s.path("nginx.conf"), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// reloads sends HUP and waits until old workers have gone, or the reload is given up.
func (s *site) reloads(good bool) {
	s.t.Helper()
	before := s.workers()
	s.signal(syscall.SIGHUP)
	if !good {
		s.logged("[emerg]", 1)
		return
	}
	s.until("the end of the old workers", func() bool { return s.exited(before[0]) && s.exited(before[1]) })
}

func (s *site) exited(pid int) bool {
	return strings.Contains(s.log(), fmt.Sprintf("worker process %d exited", pid))
}

// workers are the processes of two workers.
func (s *site) workers() (pids []int) {
	s.t.Helper()
	s.until("two workers", func() bool {
		st, err := ReadState(s.path("nginx.pid"))
		pids = st.Workers
		return err == nil && len(pids) == 2 && !s.exited(pids[0]) && !s.exited(pids[1])
	})
	return pids
}

// count asks for the zone: what it has counted, and which process ended last.
func (s *site) count() (n, ended int) {
	s.t.Helper()
	body := s.get("/zone")
	if _, err := fmt.Sscan(body, &n, &ended); err != nil {
		s.t.Fatal(body, err)
	}
	return n, ended
}

// A zone is the same for all workers and over reloads, until it has another size; another key is refused in NGINX's words.
func TestZones(t *testing.T) {
	s := newSite(t)
	s.writeZone("$uri zone=a:64k rate=1r/s")
	s.start()
	last := 0
	next := func(want int) {
		t.Helper()
		if n, _ := s.count(); n != want {
			t.Errorf("the zone has counted %d, want %d", n, want)
		}
		last = want
	}
	for range 10 {
		next(last + 1)
	}
	s.reloads(true)
	next(last + 1)
	s.writeZone("$uri zone=a:64k rate=9r/s")
	s.reloads(true)
	next(last + 1)
	s.writeZone("$uri zone=a:128k rate=9r/s")
	s.reloads(true)
	next(1)
	s.writeZone("$host zone=a:128k rate=9r/s")
	s.reloads(false)
	if want := `limit_req "a" uses the "$host" key while previously it used the "$uri" key`; !strings.Contains(s.log(), want) {
		t.Errorf("%q is not in the log", want)
	}
	next(2)
	s.stop(syscall.SIGQUIT)
}

// What a worker held that was killed is given back.
func TestZoneForgets(t *testing.T) {
	s := newSite(t)
	s.writeZone("$uri zone=a:64k rate=1r/s")
	s.start()
	for _, pid := range s.workers() {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		s.logged(fmt.Sprintf("worker process %d exited on signal 9", pid), 1)
		s.until("the zone to have forgotten", func() bool {
			body, err := get(s.addr, "/zone")
			return err == nil && strings.HasSuffix(body, fmt.Sprint(" ", pid))
		})
	}
	s.stop(syscall.SIGTERM)
}

// Memory that is given up does not stay mapped, whether its configuration serves or not.
func TestOpenZones(t *testing.T) {
	a, b := Zone{Directive: "d", Name: "a", Key: "k", Size: 1, Bytes: 4096}, Zone{Directive: "d", Name: "b", Key: "k", Size: 1, Bytes: 4096}
	old, err := openZones([]Zone{a, b}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer closeZones(old, nil)
	old[0].memory[0] = 1
	c, big := b, a
	c.Key, big.Size = "other", 2
	if list, err := openZones([]Zone{a, big, c}, old); err == nil || list != nil {
		t.Errorf("another key is taken: %v", list)
	}
	next, err := openZones([]Zone{big, b, a}, old)
	if err != nil || next[2] != old[0] || next[1] != old[1] || next[0].memory[0] != 0 {
		t.Fatalf("%v, %v", next, err)
	}
	closeZones(next, old)
	if old[0].memory[0] != 1 || next[0].file.Close() == nil {
		t.Error("what is kept is closed, or what is not is open")
	}
}
