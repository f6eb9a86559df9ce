package toolchain

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestEnviron(t *testing.T) {
	got := Environ([]string{"A=1", "GOROOT=/host", "PATH=/host/bin:/bin", "GOCACHE=/c"}, "/guest")
	want := []string{"A=1", "GOROOT=/guest", "PATH=/guest/bin:/host/bin:/bin", "GOCACHE=/c"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestForTest: only a toolchain that was finished, from the go that is first in
// PATH, is given to a program.
func TestForTest(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	host, other := filepath.Join(dir, "host"), filepath.Join(dir, "other")
	root := filepath.Join(dir, "cache", "puggle", "go1.99-darwin-amd64")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range []string{host, other} {
		write(filepath.Join(h, "VERSION"), "go1.99\ntime 2026-01-01T00:00:00Z\n")
		write(filepath.Join(h, "bin", "go"), "")
	}
	env := []string{"PATH=/nowhere:" + filepath.Join(host, "bin") + ":" + filepath.Join(other, "bin")}
	if got, binds := ForTest(env); !slices.Equal(got, env) || binds != nil {
		t.Errorf("without a toolchain: %q", got)
	}
	write(filepath.Join(root, done), other)
	if got, binds := ForTest(env); !slices.Equal(got, env) || binds != nil {
		t.Errorf("with that of another GOROOT: %q", got)
	}
	write(filepath.Join(root, done), host)
	if got, binds := ForTest(env); !slices.Contains(got, "GOROOT="+root) || binds != nil {
		t.Errorf("without pkg/tool: %q, %q", got, binds)
	}
	if err := os.MkdirAll(filepath.Join(host, "pkg", "tool"), 0o755); err != nil {
		t.Fatal(err)
	}
	got, binds := ForTest(env)
	want := []Bind{{host + "/bin", root + "/bin"}, {host + "/pkg/tool", root + "/pkg/tool"}}
	if !slices.Contains(got, "GOROOT="+host) || !strings.HasPrefix(got[1], "PATH="+host+"/bin:") || !slices.Equal(binds, want) {
		t.Errorf("with its own: %q, %q", got, binds)
	}
}

// TestSameBytes builds a program in the machine, with compiler and linker running
// there, and on the host: the files are the same.
func TestSameBytes(t *testing.T) {
	if testing.Short() || os.Getenv("PUGGLE_TOOLCHAIN") == "" {
		t.Skip("builds a toolchain, and with it the standard library; set PUGGLE_TOOLCHAIN=1")
	}
	root, err := Build(func(root string) { t.Log("building", root) })
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	src := filepath.Join(dir, "p.go")
	if err := os.WriteFile(src, []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	puggle := filepath.Join(dir, "puggle")
	if out, err := exec.Command("go", "build", "-o", puggle, "puggle/cmd/puggle").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	env := append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	build := func(out string, env []string, args ...string) []byte {
		t.Helper()
		c := exec.Command(args[0], append(args[1:], "build", "-o", filepath.Join(dir, out), src)...)
		c.Env, c.Dir = env, dir
		if b, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, b)
		}
		b, err := os.ReadFile(filepath.Join(dir, out))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	host := build("host", env, "go")
	// A build cache of its own, so that everything is compiled there.
	inside := Environ(append(env, "GOCACHE="+filepath.Join(dir, "cache")), root)
	guest := build("guest", inside, puggle, "run", filepath.Join(root, "bin", "go"))
	if !bytes.Equal(host, guest) {
		t.Errorf("%d bytes built on the host, %d in the machine, and not the same", len(host), len(guest))
	}
	out, err := exec.Command(puggle, "run", filepath.Join(dir, "guest")).Output()
	if err != nil || string(out) != "{\"A\":1}\n" {
		t.Errorf("the program says %q, %v", out, err)
	}
	out, err = exec.Command(puggle, "run", "--toolchain", "go", "env", "GOHOSTOS").Output()
	if err != nil || string(out) != "darwin\n" {
		t.Errorf("the go command found by run --toolchain says %q, %v", out, err)
	}
}

const program = `package main

import (
	"encoding/json"
	"os"
)

func main() { json.NewEncoder(os.Stdout).Encode(struct{ A int }{1}) }
`
