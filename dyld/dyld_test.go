package dyld

import (
	"debug/macho"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"puggle/abi"
)

var versions = []string{"10.15", "13.0"} // LC_DYLD_INFO_ONLY and chained fix-ups

// symbols reads a fixture's symbol values with Go's own parser.
func symbols(t *testing.T, version, name string) map[string]uint64 {
	t.Helper()
	f, err := macho.Open(filepath.Join("testdata", version, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m := map[string]uint64{}
	for _, s := range f.Symtab.Syms {
		if s.Sect != 0 {
			m[s.Name] = s.Value
		}
	}
	return m
}

func load(t *testing.T, d dir, opt Options, mem Memory) *Process {
	t.Helper()
	p := NewProcess(d, opt)
	o, err := d.Open("/app/main")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Load(o, mem); err != nil {
		t.Fatal(err)
	}
	return p
}

// Slides far apart, so that a pointer tells which image it points to.
func apart(img *Image) uint64 {
	if img.Index == 1 {
		return 0x5000
	}
	return uint64(img.Index) << 32
}

func TestLoad(t *testing.T) {
	for _, v := range versions {
		for _, slid := range []bool{true, false} {
			mem := &ram{slide: apart}
			if !slid {
				mem.slide = func(img *Image) uint64 { return apart(img) &^ 0x5000 }
			}
			p := load(t, fixtures(v), Options{}, mem)
			imgs := p.Images()
			var names []string
			for _, img := range imgs {
				names = append(names, img.Path)
			}
			if want := []string{"/app/main", "/app/lib/libdemo.dylib", "/usr/lib/libSystem.B.dylib"}; !slices.Equal(names, want) {
				t.Fatalf("%s: images %q, want %q", v, names, want)
			}
			at := func(i int, file, sym string) uint64 {
				x, ok := symbols(t, v, file)[sym]
				if !ok {
					t.Fatalf("%s: %s has no %s", v, file, sym)
				}
				return x + imgs[i].Slide
			}
			mainAt := func(s string) uint64 { return at(0, "main", s) }
			demoAt := func(s string) uint64 { return at(1, "libdemo.dylib", s) }
			sysAt := func(s string) uint64 { return at(2, "libSystem.B.dylib", s) }
			for _, c := range []struct {
				where, want uint64
			}{
				{mainAt("_table"), mainAt("_local")},
				{mainAt("_table") + 8, sysAt("_sys_value")},
				{mainAt("_table") + 16, demoAt("_demo_data") + 12},
				{mainAt("_table") + 24, demoAt("_demo")},
				{mainAt("_table") + 32, sysAt("_getpid")},
				{mainAt("_table") + 40, mainAt("_table")},
				{mainAt("_table") + 48, 0},
				{mainAt("_table") + 56, mainAt("_shared_weak")},
				{mainAt("_main_weak"), mainAt("_shared_weak")},
				{demoAt("_demo_weak"), mainAt("_shared_weak")}, // the program's comes first
				{demoAt("_demo_second"), demoAt("_demo_data") + 4},
				{demoAt("_demo_imported"), sysAt("_sys_value")},
				{sysAt("_sys_pointer"), sysAt("_sys_value")},
				{demoAt("_demo_tls"), sysAt("__tlv_bootstrap")},
				{demoAt("_demo_tls") + 8, 0}, // the key is libSystem's
			} {
				if got := mem.word(t, c.where); got != c.want {
					t.Errorf("%s: word at %#x is %#x, want %#x", v, c.where, got, c.want)
				}
			}
			if addr, thread, ok := imgs[0].Entry(); addr != mainAt("_main") || thread || !ok {
				t.Errorf("%s: entry %#x %v %v, want %#x", v, addr, thread, ok, mainAt("_main"))
			}
			tl, ok, err := imgs[1].ThreadLocals()
			if err != nil || !ok || tl.Count != 2 || tl.Init != 4 || tl.Size != 8 || mem.word(t, tl.Template) != 5 {
				t.Errorf("%s: thread locals %+v %v %v", v, tl, ok, err)
			}
			checkInits(t, p, mem, []uint64{demoAt("_demo_init"), mainAt("_first")}, demoAt("_demo_fini"))
			readOnly := 0
			for i := range imgs[0].Segments {
				if s := &imgs[0].Segments[i]; s.ReadOnlyAfter {
					readOnly++
					if mem.protected[s.Addr+imgs[0].Slide] != abi.VM_PROT_READ {
						t.Errorf("%s: %s was not protected", v, s.Name)
					}
				}
			}
			if readOnly == 0 {
				t.Errorf("%s: no segment is read-only after binding", v)
			}
		}
	}
}

func checkInits(t *testing.T, p *Process, mem Memory, want []uint64, fini uint64) {
	t.Helper()
	calls, err := p.Initialisers(mem)
	if err != nil {
		t.Fatal(err)
	}
	var got []uint64
	for _, c := range calls {
		got = append(got, c.Addr)
	}
	if !slices.Equal(got, want) {
		t.Errorf("initialisers %#x, want %#x", got, want)
	}
	if again, _ := p.Initialisers(mem); len(again) != 0 {
		t.Errorf("initialisers came twice: %v", again)
	}
	terms, err := p.Terminators(mem)
	if err != nil || len(terms) != 1 || terms[0].Addr != fini {
		t.Errorf("terminators %+v (%v), want %#x", terms, err, fini)
	}
}

func TestDlopen(t *testing.T) {
	for _, v := range versions {
		mem := &ram{slide: apart}
		p := load(t, fixtures(v), Options{}, mem)
		if _, err := p.Initialisers(mem); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Dlopen("/app/plug.bundle", RTLD_NOLOAD, 0, mem); err == nil {
			t.Errorf("%s: RTLD_NOLOAD loaded", v)
		}
		h, err := p.Dlopen("/app/plug.bundle", RTLD_NOW, 0, mem)
		if err != nil {
			t.Fatal(err)
		}
		if h2, err := p.Dlopen("/app/plug.bundle", RTLD_LAZY, 0, mem); h2 != h || err != nil {
			t.Errorf("%s: second dlopen %v %v, want %v", v, h2, err, h)
		}
		imgs := p.Images()
		plug := imgs[len(imgs)-1]
		calls, err := p.Initialisers(mem)
		if err != nil || len(calls) != 1 || calls[0].Image != plug {
			t.Errorf("%s: initialisers of the bundle: %v %v", v, calls, err)
		}
		s, err := p.Dlsym(h, "plug", 0)
		if want := symbols(t, v, "plug.bundle")["_plug"] + plug.Slide; err != nil || s.Addr != want {
			t.Errorf("%s: dlsym(plug) %#x %v, want %#x", v, s.Addr, err, want)
		}
		data, err := p.Dlsym(RTLD_DEFAULT, "demo_data", 0)
		if err != nil {
			t.Fatal(err)
		}
		where, err := p.Dlsym(h, "plug_data", 0)
		if err != nil || mem.word(t, where.Addr) != data.Addr {
			t.Errorf("%s: flat lookup bound to %#x, want %#x (%v)", v, mem.word(t, where.Addr), data.Addr, err)
		}
		if in, ok := p.Dladdr(s.Addr + 1); !ok || in.Symbol != "plug" || in.SymbolAddr != s.Addr || in.Image != plug {
			t.Errorf("%s: dladdr %+v %v", v, in, ok)
		}
		if w, err := p.Dlsym(RTLD_NEXT, "shared_weak", imgs[0].Base); err != nil || w.Image != imgs[1] {
			t.Errorf("%s: RTLD_NEXT found %+v %v", v, w, err)
		}
		if w, err := p.Dlsym(RTLD_SELF, "shared_weak", imgs[0].Base); err != nil || w.Image != imgs[0] {
			t.Errorf("%s: RTLD_SELF found %+v %v", v, w, err)
		}
		if w, err := p.Dlsym(h, "demo_tls", 0); err == nil {
			t.Errorf("%s: a bundle without libraries found %+v", v, w)
		}
		if w, err := p.Dlsym(RTLD_DEFAULT, "demo_tls", 0); err != nil || !w.ThreadLocal {
			t.Errorf("%s: thread-local symbol %+v %v", v, w, err)
		}
		var miss *SymbolError
		if _, err := p.Dlsym(RTLD_DEFAULT, "nowhere", 0); !errors.As(err, &miss) || miss.Name != "_nowhere" {
			t.Errorf("%s: dlsym(nowhere): %v", v, err)
		}
		child := p.Clone()
		if !p.Dlclose(h) || !p.Dlclose(h) || p.Dlclose(h) {
			t.Errorf("%s: dlclose must succeed twice", v)
		}
		if !child.Dlclose(h) {
			t.Errorf("%s: the child's count is its own", v)
		}
	}
}

func TestShared(t *testing.T) {
	for _, v := range versions {
		d := fixtures(v)
		sys, err := d.Open("/usr/lib/libSystem.B.dylib")
		if err != nil {
			t.Fatal(err)
		}
		const base = 0x7fff20000000
		shared, err := Prelink([]*Object{sys}, base)
		if err != nil {
			t.Fatal(err)
		}
		delete(d, "/usr/lib/libSystem.B.dylib")
		mem := &ram{slide: apart}
		p := load(t, d, Options{Shared: shared}, mem)
		img := p.Images()[2]
		if img.Base != base || img.Prelinked == nil {
			t.Fatalf("libSystem is at %#x, want %#x", img.Base, uint64(base))
		}
		syms := symbols(t, v, "libSystem.B.dylib")
		if got, want := mem.word(t, syms["_sys_pointer"]+img.Slide), syms["_sys_value"]+img.Slide; got != want {
			t.Errorf("%s: prelinked pointer %#x, want %#x", v, got, want)
		}
		mains := symbols(t, v, "main")
		if got, want := mem.word(t, mains["_table"]+0x5000+8), syms["_sys_value"]+img.Slide; got != want {
			t.Errorf("%s: bound to %#x, want %#x", v, got, want)
		}
		demo, _ := d.Open("/app/lib/libdemo.dylib")
		if _, err := Prelink([]*Object{demo}, base); err == nil {
			t.Errorf("%s: a library was prelinked without what it needs", v)
		}
	}
}

func TestMissing(t *testing.T) {
	for _, v := range versions {
		d := fixtures(v)
		d["/usr/lib/libSystem.B.dylib"] = d["/app/plug.bundle"] // it defines nothing that is wanted
		o, err := d.Open("/app/main")
		if err != nil {
			t.Fatal(err)
		}
		var sym *SymbolError
		if err := NewProcess(d, Options{}).Load(o, &ram{slide: apart}); !errors.As(err, &sym) {
			t.Errorf("%s: missing symbols: %v", v, err)
		}
		var names []string
		trap := func(e *SymbolError) (uint64, bool) { names = append(names, e.Name); return 0xdead000, true }
		mem := &ram{slide: apart}
		if err := NewProcess(d, Options{Missing: trap}).Load(o, mem); err != nil {
			t.Errorf("%s: with a trap: %v", v, err)
		}
		if got := mem.word(t, symbols(t, v, "main")["_table"]+0x5000+32); got != 0xdead000 || !slices.Contains(names, "_getpid") {
			t.Errorf("%s: getpid is bound to %#x; missing were %q", v, got, names)
		}
		delete(d, "/app/lib/libdemo.dylib")
		var lib *LibraryError
		if err := NewProcess(d, Options{}).Load(o, &ram{}); !errors.As(err, &lib) || lib.Name != "@rpath/libdemo.dylib" {
			t.Errorf("%s: missing library: %v", v, err)
		}
		p := NewProcess(fixtures(v), Options{})
		mem = &ram{slide: apart}
		if err := p.Load(o, mem); err != nil {
			t.Fatal(err)
		}
		before := len(mem.parts)
		if _, err := p.Dlopen("/app/main", 0, 0, mem); err != nil {
			t.Errorf("%s: dlopen of the program itself: %v", v, err)
		}
		if len(mem.parts) != before || len(p.Images()) != 3 {
			t.Errorf("%s: dlopen of the program mapped something", v)
		}
	}
}
