package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wheelpit/wheelpit/bench/report"
	"github.com/wheelpit/wheelpit/bench/rival"
)

// The test binary is also the program that the servers run in.
func TestMain(m *testing.M) {
	var err error
	switch {
	case len(os.Args) == 5 && os.Args[1] == "rival":
		err = rival.RunBuiltin(context.Background(), os.Args[2], os.Args[3], os.Args[4])
	case len(os.Args) == 6 && os.Args[1] == "target": // target --listen ADDR --dir DIR
		err = disguised(os.Args[3], os.Args[5])
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// disguised is a target that has no routes but one, and sends no ETag.
func disguised(addr, dir string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, rival.FixedAnswer)
	})
	mux.Handle("GET /", http.FileServer(http.Dir(dir)))
	return http.ListenAndServe(addr, mux)
}

// smoke are options for short runs of the built-in servers. The target is one in disguise.
func smoke(t *testing.T, scenarios ...string) Options {
	dir := t.TempDir()
	return Options{
		Scenarios: scenarios, Servers: []string{rival.FastHTTP, rival.NetHTTP, rival.TargetName},
		Rounds: 2, Slice: 100 * time.Millisecond, Warmup: 20 * time.Millisecond, Wrk: Never, Connections: 50,
		JSON: filepath.Join(dir, "r.json"), HTML: filepath.Join(dir, "r.html"),
		Target: []string{os.Args[0], "target"}, Self: []string{os.Args[0], "rival"},
	}
}

func runSmoke(t *testing.T, opts Options) (*report.Report, string) {
	t.Helper()
	var out, progress bytes.Buffer
	code, err := Main(context.Background(), opts, &out, &progress)
	if code != exitOK || err != nil {
		t.Fatalf("exit code %d: %v", code, err)
	}
	if progress.Len() > 0 {
		t.Errorf("progress without a terminal: %q", progress.String())
	}
	r, err := report.Open(opts.JSON)
	if err != nil {
		t.Fatal(err)
	}
	if page, err := os.ReadFile(opts.HTML); err != nil || !bytes.Contains(page, []byte("<svg")) {
		t.Errorf("page: %v", err)
	}
	return r, out.String()
}

func TestRunOfBuiltins(t *testing.T) {
	r, text := runSmoke(t, smoke(t, "hello", "static-1k", "connect"))
	if len(r.Scenarios) != 3 || len(r.Servers) != 3 {
		t.Fatalf("%d scenarios, servers %v", len(r.Scenarios), r.Servers)
	}
	for _, sc := range r.Scenarios {
		if len(sc.Rows) != 3 || len(sc.Notes) != 0 || sc.Baseline != rival.FastHTTP {
			t.Fatalf("%s: %d rows, notes %q, baseline %q\n%s", sc.ID, len(sc.Rows), sc.Notes, sc.Baseline, text)
		}
		if !strings.Contains(text, sc.ID+": "+sc.Title) {
			t.Errorf("no table of %s in:\n%s", sc.ID, text)
		}
		for _, row := range sc.Rows {
			checkRow(t, sc.ID, &row)
		}
	}
}

// checkRow looks for figures that no working measurement gives; how fast the machine is does not matter.
func checkRow(t *testing.T, id string, row *report.Row) {
	t.Helper()
	if row.CPU.N == 0 || len(row.Slices) != 2 {
		t.Fatalf("%s, %s: no figures: %+v", id, row.Server, row)
	}
	if row.CPU.Median <= 0 || row.Rate.Median <= 0 || row.Ratio.Median <= 0 || row.RSS <= 0 || row.HeadBytes < 30 {
		t.Errorf("%s, %s: %+v", id, row.Server, row)
	}
	for _, s := range row.Slices {
		// One CPU gives at most as much CPU time as time; without pinning there may be several.
		if s.ServerCPU <= 0 || s.ServerCPU > 64*s.Elapsed || s.LoadCPU > s.Elapsed*11/10 {
			t.Errorf("%s, %s: accounts of %+v", id, row.Server, s)
		}
	}
	if a, b := row.Slices[0].Order, row.Slices[1].Order; a+b != 2 {
		t.Errorf("%s, %s: positions %d and %d, the order was not reversed", id, row.Server, a, b)
	}
}

func TestIdleRun(t *testing.T) {
	r, _ := runSmoke(t, smoke(t, "idle"))
	for _, row := range r.Scenarios[0].Rows {
		if row.Memory.N != 1 || row.RSS <= 0 {
			t.Errorf("%+v", row)
		}
	}
}

// The disguised target answers 404 to the routes of the real one, and sends no ETag: it must not be measured then.
func TestWrongAnswersAreLeftOut(t *testing.T) {
	opts := smoke(t, "route", "not-modified")
	opts.Servers = []string{rival.TargetName}
	opts.HTML = ""
	var out bytes.Buffer
	if code, err := Main(context.Background(), opts, &out, &out); code != exitOK || err != nil {
		t.Fatal(code, err)
	}
	r, err := report.Open(opts.JSON)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"wheelpit left out: it sends no ETag", "wheelpit left out: status 404 for /api/1/b/2/c/3, expected 200"} {
		notes := strings.Join(r.Scenarios[i].Notes, "\n")
		if !strings.Contains(notes, want) {
			t.Errorf("%s: notes %q, want %q", r.Scenarios[i].ID, notes, want)
		}
	}
	if rows := r.Scenarios[1].Rows; len(rows) != 1 || rows[0].Server != "wheelpit /hello" {
		t.Errorf("rows %+v", rows)
	}
}

func TestMainRefuses(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"no such scenario": func(o *Options) { o.Scenarios = []string{"nothing"} },
		"bad glob":         func(o *Options) { o.Scenarios = []string{"["} },
		"no such server":   func(o *Options) { o.Servers = []string{"apache"} },
		"bad server glob":  func(o *Options) { o.Servers = []string{"["} },
		"negative":         func(o *Options) { o.Rounds = -1 },
		"no such program":  func(o *Options) { o.Target = []string{"/nonexistent/prog"} },
	} {
		opts := smoke(t, "hello")
		change(&opts)
		var out bytes.Buffer
		if code, err := Main(context.Background(), opts, &out, &out); code != exitFailed || err == nil || out.Len() > 0 {
			t.Errorf("%s: exit code %d, error %v, output %q", name, code, err, out.String())
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out bytes.Buffer
	if code, err := Main(ctx, smoke(t, "hello"), &out, &out); code != exitFailed || err == nil {
		t.Errorf("cancelled: exit code %d, error %v", code, err)
	}
}

func TestContentOfTheSite(t *testing.T) {
	if _, err := os.Stat("/dev/shm"); err == nil {
		t.Setenv("TMPDIR", "/dev/shm") // making 10,000 files takes seconds on some disks
	}
	st, err := newSite()
	if err != nil {
		t.Fatal(err)
	}
	defer st.remove()
	for _, sc := range Scenarios() {
		if sc.Path == "/"+file100M.name {
			continue // a second of writing
		}
		if err := st.prepare(&sc); err != nil {
			t.Fatalf("%s: %v", sc.ID, err)
		}
		if sc.Want.file == "" {
			continue
		}
		info, err := os.Stat(filepath.Join(st.root, sc.Want.file))
		if err != nil || info.Size() < sc.Want.from+sc.Want.size {
			t.Errorf("%s: %v, %v", sc.ID, info, err)
		}
	}
	first, err := os.ReadFile(filepath.Join(st.root, treePath(0)))
	if err != nil || len(first) != treeSize {
		t.Errorf("tree: %d bytes, %v", len(first), err)
	}
	if last, err := os.ReadFile(filepath.Join(st.root, treePath(treeFiles-1))); err != nil || len(last) != treeSize {
		t.Errorf("tree: %d bytes, %v", len(last), err)
	}
	uniformOrder := treeSequence(uniform)
	if sorted := slices.Sorted(slices.Values(uniformOrder)); sorted[0] != 0 || len(slices.Compact(sorted)) != treeFiles {
		t.Error("the uniform order does not ask for every file once")
	}
	if distinct := len(slices.Compact(slices.Sorted(slices.Values(treeSequence(zipf))))); distinct > treeFiles/2 {
		t.Errorf("the zipf order asks for %d files", distinct)
	}
}
