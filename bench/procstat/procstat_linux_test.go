package procstat

import (
	"os"
	"slices"
	"testing"
	"time"
)

func TestOwnProcess(t *testing.T) {
	tree, err := Tree(os.Getpid())
	if err != nil || !slices.Contains(tree, os.Getpid()) {
		t.Fatalf("Tree = %v, %v", tree, err)
	}
	before, err := ReadCPU([]int{os.Getpid()})
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(50 * time.Millisecond); time.Now().Before(end); {
	}
	after, err := ReadCPU([]int{os.Getpid()})
	if err != nil {
		t.Fatal(err)
	}
	if spent := after.Sub(before).Run; spent <= 0 {
		t.Errorf("a busy loop took %v of CPU time", spent)
	}
	memory, err := ReadMemory([]int{os.Getpid()})
	if err != nil || memory.RSS <= 0 || memory.PSS > memory.RSS {
		t.Errorf("ReadMemory = %+v, %v", memory, err)
	}
	if system, err := ReadSystem(); err != nil || system.Total <= 0 {
		t.Errorf("ReadSystem = %+v, %v", system, err)
	}
}
