// Package profile has the servers of a benchmark write down what their processors do, for a build by profile: the compiler decides by
// it what of the hot path is worth a copy in its caller; see bench/README.md.
package profile

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"
)

// Variable is the environment variable that names the directory of the profiles.
const Variable = "WHEELPIT_BENCH_PROFILE"

// every is how long a file of the profile is. The servers of a benchmark are killed: what the last file had is lost.
const every = time.Second

// Start has this process write a CPU profile for each second of its life, if the environment asks for it.
func Start() {
	if dir := os.Getenv(Variable); dir != "" {
		go func() {
			for i := 0; ; i++ {
				name := filepath.Join(dir, fmt.Sprintf("%d-%d.pprof", os.Getpid(), i))
				if err := write(name, every); err != nil {
					fmt.Fprintln(os.Stderr, "wheelpit: profile:", err)
					return
				}
			}
		}()
	}
}

// write profiles this process for d.
func write(name string, d time.Duration) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		_ = f.Close()
		return err
	}
	time.Sleep(d)
	pprof.StopCPUProfile()
	return f.Close()
}
