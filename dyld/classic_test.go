package dyld

import (
	"encoding/binary"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"puggle/macho"
)

// classicFile is a program with pointers by the indirect symbol table and with relocations, made by
// <mach-o/loader.h>: __TEXT at 0, __DATA at 0x1000, its tables at 0x2000.
func classicFile() []byte {
	le := binary.LittleEndian
	var cmds []byte
	n := 0
	u32 := func(b []byte, v ...uint32) []byte {
		for _, x := range v {
			b = le.AppendUint32(b, x)
		}
		return b
	}
	name := func(s string, n int) []byte { return append([]byte(s), make([]byte, n-len(s))...) }
	segment := func(seg string, addr, size uint64, prot uint32, sections ...[]byte) {
		n++
		b := append(u32(nil, 0x19, uint32(72+80*len(sections))), name(seg, 16)...)
		for _, v := range []uint64{addr, size, addr, size} {
			b = le.AppendUint64(b, v)
		}
		b = u32(b, 7, prot, uint32(len(sections)), 0)
		for _, s := range sections {
			b = append(b, s...)
		}
		cmds = append(cmds, b...)
	}
	section := func(sect string, addr, size uint64, typ, first uint32) []byte {
		b := append(name(sect, 16), name("__DATA", 16)...)
		b = le.AppendUint64(le.AppendUint64(b, addr), size)
		return u32(b, uint32(addr), 3, 0, 0, typ, first, 0, 0)
	}
	segment("__TEXT", 0, 0x1000, 5)
	segment("__DATA", 0x1000, 0x1000, 3, section("__la_symbol_ptr", 0x1000, 32, 7, 0),
		section("__nl_symbol_ptr", 0x1020, 16, 6, 4), section("__data", 0x1030, 0x100, 0, 0))
	segment("__LINKEDIT", 0x2000, 0x1000, 1)
	lib := "/usr/lib/libSystem.B.dylib"
	n++
	cmds = append(u32(cmds, 0xc, 56, 24, 0, 0, 0), name(lib, 32)...)
	n++
	cmds = u32(cmds, 2, 24, 0x2000, 4, 0x2100, 40)
	n++
	cmds = u32(cmds, 0xb, 80, 0, 0, 0, 1, 1, 3, 0, 0, 0, 0, 0, 0, 0x2200, 6, 0x2300, 1, 0x2400, 1)

	b := make([]byte, 0x3000)
	copy(b, append(u32(nil, 0xfeedfacf, 0x01000007, 3, 2, uint32(n), uint32(len(cmds)), 0x200080, 0), cmds...))
	put := func(at int, v ...uint64) {
		for i, x := range v {
			le.PutUint64(b[at+8*i:], x)
		}
	}
	put(0x1000, 0, 0, 0x1234, 0x77, 0, 0, 0, 0, 5, 0x1048)
	names := "\x00_own\x00_there\x00_perhaps\x00_flat\x00"
	copy(b[0x2100:], names)
	for i, s := range []struct {
		typ, sect byte
		desc      uint16
		name      string
		value     uint64
	}{{0xf, 3, 0, "_own", 0x1100}, {1, 0, 1 << 8, "_there", 0}, {1, 0, 1<<8 | 0x40, "_perhaps", 0}, {1, 0, 0xfe << 8, "_flat", 0}} {
		at := 0x2000 + 16*i
		le.PutUint32(b[at:], uint32(strings.Index(names, s.name)))
		b[at+4], b[at+5] = s.typ, s.sect
		le.PutUint16(b[at+6:], s.desc)
		put(at+8, s.value)
	}
	copy(b[0x2200:], u32(nil, 1, 2, indirectLocal, indirectAbs, 0, 3))
	copy(b[0x2300:], u32(nil, 0x40, 1|3<<25|1<<27)) // X86_64_RELOC_UNSIGNED, external, 8 bytes: symbol 1
	copy(b[0x2400:], u32(nil, 0x48, 2|3<<25))
	return b
}

const classicSlide = 0x5000000

// loadClassic loads it into the fixtures' program.
func loadClassic(t *testing.T, b []byte) (*ram, error) {
	t.Helper()
	d := fixtures(versions[0])
	mem := &ram{slide: func(img *Image) uint64 {
		if img.Path == "/classic" {
			return classicSlide
		}
		return apart(img)
	}}
	p := NewProcess(d, Options{Missing: func(e *SymbolError) (uint64, bool) {
		v, ok := map[string]uint64{"_there": 0x70000, "_flat": 0x71000}[e.Name]
		return v, ok
	}})
	o, err := openBytes("/classic", b)
	if err != nil {
		return nil, err
	}
	return mem, p.Load(o, mem)
}

func TestClassic(t *testing.T) {
	mem, err := loadClassic(t, classicFile())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []uint64{0x70000, 0, 0x1234 + classicSlide, 0x77, 0x1100 + classicSlide, 0x71000, 0, 0, 0x70005, 0x1048 + classicSlide} {
		if got := mem.word(t, 0x1000+classicSlide+uint64(8*i)); got != want {
			t.Errorf("word %d: %#x, want %#x", i, got, want)
		}
	}
	for _, c := range []struct {
		what string
		at   int
		v    uint32
		want string
	}{
		{"symbol's number", 0x2200, 4, "symbol 4 of 4"},
		{"a relocation's symbol", 0x2304, 9 | 3<<25 | 1<<27, "symbol 9 of 4"},
		{"a relocation's size", 0x2304, 1 | 2<<25 | 1<<27, "is not for linked images"},
		{"a relocation's type", 0x2404, 2 | 3<<25 | 1<<28, "is not for linked images"},
		{"a relocation without a symbol", 0x2304, 1 | 3<<25, "names no symbol"},
		{"a relocation outside", 0x2300, 0x7ffffff8, "in no segment"},
		{"a relocation in another segment", 0x2400, 0x1000, "not writable"},
		{"scattered", 0x2400, 0x80000048, "scattered"},
	} {
		b := classicFile()
		binary.LittleEndian.PutUint32(b[c.at:], c.v)
		if _, err := loadClassic(t, b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
	}
}

// TestGoClassic: a Go program that is not position independent, which has its pointers to symbols so.
func TestGoClassic(t *testing.T) {
	host := goProgram(t, "-buildmode=exe")
	o, err := openFile("/app/hello", host)
	if err != nil {
		t.Fatal(err)
	}
	if o.File.DyldInfo != nil || o.File.Flags&macho.FlagPIE != 0 {
		t.Fatal("it is not such a program")
	}
	objdump, err := exec.LookPath("llvm-objdump-19")
	if err != nil {
		t.Skip("no llvm-objdump-19")
	}
	table, err := exec.Command(objdump, "--macho", "--indirect-symbols", host).Output()
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]uint64{}
	mem := &ram{slide: func(img *Image) uint64 {
		if img.Index == 1 {
			return 0
		}
		return apart(img)
	}}
	p := NewProcess(goLibraries(), Options{Missing: func(e *SymbolError) (uint64, bool) {
		if _, ok := missing[e.Name]; !ok {
			missing[e.Name] = 0x700000000 + uint64(len(missing))*16
		}
		return missing[e.Name], true
	}})
	if err := p.Load(o, mem); err != nil {
		t.Fatal(err)
	}
	_, got, ok := strings.Cut(string(table), "__got)")
	if !ok {
		t.Fatalf("no pointers:\n%s", table)
	}
	n := 0
	for line := range strings.Lines(got) {
		w := strings.Fields(line)
		if len(w) != 3 || !strings.HasPrefix(w[0], "0x") {
			continue
		}
		n++
		addr, err := strconv.ParseUint(w[0], 0, 64)
		if err != nil {
			t.Fatal(err)
		}
		want, ok := missing[w[2]]
		if !ok {
			s, err := p.Dlsym(RTLD_DEFAULT, strings.TrimPrefix(w[2], "_"), 0)
			if err != nil {
				t.Fatal(err)
			}
			want = s.Addr
		}
		if got := mem.word(t, addr); got != want {
			t.Errorf("%s at %#x is %#x, want %#x", w[2], addr, got, want)
		}
	}
	if n < 30 {
		t.Errorf("%d pointers were looked at", n)
	}
}
