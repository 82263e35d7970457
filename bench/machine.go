package bench

import (
	"os"
	"runtime"
	"strings"

	"github.com/wheelpit/wheelpit/bench/report"
)

// sysctls are the settings of the kernel that change the figures.
var sysctls = []string{
	"net.core.somaxconn", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_congestion_control",
}

// machine describes where the run takes place; what cannot be read is left out.
func machine() report.Machine {
	m := report.Machine{
		CPU: cpuModel(), CPUs: runtime.NumCPU(), Kernel: firstLine("/proc/sys/kernel/osrelease"), Go: runtime.Version(),
		Sysctl: make(map[string]string),
	}
	for _, name := range sysctls {
		if value := firstLine("/proc/sys/" + strings.ReplaceAll(name, ".", "/")); value != "" {
			m.Sysctl[name] = value
		}
	}
	return m
}

// cpuModel is the "model name" of the first CPU, or the architecture.
func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func firstLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.ReplaceAll(line, "\t", " ")
}
