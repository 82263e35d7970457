package rival

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/wheelpit/wheelpit/bench/procstat"
)

// The test binary is also the program that the built-in rivals run in.
func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == "rival" {
		if err := RunBuiltin(context.Background(), os.Args[2], os.Args[3], os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func testSite(t *testing.T) Site {
	dir := t.TempDir()
	site := Site{Root: filepath.Join(dir, "www"), Work: filepath.Join(dir, "work"), Connections: 100}
	for _, d := range []string{site.Root, site.Work} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"hello": FixedAnswer, "1k.bin": string(bytes.Repeat([]byte("k"), 1024))} {
		if err := os.WriteFile(filepath.Join(site.Root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return site
}

// get returns status, content and content type of an answer.
func get(t *testing.T, in *Instance, path, byteRange string) string {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, "http://"+in.Addr.String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if byteRange != "" {
		request.Header.Set("Range", byteRange)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode == http.StatusNotFound {
		return "404"
	}
	return fmt.Sprintf("%d %d %s %.13s", response.StatusCode, len(content), response.Header.Get("Content-Type"), content)
}

func TestRivalsAnswerAlike(t *testing.T) {
	ctx := context.Background()
	rivals := Installed(ctx, []string{os.Args[0], "rival"})
	if len(rivals) < 2 {
		t.Fatalf("the built-in rivals are missing: %v", rivals)
	}
	for _, r := range rivals {
		t.Run(filepath.Base(r.Name()), func(t *testing.T) {
			in, err := Start(ctx, r, testSite(t), 0)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Stop()
			if got := get(t, in, "/hello", ""); got != "200 13 text/plain "+FixedAnswer {
				t.Errorf("fixed answer: %s", got)
			}
			if got := get(t, in, "/none", ""); got != "404" {
				t.Errorf("no such file: %s", got)
			}
			if r.Features()&SmallFiles != 0 {
				if got := get(t, in, "/1k.bin", ""); got != "200 1024 application/octet-stream kkkkkkkkkkkkk" {
					t.Errorf("file: %s", got)
				}
			}
			if r.Features()&Files != 0 {
				if got := get(t, in, "/1k.bin", "bytes=100-104"); got != "206 5 application/octet-stream kkkkk" {
					t.Errorf("range: %s", got)
				}
			}
			cpu, err := procstat.ReadCPU(in.PIDs)
			if err != nil || cpu.Run <= 0 {
				t.Errorf("account of %v: %+v, %v", in.PIDs, cpu, err)
			}
			in.Stop()
			if left, _ := procstat.ReadCPU(in.PIDs); left.Run != 0 {
				t.Errorf("processes %v still run", in.PIDs)
			}
		})
	}
}

func TestStartTellsWhyAServerEnded(t *testing.T) {
	r := Target{Argv: []string{"sh", "-c", "echo no such directive >&2; exit 1"}}
	_, err := Start(context.Background(), r, testSite(t), -1)
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte("wheelpit: ended before it served: no such directive")) {
		t.Errorf("error %v", err)
	}
}

// takenOnce is a server whose first start finds the port taken.
type takenOnce struct {
	Rival
	starts int
}

func (r *takenOnce) Command(site Site) (*exec.Cmd, error) {
	if r.starts++; r.starts == 1 {
		return exec.Command("sh", "-c", "echo 'bind: Address already in use' >&2; exit 1"), nil
	}
	return r.Rival.Command(site)
}

func TestStartTakesAnotherPort(t *testing.T) {
	r := &takenOnce{Rival: builtin{NetHTTP, []string{os.Args[0], "rival"}}}
	in, err := Start(context.Background(), r, testSite(t), -1)
	if err != nil {
		t.Fatal(err)
	}
	in.Stop()
	if r.starts != 2 {
		t.Errorf("%d starts", r.starts)
	}
	never := Target{Argv: []string{"sh", "-c", "echo address already in use >&2; exit 1"}}
	if _, err := Start(context.Background(), never, testSite(t), -1); !errors.Is(err, errPortTaken) {
		t.Errorf("without any free port: %v", err)
	}
}

func TestCommands(t *testing.T) {
	site := testSite(t)
	cmd, err := Target{Argv: []string{"prog", "bench", "target"}}.Command(site)
	if err != nil || !slices.Equal(cmd.Args, []string{"prog", "bench", "target", "--listen", site.Addr.String(), "--dir", site.Root}) {
		t.Errorf("%v, %v", cmd, err)
	}
	if _, err := (Target{}).Version(context.Background()); err == nil {
		t.Error("a target without a command line is installed")
	}
	for _, r := range Installed(context.Background(), nil) {
		if _, is := r.(builtin); is {
			t.Errorf("%s is installed without a command line that starts it", r.Name())
		}
	}
	if err := RunBuiltin(context.Background(), "apache", "", ""); err == nil {
		t.Error("an unknown library was accepted")
	}
}

func TestBuiltinsStopWithTheirContext(t *testing.T) {
	for _, name := range []string{FastHTTP, NetHTTP} {
		ctx, cancel := context.WithCancel(context.Background())
		done := runUntilServed(t, ctx, name)
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// runUntilServed runs a built-in server until ctx ends, and returns when it has answered. done gets what it returns.
func runUntilServed(t *testing.T, ctx context.Context, name string) (done chan error) {
	t.Helper()
	for range portTries {
		addr, err := freeAddr()
		if err != nil {
			t.Fatal(err)
		}
		done = make(chan error, 1)
		go func() { done <- RunBuiltin(ctx, name, addr.String(), t.TempDir()) }()
		for err == nil {
			if response, failed := http.Get("http://" + addr.String() + "/hello"); failed == nil {
				_ = response.Body.Close()
				return done
			}
			select {
			case err = <-done:
			default:
			}
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatalf("%s: %v", name, err)
		}
	}
	t.Fatal("no port was left")
	return nil
}
