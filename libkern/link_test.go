package libkern

import (
	"bytes"
	"debug/macho"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"puggle/abi"
	gomacho "puggle/macho"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// outside is the Resolver of the tests: what run.c puts at an address.
func outside(at uint64) Resolver {
	return func(name string) (uint64, bool) {
		switch name {
		case "_outside":
			return at, true
		case "_outside_data":
			return at + 64, true
		case "___cxa_atexit", "__ZdlPvm":
			return at + 128, true
		}
		return 0, false
	}
}

func link(t testing.TB, base, out uint64, names ...string) *Image {
	t.Helper()
	var objs [][]byte
	for _, n := range names {
		objs = append(objs, read(t, n))
	}
	img, err := Link(objs, base, outside(out))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// TestRun links objects and bundles at several addresses, near and far from
// what they call, and runs them on the real processor.
func TestRun(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler")
	}
	d := t.TempDir()
	runner := filepath.Join(d, "run")
	if b, err := exec.Command(cc, "-o", runner, "testdata/run.c").CombinedOutput(); err != nil {
		t.Skipf("the C compiler doesn't make programs: %s", b)
	}
	const near, far = 0x5_0000_0000, 0x9_0000_0000
	for _, c := range []struct {
		files  []string
		want   int
		joined bool
	}{
		{[]string{"alpha.o", "beta.o"}, 1111111, false},
		{[]string{"beta.o", "alpha.o"}, 1111111, false},
		{[]string{"alpha.o", "beta.o"}, 1111111, true},
		{[]string{"beta.o", "alpha.o"}, 1111111, true},
		{[]string{"alpha-10.15.bundle"}, 1111111, false},
		{[]string{"alpha-13.0.bundle"}, 1111111, false},
		{[]string{"cxx.o"}, 3 + 112*1000 + 7*1000000, false},
		{[]string{"cxx.o"}, 3 + 112*1000 + 7*1000000, true},
		{[]string{"far.o"}, 557, false},
	} {
		for _, base := range []uint64{near + 0x100000, far, 0x1000_0000} {
			img := link(t, base, near, c.files...)
			if c.joined {
				var objs [][]byte
				for _, n := range c.files {
					objs = append(objs, read(t, n))
				}
				one, err := Join(objs, nil)
				if err != nil {
					t.Fatal(err)
				}
				if img, err = Link([][]byte{one}, base, outside(near)); err != nil {
					t.Fatal(err)
				}
			}
			run, ok := img.Lookup("_run")
			if !ok {
				t.Fatalf("%v: no _run", c.files)
			}
			args := []string{fmt.Sprint(near), fmt.Sprint(run.Addr), strconv.Itoa(len(img.Init))}
			for _, a := range img.Init {
				args = append(args, fmt.Sprint(a))
			}
			for i := range img.Segments {
				s := &img.Segments[i]
				if s.Size == 0 {
					continue
				}
				f := filepath.Join(d, fmt.Sprint(s.Addr))
				if err := os.WriteFile(f, img.Bytes(s.Addr, s.Size), 0o644); err != nil {
					t.Fatal(err)
				}
				args = append(args, f, fmt.Sprint(s.Addr), fmt.Sprint(int(s.Prot)))
			}
			out, err := exec.Command(runner, args...).CombinedOutput()
			if got := strings.TrimSpace(string(out)); err != nil || got != strconv.Itoa(c.want) {
				t.Errorf("%v at %#x: %s (%v), want %d", c.files, base, got, err, c.want)
			}
		}
	}
}

func TestNamespace(t *testing.T) {
	b := read(t, "beta.o")
	var twice *CollisionError
	if _, err := Link([][]byte{b, b}, 0x1000, outside(0)); !errors.As(err, &twice) || twice.First != 0 || twice.Second != 1 {
		t.Errorf("an object twice: %v", err)
	}
	var none *UndefinedError
	_, err := Link([][]byte{read(t, "alpha.o")}, 0x1000, func(string) (uint64, bool) { return 0, false })
	want := []string{"_beta_data", "_beta_next", "_beta_pointer", "_outside", "_outside_data"}
	if !errors.As(err, &none) || !slices.Equal(none.Names, want) {
		t.Errorf("undefined: %v, want %q", err, want)
	}
	img := link(t, 0x10000000, 0x11000000, "alpha.o", "beta.o")
	common, _ := img.Lookup("_shared_common")
	big, _ := img.Lookup("_big_common")
	if common.Addr%4 != 0 || big.Addr%16 != 0 || common.Addr-big.Addr < 400 {
		t.Errorf("commons at %#x and %#x overlap or are not aligned", common.Addr, big.Addr)
	}
	n := 0
	for _, s := range img.Symbols {
		if s.Name == "_either" || s.Name == "_shared_common" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("two shared names have %d definitions", n)
	}
	if _, ok := img.Lookup("_counter"); ok {
		t.Error("a static symbol is exported")
	}
	run, _ := img.Lookup("_run")
	if s, ok := img.Nearest(run.Addr + 5); !ok || s.Name != "_run" {
		t.Errorf("nearest to run+5 is %+v", s)
	}
	for _, s := range img.Segments {
		if s.Prot&abi.VM_PROT_WRITE != 0 && s.Prot&abi.VM_PROT_EXECUTE != 0 || s.Addr%PageSize != 0 || s.Size%PageSize != 0 {
			t.Errorf("segment %s at %#x+%#x has protection %d", s.Name, s.Addr, s.Size, s.Prot)
		}
	}
}

// TestSymbolFile reads symbol files with other readers.
func TestSymbolFile(t *testing.T) {
	const base = 0x40000000
	img := link(t, base, 0x41000000, "debug.o")
	b := img.SymbolFile()
	f, err := macho.NewFile(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	run, _ := img.Lookup("_run")
	found := false
	for _, s := range f.Symtab.Syms {
		found = found || s.Name == "_run" && s.Value == run.Addr && s.Sect == 1
	}
	if !found {
		t.Errorf("the symbol file doesn't have _run at %#x: %+v", run.Addr, f.Symtab.Syms)
	}
	text, err := f.Section("__text").Data()
	if err != nil || !bytes.Equal(text, img.Bytes(f.Section("__text").Addr, uint64(len(text)))) {
		t.Errorf("the symbol file has other code (%v)", err)
	}
	d, err := f.DWARF()
	if err != nil {
		t.Fatal(err)
	}
	r := d.Reader()
	cu, err := r.Next()
	if err != nil || cu == nil {
		t.Fatal(err)
	}
	ranges, err := d.Ranges(cu)
	if err != nil || len(ranges) != 1 || ranges[0][0] > run.Addr || ranges[0][1] <= run.Addr {
		t.Errorf("the debugging information is about %#x (%v), run is at %#x", ranges, err, run.Addr)
	}
	own, err := gomacho.Parse(bytes.NewReader(img.Bytes(base, PageSize)), PageSize, gomacho.Limits{})
	if err == nil {
		t.Logf("header in memory: %+v", own.Header)
	}
	if !bytes.Equal(img.Bytes(base, 32), b[:32]) {
		t.Error("the header in memory is not the file's")
	}
}

// TestJoin links what Join makes, and wants the image that linking the parts
// makes; other readers must accept the object.
func TestJoin(t *testing.T) {
	load := []byte("load command text")
	for _, c := range [][]string{{"alpha.o", "beta.o"}, {"beta.o", "alpha.o"}, {"cxx.o"}, {"far.o"}} {
		var objs [][]byte
		for _, n := range c {
			objs = append(objs, read(t, n))
		}
		joined, err := Join(objs, []ExtraSection{{"__LOADCMD", "Load_Commands", load}})
		if err != nil {
			t.Fatal(err)
		}
		f, err := macho.NewFile(bytes.NewReader(joined))
		if err != nil || f.Type != macho.TypeObj {
			t.Fatalf("%v: type %v, %v", c, f.Type, err)
		}
		const base, out = 0x40000000, 0x41000000
		whole, err := Link([][]byte{joined}, base, outside(out))
		if err != nil {
			t.Fatal(err)
		}
		s, ok := whole.Section("__LOADCMD", "Load_Commands")
		if !ok || !bytes.Equal(whole.Bytes(s.Addr, s.Size), load) {
			t.Errorf("%v: the extra section is %+v", c, s)
		}
		plain, err := Join(objs, nil)
		if err != nil {
			t.Fatal(err)
		}
		if whole, err = Link([][]byte{plain}, base, outside(out)); err != nil {
			t.Fatal(err)
		}
		for _, p := range link(t, base, out, c...).Symbols {
			if q, ok := whole.Lookup(p.Name); p.Exported && (!ok || q.Addr != p.Addr) {
				t.Errorf("%v: %s is at %#x, want %#x", c, p.Name, q.Addr, p.Addr)
			}
		}
		again, err := Join(objs, []ExtraSection{{"__LOADCMD", "Load_Commands", load}})
		if err != nil || !bytes.Equal(joined, again) {
			t.Errorf("%v: joining twice makes different files (%v)", c, err)
		}
	}
}

func TestPlanSize(t *testing.T) {
	p, err := NewPlan([][]byte{read(t, "cxx.o")})
	if err != nil {
		t.Fatal(err)
	}
	size := p.Size()
	img, err := p.Link(0x10000, outside(0x20000000))
	if err != nil {
		t.Fatal(err)
	}
	last := img.Segments[len(img.Segments)-1]
	if img.Size != size || last.Addr+last.Size != img.Base+size || len(img.Init) != 2 {
		t.Errorf("size %#x, planned %#x; last segment ends at %#x; %d constructors", img.Size, size, last.Addr+last.Size, len(img.Init))
	}
}

// Sections that name the same relocations would have a small object cost what its
// square does.
func TestOverlappingRelocations(t *testing.T) {
	seg := gomacho.WSegment{}
	for i := range 200 {
		x := gomacho.WSection{Data: make([]byte, 8), Section: gomacho.Section{Seg: "__DATA", Name: fmt.Sprint("__s", i), Addr: uint64(8 * i), Size: 8, Align: 3}}
		if i == 0 {
			for range 200 {
				x.Relocs = append(x.Relocs, gomacho.Reloc{Symbol: 1, Length: 3})
			}
		}
		seg.Sections = append(seg.Sections, x)
	}
	w := &gomacho.Writer{CPU: gomacho.CPUX86_64, SubType: 3, Type: gomacho.Object, Segments: []gomacho.WSegment{seg}}
	b := w.Bytes()
	if _, err := NewPlan([][]byte{b}); err != nil {
		t.Fatalf("one table: %v", err)
	}
	const header, segment, section, reloff = 32, 72, 80, 56
	first := b[header+segment+reloff:][:8]
	for i := 1; i < 200; i++ {
		copy(b[header+segment+section*i+reloff:], first)
	}
	var e *LinkError
	if _, err := NewPlan([][]byte{b}); !errors.As(err, &e) || !strings.Contains(e.Msg, "overlap") {
		t.Errorf("200 sections with one table: %v", err)
	}
}

// FuzzLink links malformed objects.
func FuzzLink(f *testing.F) {
	files, err := filepath.Glob("testdata/*.[ob]*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	beta, err := os.ReadFile("testdata/beta.o")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		known := func(string) (uint64, bool) { return 0x7fff00000000, true }
		for _, objs := range [][][]byte{{b}, {b, beta}} {
			p, err := NewPlan(objs)
			if err != nil || p.Size() > 1<<20 {
				continue
			}
			img, err := p.Link(0x40000000, known)
			if err != nil {
				continue
			}
			for i := range img.Segments {
				s := &img.Segments[i]
				if uint64(len(s.Data)) > s.Size || s.Addr < img.Base || s.Addr+s.Size > img.Base+img.Size {
					t.Fatalf("segment %s %#x+%#x with %#x bytes in an image of %#x", s.Name, s.Addr, s.Size, len(s.Data), img.Size)
				}
			}
			img.SymbolFile()
			if one, err := Join(objs, nil); err == nil {
				if _, err := open(one); err != nil {
					t.Fatalf("Join made what can't be read: %v", err)
				}
			}
			img.Nearest(0x40000800)
		}
	})
}
