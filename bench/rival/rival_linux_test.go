package rival

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
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
		addr, err := freeAddr()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- RunBuiltin(ctx, name, addr.String(), t.TempDir()) }()
		for {
			response, err := http.Get("http://" + addr.String() + "/hello")
			if err == nil {
				_ = response.Body.Close()
				break
			}
		}
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
