package dyld

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"puggle/abi"
	"puggle/macho"
)

// roomy is a Memory that has room for absent symbols.
type roomy struct{ ram }

const roomyAt = 0x600000000000

func (m *roomy) Allocate(size uint64) (uint64, error) {
	if size > maxRAM {
		return 0, errors.New("too much")
	}
	addr := roomyAt + uint64(len(m.parts))<<32
	m.parts = append(m.parts, part{nil, addr, make([]byte, size)})
	return addr, nil
}

// lacking is the fixtures with a libSystem that has nothing but the handler.
func lacking(version string) dir {
	d := fixtures(version)
	d["/usr/lib/libSystem.B.dylib"] = "testdata/" + version + "/handler.dylib"
	return d
}

// text is the string at addr.
func (m *ram) text(t *testing.T, addr uint64) string {
	t.Helper()
	for _, p := range m.parts {
		if off := addr - p.addr; off < uint64(len(p.b)) {
			s, _, ok := bytes.Cut(p.b[off:], []byte{0})
			if !ok {
				t.Fatalf("the text at %#x has no end", addr)
			}
			return string(s)
		}
	}
	t.Fatalf("no memory at %#x", addr)
	return ""
}

// What is absent is bound to code that calls one place and has behind it where the names
// of symbol and library are.
func TestAbsent(t *testing.T) {
	const lib = "/usr/lib/libSystem.B.dylib"
	for _, v := range versions {
		mem := &roomy{ram{slide: apart}}
		p := load(t, lacking(v), Options{}, mem)
		table := symbols(t, v, "main")["_table"] + 0x5000
		base := p.absent.base
		for off, want := range map[uint64]string{8: "_sys_value", 32: "_getpid"} {
			at := mem.word(t, table+off)
			b, err := mem.at(at, absentStub)
			if err != nil {
				t.Fatal(err)
			}
			if to := at + 5 + uint64(binary.LittleEndian.Uint32(b[1:])); b[0] != 0xe8 || to != base+absentCommon {
				t.Errorf("%s: the stub of %s calls %#x, want %#x", v, want, to, base+absentCommon)
			}
			if s := mem.text(t, base+uint64(binary.LittleEndian.Uint32(b[8:]))); s != want {
				t.Errorf("%s: the stub's symbol is %q, want %q", v, s, want)
			}
			if s := mem.text(t, base+uint64(binary.LittleEndian.Uint32(b[12:]))); s != lib {
				t.Errorf("%s: the stub's library is %q, want %q", v, s, lib)
			}
			for _, w := range []uint64{mem.word(t, at), mem.word(t, at+8)} {
				if top := w >> 47; top == 0 || top == 1<<17-1 {
					t.Errorf("%s: as data the stub has %#x, which is an address", v, w)
				}
			}
		}
		area, _ := mem.at(base, absentSize)
		if n := bytes.Count(area, []byte(lib)); n != 1 {
			t.Errorf("%s: the library's name is there %d times", v, n)
		}
		if mem.protected[base] != abi.VM_PROT_READ|abi.VM_PROT_EXECUTE {
			t.Errorf("%s: the stubs have protection %v", v, mem.protected[base])
		}

		// A child's are its own.
		child, n := p.Clone(), p.absent.n
		child.mem, p.mem = mem, mem
		if _, ok := child.standIn(&SymbolError{Name: "_of_child", In: lib}); !ok || child.absent.n != n+1 || p.absent.n != n {
			t.Errorf("%s: the child has %d stubs (%v), the parent %d; they had %d", v, child.absent.n, ok, p.absent.n, n)
		}
		if a := p.absent.addrs; len(a) != n {
			t.Errorf("%s: the parent knows %d symbols, want %d", v, len(a), n)
		}

		// Both limits; what has a stub keeps it.
		full := &SymbolError{Name: "_one_more", In: lib}
		p.absent.n = absentMost
		if _, ok := p.standIn(full); ok {
			t.Errorf("%s: a stub beyond the last", v)
		}
		p.absent.n = n
		used := p.absent.strings
		p.absent.strings = absentSize - uint64(len(full.Name))
		if _, ok := p.standIn(full); ok {
			t.Errorf("%s: a name beyond the room", v)
		}
		if at, ok := p.standIn(&SymbolError{Name: "_getpid", In: lib}); !ok || at != mem.word(t, table+32) {
			t.Errorf("%s: getpid's stub is %#x %v", v, at, ok)
		}
		p.absent.strings = used
		if _, ok := p.standIn(full); !ok {
			t.Errorf("%s: there is room, and no stub", v)
		}
		if _, ok := p.standIn(&SymbolError{Name: "_x", In: "/app/lib/libdemo.dylib"}); ok {
			t.Errorf("%s: a library that is not the system's got a stub", v)
		}
	}
}

// Programs that know no libraries of their symbols, as Go's linker made them until 1.16, have
// absent ones too, if they name a library of the system's.
func TestAbsentOneLevel(t *testing.T) {
	img := func(flags uint32, lib string) *Image {
		o := &Object{Path: "/app/prog", File: &macho.File{Header: macho.Header{Flags: flags}, Dylibs: []macho.LoadDylib{{Name: lib}}}}
		return &Image{Object: o, deps: make([]*Image, 1)}
	}
	const framework = "/System/Library/Frameworks/Security.framework/Security"
	for _, v := range versions {
		mem := &roomy{ram{slide: apart}}
		p := load(t, lacking(v), Options{}, mem)
		p.mem = mem
		ref := reference{name: "_SecTrustSettingsCopyCertificates", ordinal: ordinalFlat}
		addr, found, err := p.resolve(img(0, framework), ref, false)
		if err != nil || !found {
			t.Fatalf("%s: %v %v", v, found, err)
		}
		b, err := mem.at(addr, absentStub)
		if err != nil {
			t.Fatal(err)
		}
		if s := mem.text(t, p.absent.base+uint64(binary.LittleEndian.Uint32(b[8:]))); s != ref.name {
			t.Errorf("%s: the stub's symbol is %q, want %q", v, s, ref.name)
		}
		for _, other := range []*Image{img(macho.FlagTwoLevel, framework), img(0, "/app/lib/libdemo.dylib")} {
			var sym *SymbolError
			if _, _, err := p.resolve(other, ref, false); !errors.As(err, &sym) {
				t.Errorf("%s: an image with flags %#x and %s got a stub: %v", v, other.File.Flags, other.File.Dylibs[0].Name, err)
			}
		}
	}
}

// A dlopen that fails leaves nothing, and can be tried again.
func TestDlopenFails(t *testing.T) {
	for _, v := range versions {
		d := lacking(v)
		mem := &roomy{ram{slide: apart}}
		p := load(t, d, Options{}, mem)
		images, parts := p.Images(), len(mem.parts)
		var sym *SymbolError
		for range 2 { // the bundle wants getpid of any image
			if _, err := p.Dlopen("/app/plug.bundle", RTLD_NOW, 0, mem); !errors.As(err, &sym) || sym.Name != "_getpid" {
				t.Fatalf("%s: %v", v, err)
			}
			if len(mem.parts) != parts || !slices.Equal(p.Images(), images) {
				t.Errorf("%s: %d parts and %d images are left, want %d and %d", v, len(mem.parts), len(p.Images()), parts, len(images))
			}
		}
		if _, err := p.Dlopen("/app/plug.bundle", RTLD_NOLOAD, 0, mem); err == nil {
			t.Errorf("%s: RTLD_NOLOAD finds what was not loaded", v)
		}
		d["/app/plug.bundle"] = "testdata/" + v + "/libSystem.B.dylib" // now it can be
		if _, err := p.Dlopen("/app/plug.bundle", RTLD_NOW, 0, mem); err != nil || len(p.Images()) != len(images)+1 {
			t.Errorf("%s: %v, %d images", v, err, len(p.Images()))
		}
	}
}

// The list of images is written when there are others, and when its page is gone; how
// many came with the program is said whenever it is first asked for.
func TestInfos(t *testing.T) {
	v := versions[0]
	mem := &roomy{ram{slide: apart}}
	p := load(t, fixtures(v), Options{}, mem)
	if _, err := p.Dlopen("/app/plug.bundle", RTLD_NOW, 0, mem); err != nil {
		t.Fatal(err)
	}
	ask := func(p *Process) uint64 {
		t.Helper()
		at, err := p.Infos(func() (uint64, error) { return mem.Allocate(InfosRoom) }, mem.Write)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	at := ask(p)
	field := func(off uint64) uint64 { return mem.word(t, at+off) }
	if n := field(0) >> 32; n != 4 || field(infosInitial) != 3 {
		t.Errorf("%d images, %d with the program; want 4 and 3", n, field(infosInitial))
	}
	stamp := field(infosTimestamp)
	array := false // whether it was ever taken away
	p.RefreshInfos(func(addr uint64, b []byte) error {
		array = array || addr <= at+infosArray && addr+uint64(len(b)) > at+infosArray
		return mem.Write(addr, b)
	})
	if ask(p) != at || ask(p.Clone()) != at || field(infosTimestamp) != stamp || array {
		t.Errorf("nothing has changed; stamp %d, was %d; array written: %v", field(infosTimestamp), stamp, array)
	}
	child := p.Clone()
	mem.parts = slices.DeleteFunc(mem.parts, func(x part) bool { return x.addr == at })
	mem.parts = append(mem.parts, part{nil, 1 << 46, nil}) // another place
	was := at
	if at = ask(p); at == was || field(0)>>32 != 4 || field(infosInitial) != 3 {
		t.Errorf("after its page went: at %#x (was %#x), %d images", at, was, field(0)>>32)
	}
	if at = ask(child); at == was || field(infosInitial) != 3 {
		t.Errorf("the child's: at %#x, %d with the program", at, field(infosInitial))
	}
}
