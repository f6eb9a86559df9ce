package dyld

import (
	"slices"
	"testing"

	"puggle/macho"
)

func TestSearch(t *testing.T) {
	lib := &Image{Object: &Object{Path: "/opt/lib/a.dylib", File: &macho.File{Rpaths: []string{"@loader_path/sub", "/x"}}}}
	lib.loader = &Image{Object: &Object{Path: "/app/bin/main", File: &macho.File{Rpaths: []string{"@executable_path/../lib"}}}}
	for _, c := range []struct {
		name string
		opt  Options
		want []string
	}{
		{"/usr/lib/b.dylib", Options{}, []string{"/usr/lib/b.dylib", "/usr/local/lib/b.dylib"}},
		{"/y/b.dylib", Options{LibraryPath: []string{"/first"}, FallbackPath: []string{"/last"}}, []string{"/first/b.dylib", "/y/b.dylib", "/last/b.dylib"}},
		{"@rpath/b.dylib", Options{}, []string{"/opt/lib/sub/b.dylib", "/x/b.dylib", "/app/lib/b.dylib"}},
		{"@loader_path/b.dylib", Options{}, []string{"/opt/lib/b.dylib"}},
		{"@executable_path/b.dylib", Options{}, []string{"/app/bin/b.dylib"}},
		{"/L/F.framework/Versions/A/F", Options{FrameworkPath: []string{"/own"}}, []string{"/own/F.framework/Versions/A/F", "/L/F.framework/Versions/A/F"}},
	} {
		c.opt.ExecutablePath = "/app/bin/main"
		p := NewProcess(nil, c.opt)
		if got := p.search(c.name, lib); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestReexports follows LC_REEXPORT_DYLIB, in a ring too.
func TestReexports(t *testing.T) {
	image := func(path string, exports ...string) *Image {
		img := &Image{Object: &Object{Path: path, File: &macho.File{Dylibs: []macho.LoadDylib{{Kind: macho.LcReexportDylib}, {Kind: macho.LcLoadDylib}}}}}
		img.exportsOnce.Do(func() {
			img.table = map[string]macho.Symbol{}
			for i, e := range exports {
				img.table[e] = macho.Symbol{Name: e, Type: macho.NAbs | macho.NExt, Value: uint64(i)}
			}
		})
		return img
	}
	a, b, c := image("a", "_a"), image("b", "_b"), image("c", "_c")
	a.deps, b.deps, c.deps = []*Image{b, c}, []*Image{c, a}, []*Image{a, nil}
	for _, x := range []struct {
		name string
		want *Image
	}{{"_a", a}, {"_b", b}, {"_c", c}, {"_d", nil}} {
		s, ok, err := find(a, x.name)
		if err != nil || ok != (x.want != nil) || s.Image != x.want {
			t.Errorf("%s is in %v (%v)", x.name, s.Image, err)
		}
	}
	plain := image("plain", "_p")
	plain.deps = []*Image{nil, a} // a is linked to, not re-exported
	if _, ok, err := find(plain, "_a"); ok || err != nil {
		t.Errorf("a symbol came through a plain library (%v)", err)
	}
	// A trie's own re-exports: under another name, and round in a circle.
	re := image("re")
	re.deps = []*Image{a, re}
	var l lookup
	if s, ok, err := l.export(re, "_old", macho.Export{Flags: macho.ExportReexport, Value: 1, Import: "_a"}); !ok || err != nil || s.Image != a {
		t.Errorf("renamed: %+v %v %v", s, ok, err)
	}
	re.trie = reexportTrie("_x", macho.ExportReexport, 2)
	if _, ok, err := find(re, "_x"); ok || err == nil {
		t.Errorf("a symbol that is re-exported from itself was found (%v)", err)
	}
}

// reexportTrie makes an export trie of one re-exported symbol.
func reexportTrie(name string, flags, ordinal byte) macho.Trie {
	b := append([]byte{0, 1}, name...)
	b = append(b, 0, byte(len(name)+4))
	return append(b, 3, flags, ordinal, 0, 0)
}
