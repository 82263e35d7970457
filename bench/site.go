package bench

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// file is a test file, made when a scenario needs it.
type file struct {
	name string
	size int64
}

var (
	file1K   = file{"1k.bin", 1 << 10}
	file10K  = file{"10k.bin", 10 << 10}
	file100K = file{"100k.bin", 100 << 10}
	file1M   = file{"1m.bin", 1 << 20}
	file100M = file{"100m.bin", 100 << 20}
)

const (
	treeFiles = 10_000
	treeDirs  = 100
	treeSize  = 1 << 10 // bytes of each file
)

// site is the temporary directory of a run: the files below root, and a directory for each server.
type site struct {
	dir, root string
	works     int
}

// newSite makes the directories, readable by servers that give up root, with the file that stands for the fixed answer.
func newSite() (*site, error) {
	dir, err := os.MkdirTemp("", "wheelpit-bench-")
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	s := &site{dir: dir, root: filepath.Join(dir, "www")}
	if err := os.Chmod(dir, 0o755); err != nil {
		return s, fmt.Errorf("bench: %w", err)
	}
	if err := os.Mkdir(s.root, 0o755); err != nil {
		return s, fmt.Errorf("bench: %w", err)
	}
	return s, os.WriteFile(filepath.Join(s.root, "hello"), []byte(fixedText().text), 0o644)
}

func (s *site) remove() { _ = os.RemoveAll(s.dir) }

// work makes a directory for the own files of one server.
func (s *site) work() (string, error) {
	s.works++
	dir := filepath.Join(s.dir, fmt.Sprintf("work%d", s.works))
	return dir, os.Mkdir(dir, 0o755)
}

// prepare makes the files that a scenario needs and that are not there yet.
func (s *site) prepare(sc *Scenario) error {
	if sc.Tree != noTree {
		return s.tree()
	}
	for _, f := range []file{file1K, file10K, file100K, file1M, file100M} {
		if strings.HasSuffix(sc.Path, "/"+f.name) {
			return s.fill(f)
		}
	}
	return nil
}

// blockSize bounds the memory for making a file; longer ones repeat the block.
const blockSize = 1 << 20

// fill writes a file of random bytes, the same in every run, unless it is there.
func (s *site) fill(f file) error {
	path := filepath.Join(s.root, f.name)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	out, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	block := make([]byte, min(f.size, blockSize))
	_, _ = rand.NewChaCha8([32]byte{byte(f.size), byte(f.size >> 8)}).Read(block) // never fails
	for left := f.size; left > 0 && err == nil; left -= int64(len(block)) {
		_, err = out.Write(block[:min(left, int64(len(block)))])
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return nil
}

// treePath is the path of one file of the tree, below the root.
func treePath(i int) string { return fmt.Sprintf("tree/%02d/%04d.bin", i%treeDirs, i) }

func (s *site) tree() error {
	for i := range treeDirs {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(s.root, treePath(i))), 0o755); err != nil {
			return fmt.Errorf("bench: %w", err)
		}
	}
	for i := range treeFiles {
		if err := s.fill(file{treePath(i), treeSize}); err != nil {
			return err
		}
	}
	return nil
}

// treeSequence is the order in which the files of the tree are requested, the same in every run.
func treeSequence(order treeOrder) []int {
	rng := rand.New(rand.NewPCG(5, 6))
	if order == uniform {
		return rng.Perm(treeFiles)
	}
	popular := rng.Perm(treeFiles)
	skewed := rand.NewZipf(rng, 1.1, 1, treeFiles-1)
	sequence := make([]int, treeFiles)
	for i := range sequence {
		sequence[i] = popular[skewed.Uint64()]
	}
	return sequence
}
