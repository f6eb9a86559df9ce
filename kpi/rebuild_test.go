package kpi

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestRebuild builds the committed objects anew where there is the compiler, and
// compares. Programs, whose symbols stand in the order of libSystem, are .ci/run's to compare.
func TestRebuild(t *testing.T) {
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("no clang-19")
	}
	dir := t.TempDir()
	for _, d := range []string{"kpi/rt", "kpi/iokit", "kpi/testdata", "kext/kmod", "examples", "sdk", "libsystem/lib"} {
		if err := os.CopyFS(filepath.Join(dir, d), os.DirFS(filepath.Join("..", d))); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []string{"kpi/rt/build.sh", "kpi/iokit/build.sh", "kext/kmod/build.sh", "kpi/testdata/build.sh", "examples/build.sh"} {
		if b, err := exec.Command("sh", filepath.Join(dir, s)).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", s, err, b)
		}
	}
	objects, _ := filepath.Glob("../examples/*/*.o")
	more, _ := filepath.Glob("../kpi/testdata/*.o")
	objects = append(append(objects, more...), "../kpi/rt/rt.o", "../kpi/iokit/iokit.o", "../kext/kmod/kmod.o")
	for _, o := range objects {
		want, err := os.ReadFile(o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, o[3:]))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its source makes (%v)", o, err)
		}
	}
}
