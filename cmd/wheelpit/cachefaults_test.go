//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// origin answers "/k" with an answer that tells in every part which key and which version it is of, so that one that is put together
// of two, or lacks its end, is known.
type origin struct {
	*httptest.Server
	version atomic.Int64
	scale   int
}

const originKeys = 24

func newOrigin(t *testing.T, scale int) *origin {
	o := &origin{scale: scale}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		body := o.content(k, o.version.Add(1))
		if k%2 == 0 { // the others come in chunks
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		}
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(o.Close)
	return o
}

// content is what a key has in a version: sizes from little to what is written in many pieces.
func (o *origin) content(k int, version int64) string {
	part := fmt.Sprintf("key %d version %d;", k, version)
	size := o.scale * [...]int{100, 10_000, 70_000, 300_000}[k%4]
	return fmt.Sprintf("%d\n", version) + strings.Repeat(part, size/len(part)+1)
}

// asIs tells whether a body is a whole one of the key.
func (o *origin) asIs(k int, body string) bool {
	first, _, _ := strings.Cut(body, "\n")
	version, err := strconv.ParseInt(first, 10, 64)
	return err == nil && body == o.content(k, version)
}

// tally is what the clients of a cache saw.
type tally struct {
	of                                         *origin
	whole, torn, refused, lost, hits, hitLarge atomic.Int64
}

func (y *tally) String() string {
	return fmt.Sprintf("%d whole (%d from the cache), %d torn, %d refused, %d lost", y.whole.Load(), y.hits.Load(), y.torn.Load(), y.refused.Load(), y.lost.Load())
}

// ask asks for a key once and counts what comes.
func (y *tally) ask(c *http.Client, addr string, k int) {
	res, err := c.Get(fmt.Sprintf("http://%s/%d", addr, k))
	if err != nil {
		y.lost.Add(1)
		return
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	switch {
	case err != nil:
		y.lost.Add(1)
	case res.StatusCode != 200:
		y.refused.Add(1)
	case !y.of.asIs(k, string(body)):
		y.torn.Add(1)
	default:
		y.whole.Add(1)
		if s := res.Header.Get("X-Cache"); s == "HIT" {
			y.hits.Add(1)
			if len(body) > 1<<20 { // more than is kept in memory
				y.hitLarge.Add(1)
			}
		}
	}
}

// load has clients ask for all keys, over and over, until the context ends.
func (y *tally) load(ctx context.Context, addr string, clients int) *sync.WaitGroup {
	all := new(sync.WaitGroup)
	for i := range clients {
		all.Go(func() {
			tr := &http.Transport{}
			defer tr.CloseIdleConnections()
			c := &http.Client{Transport: tr, Timeout: 30 * time.Second}
			for n := i; ctx.Err() == nil; n++ {
				y.ask(c, addr, n%originKeys)
			}
		})
	}
	return all
}

// caching writes a configuration that caches what the origin answers for a second, or for ever.
func (d *daemon) caching(o *origin, valid, more string) {
	d.t.Helper()
	conf := fmt.Sprintf(`pid nginx.pid; error_log error.log; events { }
http { access_log off; proxy_cache_path %[1]s/cache levels=1:2 keys_zone=z:1m use_temp_path=off %[5]s;
	server { listen %[2]s; location / { proxy_pass http://%[3]s; proxy_cache z; proxy_cache_key $uri; proxy_cache_valid %[4]s;
		proxy_cache_use_stale updating error timeout; proxy_cache_lock on; add_header X-Cache $upstream_cache_status; } } }
`, d.dir, d.addr, o.Listener.Addr(), valid, more)
	if err := os.WriteFile(filepath.Join(d.dir, "nginx.conf"), []byte(conf), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// signal sends a signal to the master.
func (d *daemon) signal(sig syscall.Signal) {
	d.t.Helper()
	b, err := os.ReadFile(filepath.Join(d.dir, "nginx.pid"))
	if err != nil {
		d.t.Fatal(err)
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	if err := syscall.Kill(pid, sig); err != nil {
		d.t.Fatal(err)
	}
}

// workers are the processes whose parent is the master.
func (d *daemon) workers() (pids []int) {
	b, _ := os.ReadFile(filepath.Join(d.dir, "nginx.pid"))
	parent := strings.TrimSpace(string(b))
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == parent {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// reachable waits until the server takes connections.
func (d *daemon) reachable() {
	d.t.Helper()
	for range 1200 {
		if c, err := net.Dial("tcp", d.addr); err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	d.t.Fatal("the server cannot be reached")
}

// Reloads under load lose nothing, neither answers nor what is in the cache.
func TestCacheAcrossReloads(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	o, d := newOrigin(t, 1), newDaemon(t)
	d.caching(o, "1s", "")
	d.start()
	d.reachable()
	ctx, stop := context.WithCancel(context.Background())
	y := &tally{of: o}
	clients := y.load(ctx, d.addr, 6)
	for range 12 {
		time.Sleep(200 * time.Millisecond)
		d.signal(syscall.SIGHUP)
	}
	until(t, "whole answers, and some from the cache", func() bool { return y.whole.Load() >= originKeys && y.hits.Load() > 0 })
	stop()
	clients.Wait()
	t.Log(y)
	if y.torn.Load()+y.refused.Load()+y.lost.Load() > 0 || y.whole.Load() < originKeys || y.hits.Load() == 0 {
		t.Error(y)
	}
}

// Workers that are killed while they write leave entries that are whole, and those are served when the next ones run.
func TestCacheAcrossKills(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	o, d := newOrigin(t, 1), newDaemon(t)
	d.caching(o, "1s", "")
	d.start()
	d.reachable()
	ctx, stop := context.WithCancel(context.Background())
	y := &tally{of: o}
	clients := y.load(ctx, d.addr, 6)
	for killed := 0; killed < 6; {
		time.Sleep(300 * time.Millisecond)
		for _, pid := range d.workers() {
			if syscall.Kill(pid, syscall.SIGKILL) == nil {
				killed++
			}
		}
	}
	stop()
	clients.Wait()
	t.Log("under load:", y)
	if y.torn.Load() > 0 || y.whole.Load() == 0 {
		t.Error(y)
	}
	d.reachable()
	d.kept(o, "after the kills", 1)
	if out, code, _ := d.verb("stop", "--wait"); code != 0 {
		t.Fatalf("stop: %d\n%s", code, out)
	}
	d.start()
	d.reachable()
	d.kept(o, "after a new start", 1)
}

// kept asks for all keys while the origin is away, and wants at least some from the cache and all of those to be whole.
func (d *daemon) kept(o *origin, when string, least int64) {
	d.t.Helper()
	addr := o.Listener.Addr().String()
	conf := filepath.Join(d.dir, "nginx.conf")
	before, err := os.ReadFile(conf)
	if err != nil {
		d.t.Fatal(err)
	}
	gone := strings.Replace(string(before), addr, "127.0.0.1:1", 1) // nobody listens there
	if err := os.WriteFile(conf, []byte(gone), 0o644); err != nil {
		d.t.Fatal(err)
	}
	d.signal(syscall.SIGHUP)
	y := &tally{of: o}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		y = &tally{of: o}
		version := o.version.Load()
		c := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
		for k := range originKeys {
			y.ask(c, d.addr, k)
		}
		if o.version.Load() == version || time.Now().After(deadline) {
			break
		}
	}
	d.t.Logf("%s, without the origin: %v", when, y)
	if y.torn.Load() > 0 || y.whole.Load() < least {
		d.t.Errorf("%s, without the origin: %v", when, y)
	}
	if err := os.WriteFile(conf, before, 0o644); err != nil {
		d.t.Fatal(err)
	}
	d.signal(syscall.SIGHUP)
}

// A disk without room costs the cache, not the answers, and when there is room it is used again.
func TestCacheDiskFull(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	o, d := newOrigin(t, 8), newDaemon(t)
	dir := filepath.Join(d.dir, "cache")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=512k,mode=777"); err != nil {
		t.Skip("a small file system cannot be mounted here: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	d.caching(o, "1h", "min_free=0")
	d.start()
	d.reachable()
	y := &tally{of: o}
	ctx, stop := context.WithCancel(context.Background())
	clients := y.load(ctx, d.addr, 4)
	time.Sleep(2 * time.Second)
	until(t, "whole answers", func() bool { return y.whole.Load() >= originKeys })
	stop()
	clients.Wait()
	t.Log("full:", y)
	if y.torn.Load()+y.refused.Load()+y.lost.Load() > 0 || y.whole.Load() < originKeys {
		t.Error("full:", y)
	}
	if y.hitLarge.Load() > 0 {
		t.Error("what is larger than the disk was stored")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m,mode=777"); err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Timeout: time.Minute}
	y = &tally{of: o}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		y = &tally{of: o}
		for k := range originKeys {
			y.ask(c, d.addr, k)
		}
		if y.hits.Load() == originKeys {
			break
		}
	}
	if y.hits.Load() == originKeys {
		if out, code, _ := d.verb("stop", "--wait"); code != 0 {
			t.Fatalf("stop: %d\n%s", code, out)
		}
		d.start()
		d.reachable()
		d.kept(o, "after a new start", originKeys/2)
		return
	}
	log, _ := os.ReadFile(filepath.Join(d.dir, "error.log"))
	t.Errorf("with room again: %v\n%s", y, log[max(0, len(log)-2000):])
}
