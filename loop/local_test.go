package loop

import (
	"net"
	"sync"
	"testing"
)

// TestLocalOfSeveral has goroutines ask for the address at the same time, as the parts of a request do that go on beside each other.
func TestLocalOfSeveral(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	file, err := client.(*net.TCPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for range 20 {
		c := &Conn{fd: int32(file.Fd()), open: true}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 3 {
					if got, want := c.Local().String(), client.LocalAddr().String(); got != want {
						t.Errorf("%s, want %s", got, want)
					}
				}
			})
		}
		all.Wait()
	}
}
