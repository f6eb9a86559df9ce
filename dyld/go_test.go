package dyld

import (
	"debug/macho"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const goSource = `package main
import "fmt"
func main() { fmt.Println("hello") }
`

// goLibraries has a file for every library that Go programs name.
func goLibraries() dir {
	d := fixtures("10.15")
	for _, lib := range []string{"/usr/lib/libresolv.9.dylib", "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation",
		"/System/Library/Frameworks/Security.framework/Versions/A/Security"} {
		d[lib] = d["/usr/lib/libSystem.B.dylib"]
	}
	return d
}

// goProgram builds a program for darwin with the local toolchain.
func goProgram(t testing.TB, flags ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a compilation")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command")
	}
	d := t.TempDir()
	src, out := filepath.Join(d, "hello.go"), filepath.Join(d, "hello")
	if err := os.WriteFile(src, []byte(goSource), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(goTool, append(append([]string{"build"}, flags...), "-o", out, src)...)
	cmd.Env = append(os.Environ(), "GOOS=darwin", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	return out
}

// TestGoProgram compares every rebase and bind of a Go program with what
// llvm-objdump says that they are.
func TestGoProgram(t *testing.T) {
	host := goProgram(t)
	objdump, err := exec.LookPath("llvm-objdump-19")
	if err != nil {
		t.Skip("no llvm-objdump-19")
	}
	tables, err := exec.Command(objdump, "--macho", "--rebase", "--bind", host).Output()
	if err != nil {
		t.Fatal(err)
	}
	const slide = 0x12345000
	missing := map[string]uint64{}
	opt := Options{Missing: func(e *SymbolError) (uint64, bool) {
		if _, ok := missing[e.Name]; !ok {
			missing[e.Name] = 0x700000000 + uint64(len(missing))*16
		}
		return missing[e.Name], true
	}}
	d := goLibraries()
	o, err := openFile("/app/hello", host)
	if err != nil {
		t.Fatal(err)
	}
	mem := &ram{slide: func(img *Image) uint64 {
		if img.Index == 1 {
			return slide
		}
		return uint64(img.Index) << 32
	}}
	p := NewProcess(d, opt)
	if err := p.Load(o, mem); err != nil {
		t.Fatal(err)
	}
	plain := &ram{}
	if _, err := plain.Map(p.Main()); err != nil {
		t.Fatal(err)
	}
	rebases, binds := 0, 0
	touched := map[uint64]bool{}
	for _, line := range strings.Split(string(tables), "\n") {
		w := strings.Fields(line)
		if len(w) < 4 || !strings.HasPrefix(w[2], "0x") {
			continue
		}
		addr, err := strconv.ParseUint(w[2], 0, 64)
		if err != nil {
			t.Fatal(err)
		}
		touched[addr] = true
		got := mem.word(t, addr+slide)
		if len(w) == 4 {
			rebases++
			if want := plain.word(t, addr) + slide; got != want {
				t.Fatalf("rebase at %#x: %#x, want %#x", addr, got, want)
			}
			continue
		}
		binds++
		want, ok := missing[w[len(w)-1]]
		if !ok {
			s, err := p.Dlsym(RTLD_DEFAULT, strings.TrimPrefix(w[len(w)-1], "_"), 0)
			if err != nil {
				t.Fatal(err)
			}
			want = s.Addr
		}
		if got != want {
			t.Fatalf("bind of %s: %#x, want %#x", w[len(w)-1], got, want)
		}
	}
	if rebases < 1000 || binds < 50 {
		t.Fatalf("%d rebases and %d binds: the tables were not read", rebases, binds)
	}
	// Nothing else may change.
	for i := range p.Main().Segments {
		s := &p.Main().Segments[i]
		if s.Reserved() {
			continue
		}
		for a := s.Addr; a < s.Addr+s.Size; a += 8 {
			if !touched[a] && mem.word(t, a+slide) != plain.word(t, a) {
				t.Fatalf("the word at %#x changed", a)
			}
		}
	}
	f, err := macho.Open(host)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := uint64(0)
	for _, s := range f.Symtab.Syms {
		if s.Name == "__rt0_amd64_darwin" {
			want = s.Value + slide
		}
	}
	if addr, thread, ok := p.Main().Entry(); addr != want || !thread || !ok {
		t.Errorf("entry %#x %v %v, want %#x", addr, thread, ok, want)
	}
	t.Logf("%d rebases, %d binds, %d writes", rebases, binds, mem.writes)
}

// BenchmarkGoProgram loads a Go program into ready memory: parsing, binding,
// rebasing if it is slid.
func BenchmarkGoProgram(b *testing.B) {
	host := goProgram(b)
	data, err := os.ReadFile(host)
	if err != nil {
		b.Fatal(err)
	}
	d := goLibraries()
	sys, err := d.Open("/usr/lib/libSystem.B.dylib")
	if err != nil {
		b.Fatal(err)
	}
	shared, err := Prelink([]*Object{sys}, 0x7fff20000000)
	if err != nil {
		b.Fatal(err)
	}
	trap := func(*SymbolError) (uint64, bool) { return 0xdead000, true }
	for _, slide := range []uint64{0, 0x4000000} {
		b.Run("slide="+strconv.FormatUint(slide, 16), func(b *testing.B) {
			mem := &premapped{ram: ram{slide: func(*Image) uint64 { return slide }}}
			for b.Loop() {
				o, err := openBytes("/app/hello", data)
				if err != nil {
					b.Fatal(err)
				}
				if err := NewProcess(d, Options{Shared: shared, Missing: trap}).Load(o, mem); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// premapped maps once, so that the benchmark doesn't measure its own copying.
type premapped struct {
	ram
	n int
}

func (m *premapped) Map(img *Image) (uint64, error) {
	if m.n++; m.n <= 8 {
		return m.ram.Map(img)
	}
	if img.Prelinked != nil {
		return img.Prelinked.Slide, nil
	}
	return m.slide(img), nil
}
