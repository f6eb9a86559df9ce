package dyld

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzLoad loads a malformed program, and a program with a malformed library,
// into memory of limited size, and again where most symbols are absent and get
// stubs. It must come back with an error or a result.
func FuzzLoad(f *testing.F) {
	for _, v := range versions {
		for _, name := range []string{"main", "libdemo.dylib", "plug.bundle"} {
			b, err := os.ReadFile(filepath.Join("testdata", v, name))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Add(classicFile())
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := openBytes("/fuzz", b)
		if err != nil {
			return
		}
		d := fixtures(versions[0])
		mem := &ram{slide: apart}
		p := NewProcess(d, Options{Missing: func(*SymbolError) (uint64, bool) { return 1, true }})
		if p.Load(o, mem) == nil {
			use(p, mem)
		}
		main, err := d.Open("/app/main")
		if err != nil {
			t.Fatal(err)
		}
		mem = &ram{slide: apart}
		p = NewProcess(loaderWith{d, o}, Options{})
		if p.Load(main, mem) == nil {
			use(p, mem)
		}
		for _, l := range []Loader{lacking(versions[0]), loaderWith{lacking(versions[0]), o}} {
			for _, first := range []*Object{o, main} {
				mem := &roomy{ram{slide: apart}}
				p := NewProcess(l, Options{})
				if p.Load(first, mem) == nil {
					use(p, mem)
					use(p.Clone(), mem)
				}
			}
		}
		Prelink([]*Object{o}, 0x7fff20000000)
	})
}

// loaderWith gives one object in place of libdemo.
type loaderWith struct {
	dir
	o *Object
}

func (l loaderWith) Open(path string) (*Object, error) {
	if filepath.Base(path) == "libdemo.dylib" {
		return l.o, nil
	}
	return l.dir.Open(path)
}

func use(p *Process, mem Memory) {
	p.Initialisers(mem)
	p.Terminators(mem)
	for _, img := range p.Images() {
		img.Entry()
		img.ThreadLocals()
		p.Dladdr(img.Base + 0x500)
	}
	p.Dlsym(RTLD_DEFAULT, "demo", 0)
	p.Dlopen("/app/plug.bundle", RTLD_NOW, 0, mem)
}
