package limit

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// envChild says what this test binary is to do as another process of a zone, whose memory is descriptor 3. It ends when its standard
// input does: with the test.
const envChild = "WHEELPIT_TEST_LIMIT"

// mapping maps a file of memory of a zone.
func mapping(t *testing.T, f *os.File, bytes int64) []byte {
	t.Helper()
	b, err := syscall.Mmap(int(f.Fd()), 0, int(bytes), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// child starts another process of the zone and waits until it says that it has begun.
func child(t *testing.T, f *os.File, what string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), envChild+"="+what)
	cmd.ExtraFiles = []*os.File{f}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "begun" {
		t.Fatalf("%q %v", line, err)
	}
	return cmd
}

// kill ends a child as the kernel does, and waits for its end.
func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}

func sharedZones(t *testing.T) (req *ReqZone, conn *ConnZone, f *os.File) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "zone"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	req, conn = zonesIn(t, f)
	return req, conn, f
}

// zonesIn are two zones in one file, one behind the other.
func zonesIn(t *testing.T, f *os.File) (*ReqZone, *ConnZone) {
	t.Helper()
	c := ZoneConfig{Name: "z", Size: MinZone, Key: ByClient, Rate: 1, Later: true}
	req, err := NewReqZone(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := NewConnZone(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(req.Bytes() + conn.Bytes()); err != nil {
		t.Fatal(err)
	}
	b := mapping(t, f, req.Bytes()+conn.Bytes())
	req.Attach(b[:req.Bytes()])
	conn.Attach(b[req.Bytes():])
	return req, conn
}

const childKeys = 50

// TestChild is the other process.
func TestChild(t *testing.T) {
	what := os.Getenv(envChild)
	if what == "" {
		t.Skip("it is run by other tests")
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	req, conn := zonesIn(t, os.NewFile(3, "zone"))
	switch what {
	case "hold": // dies with the locks, and chains that lead nowhere
		for _, s := range []*shard{&req.shards[0], &conn.shards[0]} {
			req.lock(s)
			clear(s.buckets)
			s.newest, s.oldest, s.free = 1, 2, 3
		}
		fmt.Println("begun")
		select {}
	case "torn": // dies while it makes one state and removes others
		s := &conn.shards[0]
		conn.lock(s)
		made := s.add(conn.ident([]byte("made")), 0) // its owner is not there yet
		gone := s.add(conn.ident([]byte("gone")), conn.owner)
		s.states[made].count = 0
		s.states[gone].hash, s.states[gone].owner, s.states[gone].count = 0, 0, 0 // its size is there still
		fmt.Println("begun")
		select {}
	case "requests":
		fmt.Println("begun")
		for i := 0; ; i++ {
			req.take(fmt.Append(nil, i%childKeys), 1e6, milliseconds(), i%2 == 0)
		}
	case "connections":
		var pins []connPin
		for i := 0; ; i++ {
			if p, o := conn.enter(fmt.Append(nil, i%childKeys), 1<<40); o == counted {
				pins = append(pins, p)
			}
			if len(pins) == 100 {
				for k := range pins {
					pins[k].leave()
				}
				pins = pins[:0]
			}
			if i == 1000 {
				fmt.Println("begun")
			}
		}
	}
}

// A process that ends with a lock leaves it to whoever waits; what it has not finished does no harm.
func TestDeadHolder(t *testing.T) {
	req, conn, f := sharedZones(t)
	for i := range 20 {
		req.take(fmt.Append(nil, i), 0, 1<<40, true)
		conn.enter(fmt.Append(nil, i), 9)
	}
	cmd := child(t, f, "hold")
	taken := make(chan outcome)
	go func() {
		o, _, _ := req.take([]byte("7"), 0, 1<<40, true) // waits for the end of the other process
		taken <- o
	}()
	kill(t, cmd)
	if o := <-taken; o != busy {
		t.Errorf("the state is lost: %d", o)
	}
	conn.Forget(mapping(t, f, req.Bytes()+conn.Bytes())[req.Bytes():], cmd.Process.Pid)
	for i := range 20 {
		if _, o := conn.enter(fmt.Append(nil, i), 1); o != busy {
			t.Errorf("connection %d is lost: %d", i, o)
		}
	}
}

// A state that was half made or half removed does not take room for ever.
func TestTornStates(t *testing.T) {
	_, conn, f := sharedZones(t)
	p, _ := conn.enter([]byte("own"), 9)
	cmd := child(t, f, "torn")
	kill(t, cmd)
	conn.forget(uint32(cmd.Process.Pid))
	p.leave()
	if s := &conn.shards[0]; s.newest != 0 || s.oldest != 0 || s.used != 0 {
		t.Errorf("state %d is left, %d bytes", s.newest, s.used)
	}
}

// A living process keeps its lock, however long that takes.
func TestLiveHolder(t *testing.T) {
	req, _, f := sharedZones(t)
	cmd := child(t, f, "hold")
	s := &req.shards[0]
	if holder := s.word.Load(); holder != uint32(cmd.Process.Pid) || req.takeFrom(s, holder) {
		t.Errorf("the lock of %d, which %d has, was taken", holder, cmd.Process.Pid)
	}
}

// Processes that are killed at any moment, while others use the zones, leave nothing behind.
func TestKilled(t *testing.T) {
	req, conn, f := sharedZones(t)
	p, _ := conn.enter([]byte("own"), 9)
	for range 6 {
		a, b, c := child(t, f, "connections"), child(t, f, "requests"), child(t, f, "connections")
		for i := range 2000 {
			req.take(fmt.Append(nil, i%childKeys), 1e6, milliseconds(), true)
			if q, o := conn.enter(fmt.Append(nil, i%childKeys), 1<<40); o == counted {
				q.leave()
			}
		}
		for _, cmd := range []*exec.Cmd{a, b, c} {
			kill(t, cmd)
			for _, tab := range []*table{req.table, conn.table} {
				tab.forget(uint32(cmd.Process.Pid))
			}
		}
	}
	if _, o := conn.enter([]byte("own"), 1); o != busy {
		t.Error("a connection of a living process is lost")
	}
	p.leave()
	s := &conn.shards[0]
	if s.newest != 0 || s.oldest != 0 || s.used != 0 {
		t.Errorf("state %d is left, %d bytes", s.newest, s.used)
	}
	n := 0
	for i := req.shards[0].newest; i != 0; i = req.shards[0].states[i].older {
		if n++; n > childKeys {
			t.Fatal("the list of states has no end")
		}
	}
	if n != childKeys {
		t.Errorf("%d states, want %d", n, childKeys)
	}
}
