package macho

import (
	"bytes"
	"debug/macho"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var fixtures = []string{"10.15/main", "10.15/libdemo.dylib", "13.0/main", "13.0/libdemo.dylib", "13.0/plug.bundle"}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../dyld/testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := Parse(bytes.NewReader(b), int64(len(b)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestAgainstDebugMacho compares with Go's own parser what both know.
func TestAgainstDebugMacho(t *testing.T) {
	for _, name := range fixtures {
		b := read(t, name)
		f := parse(t, b)
		want, err := macho.NewFile(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if uint32(f.Type) != uint32(want.Type) || uint32(f.CPU) != uint32(want.Cpu) || f.Flags != want.Flags {
			t.Errorf("%s: header %+v, want %+v", name, f.Header, want.FileHeader)
		}
		if len(f.Sections) != len(want.Sections) {
			t.Fatalf("%s: %d sections, want %d", name, len(f.Sections), len(want.Sections))
		}
		for i, w := range want.Sections {
			s := &f.Sections[i]
			if s.Name != w.Name || s.Seg != w.Seg || s.Addr != w.Addr || s.Size != w.Size || s.Off != w.Offset || s.Flags != w.Flags {
				t.Errorf("%s: section %+v, want %+v", name, s, w.SectionHeader)
			}
			got, err := f.SectionData(s)
			data, _ := w.Data()
			if err != nil || !s.Zerofill() && !bytes.Equal(got, data) {
				t.Errorf("%s: section %s: other bytes (%v)", name, s.Name, err)
			}
		}
		syms, err := f.Symbols()
		if err != nil || len(syms) != len(want.Symtab.Syms) {
			t.Fatalf("%s: %d symbols (%v), want %d", name, len(syms), err, len(want.Symtab.Syms))
		}
		for i, w := range want.Symtab.Syms {
			s := syms[i]
			if s.Name != w.Name || s.Type != w.Type || s.Sect != w.Sect || s.Desc != w.Desc || s.Value != w.Value {
				t.Errorf("%s: symbol %+v, want %+v", name, s, w)
			}
		}
		libs, _ := want.ImportedLibraries()
		for i, l := range libs {
			if f.Dylibs[i].Name != l {
				t.Errorf("%s: library %q, want %q", name, f.Dylibs[i].Name, l)
			}
		}
		// The trie must hold what the symbol table calls external.
		trie, err := f.Trie()
		if err != nil {
			t.Fatal(err)
		}
		base := f.Segment("__TEXT").VMAddr
		exported := map[string]uint64{}
		if err := trie.Walk(func(e Export) bool { exported[e.Name] = e.Value; return true }); err != nil {
			t.Fatal(err)
		}
		n := 0
		for i := range syms {
			s := &syms[i]
			if !s.External() || !s.Defined() {
				continue
			}
			n++
			if v, ok := exported[s.Name]; !ok || v+base != s.Value {
				t.Errorf("%s: the walk has %s at %#x, want %#x", name, s.Name, v+base, s.Value)
			}
			if e, ok, err := trie.Lookup(s.Name); err != nil || !ok || e.Value+base != s.Value {
				t.Errorf("%s: the trie has %s at %#x (%v %v), want %#x", name, s.Name, e.Value+base, ok, err, s.Value)
			}
			for _, no := range []string{s.Name + "x", s.Name[:len(s.Name)-1] + "~"} {
				if _, ok, err := trie.Lookup(no); ok || err != nil {
					t.Errorf("%s: %s was found (%v)", name, no, err)
				}
			}
		}
		if n == 0 || n != len(exported) {
			t.Errorf("%s: %d external symbols, %d in the trie", name, n, len(exported))
		}
	}
}

// fatFile wraps a file as the second of two architectures.
func fatFile(thin []byte, wide bool) []byte {
	be := binary.BigEndian
	const at = 0x1000
	b := make([]byte, at, at+len(thin))
	be.PutUint32(b, FatMagic)
	be.PutUint32(b[4:], 2)
	put := func(o int, cpu CPU, off, size int) int {
		be.PutUint32(b[o:], uint32(cpu))
		if wide {
			be.PutUint64(b[o+8:], uint64(off))
			be.PutUint64(b[o+16:], uint64(size))
			return o + 32
		}
		be.PutUint32(b[o+8:], uint32(off))
		be.PutUint32(b[o+12:], uint32(size))
		return o + 20
	}
	if wide {
		be.PutUint32(b, FatMagic64)
	}
	o := put(8, CPUARM64, at, 0)
	put(o, CPUX86_64, at, len(thin))
	return append(b, thin...)
}

func TestFat(t *testing.T) {
	thin := read(t, "10.15/main")
	for _, wide := range []bool{false, true} {
		b := fatFile(thin, wide)
		f, s, err := Open(bytes.NewReader(b), int64(len(b)), CPUX86_64, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if s.Offset != 0x1000 || f.Size != int64(len(thin)) || f.Type != Execute {
			t.Errorf("wide %v: slice %+v, type %d", wide, s, f.Type)
		}
		var cpu *CPUError
		if _, _, err := Open(bytes.NewReader(b), int64(len(b)), CPUI386, Limits{}); !errors.As(err, &cpu) || len(cpu.Have) != 2 {
			t.Errorf("wide %v: another processor: %v", wide, err)
		}
	}
}

// TestMalformed damages a good file, one place at a time, and wants the one
// line that names the damage.
func TestMalformed(t *testing.T) {
	good := read(t, "10.15/main")
	le := binary.LittleEndian
	// find is the offset of the n-th load command of a kind.
	find := func(k Cmd, n int) int {
		for at := 32; ; at += int(le.Uint32(good[at+4:])) {
			if Cmd(le.Uint32(good[at:])) == k {
				if n--; n < 0 {
					return at
				}
			}
		}
	}
	text := find(LcSegment64, 1)
	for _, c := range []struct {
		name   string
		at     int
		v      uint32
		errors string
	}{
		{"magic", 0, 0x12345678, "not a Mach-O file"},
		{"32-bit", 0, Magic32, "32-bit"},
		{"number of commands", 16, 1 << 20, "load commands"},
		{"more commands than bytes", 16, 200, "cut short"},
		{"bytes of commands", 20, 1 << 30, "don't fit"},
		{"command size 0", text + 4, 0, "bad size"},
		{"command size odd", text + 4, 73, "bad size"},
		{"command size huge", text + 4, 0xfffffff8, "bad size"},
		{"segment overflow", text + 28, 0xffffffff, "outside its segment"},
		{"segment outside file", text + 48, 0x7fffffff, "outside the file"},
		{"section count", text + 64, 0x10000000, "don't fit"},
		{"section offset", text + 72 + 48, 0x7fffffff, "outside the file"},
		{"section alignment", text + 72 + 52, 63, "alignment"},
		{"section relocations", text + 72 + 60, 0xffffffff, "relocations"},
		{"symbols", find(LcSymtab, 0) + 12, 0x0fffffff, "symbols"},
		{"strings", find(LcSymtab, 0) + 20, 0xffffffff, "outside the file"},
		{"indirect symbols", find(LcDysymtab, 0) + 60, 0xffffffff, "outside the file"},
		{"binds", find(LcDyldInfoOnly, 0) + 20, 0xffffffff, "outside the file"},
		{"library name", find(LcLoadDylib, 0) + 8, 0x1000, "string offset"},
		{"library name in header", find(LcLoadDylib, 0) + 8, 4, "string offset"},
	} {
		b := bytes.Clone(good)
		le.PutUint32(b[c.at:], c.v)
		_, err := Parse(bytes.NewReader(b), int64(len(b)), Limits{})
		if err == nil || !strings.Contains(err.Error(), c.errors) {
			t.Errorf("%s: %v, want %q", c.name, err, c.errors)
		}
	}
	// Code of V8 is aligned to 2 MB; that is nothing for the kernel's linker to lay out.
	b := bytes.Clone(good)
	le.PutUint32(b[text+72+52:], 21)
	if _, err := Parse(bytes.NewReader(b), int64(len(b)), Limits{}); err != nil {
		t.Errorf("an alignment of 2^21: %v", err)
	}
	for _, kind := range []Type{Object, KextBundle} {
		le.PutUint32(b[12:], uint32(kind))
		if _, err := Parse(bytes.NewReader(b), int64(len(b)), Limits{}); err == nil || !strings.Contains(err.Error(), "alignment") {
			t.Errorf("an alignment of 2^21 in a file of type %d: %v", kind, err)
		}
	}
	for n := range 700 { // cut short anywhere
		if _, err := Parse(bytes.NewReader(good[:n]), int64(n), Limits{}); err == nil {
			t.Errorf("%d bytes were enough", n)
		}
	}
}

func TestLEB128(t *testing.T) {
	for _, c := range []struct {
		in  string
		u   uint64
		s   int64
		bad bool // as unsigned
	}{
		{"\x00", 0, 0, false},
		{"\x7f", 127, -1, false},
		{"\x80\x01", 128, 128, false},
		{"\x80\x7f", 0x3f80, -128, false},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 1<<64 - 1, -1, false},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 0, -1, true},
		{"\xe5\x8e\x26____", 624485, 624485, false},
		{"\xff\xff\xff\x3f____", 1<<27 - 1, 1<<27 - 1, false},
		{"\xff\xff\xff\xff\x0f____", 1<<32 - 1, 1<<32 - 1, false},
		{"\x80\x80\x01_", 1 << 14, 1 << 14, false},
		{"\x80", 0, 0, true},
		{"", 0, 0, true},
	} {
		u := Cursor{B: []byte(c.in)}
		if got := u.Uleb(); got != c.u || u.Bad != c.bad {
			t.Errorf("Uleb(%x) = %d, %v; want %d, %v", c.in, got, u.Bad, c.u, c.bad)
		}
		s := Cursor{B: []byte(c.in)}
		if got := s.Sleb(); !c.bad && (got != c.s || s.Bad) {
			t.Errorf("Sleb(%x) = %d, %v; want %d", c.in, got, s.Bad, c.s)
		}
	}
}

// TestTrieLoops gives the trie's readers nodes that point at themselves and
// at each other.
func TestTrieLoops(t *testing.T) {
	for _, trie := range []Trie{
		{0, 1, 'a', 0, 0},                       // a node that is its own child
		{0, 2, 0, 0, 'a', 0, 0},                 // an edge without letters
		{0, 1, 'a', 0, 5, 0, 1, 'a', 0, 0},      // two nodes in a ring
		{0, 255, 'a', 0, 0},                     // more children than bytes
		{0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0}, // terminal data past the end
	} {
		if err := trie.Walk(func(Export) bool { return true }); err == nil {
			t.Errorf("Walk(%x) found nothing wrong", trie)
		}
		if _, ok, _ := trie.Lookup(strings.Repeat("a", 1000)); ok {
			t.Errorf("Lookup(%x) found something", trie)
		}
	}
}
