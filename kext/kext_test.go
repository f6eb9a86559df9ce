package kext

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"puggle/libkern"
)

// info is an Info.plist with further lines.
func info(id, version string, more ...string) string {
	return `<?xml version="1.0"?><plist version="1.0"><dict><key>CFBundleIdentifier</key><string>` + id +
		`</string><key>CFBundleVersion</key><string>` + version + `</string>` + strings.Join(more, "") + `</dict></plist>`
}

func key(k, v string) string { return "<key>" + k + "</key><string>" + v + "</string>" }

func libs(idVersion ...string) string {
	s := "<key>OSBundleLibraries</key><dict>"
	for i := 0; i < len(idVersion); i += 2 {
		s += key(idVersion[i], idVersion[i+1])
	}
	return s + "</dict>"
}

const override = `<key>IOKitPersonalities</key><dict><key>p</key><dict><key>CFBundleIdentifier</key><string>com.example.other</string></dict></dict>`

func object(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../libkern/testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVersion(t *testing.T) {
	// In ascending order; String gives the second form.
	prev := Version(0)
	for _, c := range [][2]string{
		{"0.1", "0.1"}, {"1d1", "1.0d1"}, {"1.0a1", "1.0a1"}, {"1.0.0b255", "1.0b255"}, {"1f1", "1.0fc1"}, {"1.0fc2", "1.0fc2"},
		{"1", "1.0"}, {"1.0.1", "1.0.1"}, {"1.2.3d0", "1.2.3d0"}, {"1.2.3", "1.2.3"}, {"10.0", "10.0"}, {"9999.9999.9999", "9999.9999.9999"},
	} {
		v, err := ParseVersion(c[0])
		if err != nil || v <= prev || v.String() != c[1] {
			t.Errorf("%s is %v (%v), after %v; want %s", c[0], v, err, prev, c[1])
		}
		prev = v
	}
	for _, s := range []string{"", "a", ".1", "1.", "1..2", "1.2.3.4", "12345", "1.0b", "1.0b256", "1.0fc0", "1.0x1", "1.0b1x", "-1", " 1", "1 "} {
		if v, err := ParseVersion(s); err == nil {
			t.Errorf("%q is version %v", s, v)
		}
	}
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name, plist, err string
	}{
		{"codeless with a target", info("com.example.a", "1.0", override), ""},
		{"codeless without", info("com.example.a", "1.0"), "no binary"},
		{"with a binary", info("com.example.a", "1.0", key("CFBundleExecutable", "a")), ""},
		{"no identifier", info("", "1.0", override), "CFBundleIdentifier"},
		{"bad version", info("com.example.a", "one", override), "not a kext version"},
		{"binary elsewhere", info("com.example.a", "1.0", key("CFBundleExecutable", "../../a")), "not a file name"},
		{"another package type", info("com.example.a", "1.0", override, key("CFBundlePackageType", "APPL")), "not KEXT"},
		{"compatible above", info("com.example.a", "1.0", override, key("OSBundleCompatibleVersion", "2.0")), "above"},
		{"libraries are a string", info("com.example.a", "1.0", override, key("OSBundleLibraries", "x")), "not a dictionary"},
		{"library without version", info("com.example.a", "1.0", override, libs("com.example.b", "")), "not a kext version"},
		{"not a list", "hello <", "property list"},
		{"root is an array", "<plist><array/></plist>", "property list"},
		{"too large", strings.Repeat(" ", MaxPlist+1), "more than"},
		{"too deep", "<plist>" + strings.Repeat("<array>", 1000), "deep"},
		{"deep behind closings", "<plist>" + strings.Repeat("<array><!-- </array> -->", 80), "deep"},
		{"deep behind data", "<plist>" + strings.Repeat("<array><![CDATA[</array>]]>", 80), "deep"},
		{"deep text", strings.Repeat("{a=", 100000), "deep"},
		{"binary", "bplist00abc", "binary"},
	} {
		fsys := fstest.MapFS{"a.kext/Contents/Info.plist": {Data: []byte(c.plist)}}
		_, err := Open(fsys, "a.kext")
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
	}
	if _, err := Open(fstest.MapFS{"a.kext/readme": {}}, "a.kext"); err == nil || !strings.Contains(err.Error(), "no Info.plist") {
		t.Errorf("a folder without Info.plist: %v", err)
	}
	b, err := Open(fstest.MapFS{
		"a.kext/Info.plist": {Data: []byte(info("com.example.a", "1.0", key("CFBundleExecutable", "a")))},
		"a.kext/a":          {Data: []byte("code")},
		"a.kext/PlugIns/b.kext/Contents/Info.plist":                      {Data: []byte(info("com.example.b", "1.0", override))},
		"a.kext/PlugIns/b.kext/Contents/PlugIns/c.kext/Contents/no.list": {},
	}, "a.kext")
	if err != nil || len(b.Plugins) != 1 || b.Plugins[0].Parent != b || b.Executable != "a.kext/a" {
		t.Fatalf("flat bundle with a plug-in: %+v, %v", b, err)
	}
	if code, err := b.Binary(); string(code) != "code" {
		t.Errorf("binary %q, %v", code, err)
	}
}

// fake is a Kernel that remembers.
type fake struct {
	log       []string
	next      uint64
	failStart string
	failStop  error
	live      int
}

func (k *fake) KPI(id string) (v, c Version, ok bool) {
	v, _ = ParseVersion("8.0")
	c, _ = ParseVersion("6.0")
	return v, c, id == "com.apple.kernel.mach" || id == "com.apple.kernel.bsd"
}

func (k *fake) Symbol(kpi, name string) (uint64, bool) {
	return 0x7000_0000, kpi == "com.apple.kernel.mach" && (name == "_outside" || name == "_outside_data")
}

func (k *fake) Allocate(size uint64) (uint64, error) {
	k.live++
	k.next += 0x1000_0000
	return k.next, nil
}

func (k *fake) Free(base, size uint64) { k.live-- }

func (k *fake) Start(l *Loaded) error {
	if l.Bundle.ID == k.failStart {
		if l.Image != nil {
			k.live--
		}
		return errors.New("the start routine failed")
	}
	k.log = append(k.log, "+"+l.Bundle.ID)
	return nil
}

func (k *fake) Stop(l *Loaded) error {
	if k.failStop != nil {
		return k.failStop
	}
	if l.Image != nil {
		k.live--
	}
	k.log = append(k.log, "-"+l.Bundle.ID)
	return nil
}

func repository(t *testing.T) *Repository {
	t.Helper()
	fsys := fstest.MapFS{}
	put := func(name, plist string, code []byte) {
		fsys["ext/"+name+".kext/Contents/Info.plist"] = &fstest.MapFile{Data: []byte(plist)}
		if code != nil {
			fsys["ext/"+name+".kext/Contents/MacOS/code"] = &fstest.MapFile{Data: code}
		}
	}
	code, compat := key("CFBundleExecutable", "code"), key("OSBundleCompatibleVersion", "1.0")
	mach := []string{"com.apple.kernel.mach", "6.5"}
	put("alpha", info("t.alpha", "1.0", code, libs(append([]string{"t.beta", "1.1"}, mach...)...)), object(t, "gamma.o"))
	put("beta", info("t.beta", "1.2", code, compat, libs("t.base", "1.0")), object(t, "beta.o"))
	put("beta-old", info("t.beta", "1.0", code, compat), object(t, "beta.o"))
	put("base", info("t.base", "1.0", override, compat), nil)
	put("undeclared", info("t.undeclared", "1.0", code, libs(mach...)), object(t, "gamma.o"))
	put("bsdonly", info("t.bsdonly", "1.0", code, libs("com.apple.kernel.bsd", "6.5", "t.beta", "1.0")), object(t, "gamma.o"))
	put("collides", info("t.collides", "1.0", code), object(t, "beta.o"))
	put("ring1", info("t.ring1", "1.0", override, compat, libs("t.ring2", "1.0")), nil)
	put("ring2", info("t.ring2", "1.0", override, compat, libs("t.ring1", "1.0")), nil)
	put("newer", info("t.newer", "1.0", override, libs("t.beta", "2.0")), nil)
	put("nolib", info("t.nolib", "1.0", override, libs("t.alpha", "1.0")), nil)
	put("oldkpi", info("t.oldkpi", "1.0", override, libs("com.apple.kernel.mach", "5.0")), nil)
	put("gone", info("t.gone", "1.0", override, libs("t.nobody", "1.0")), nil)
	r := NewRepository()
	if err := r.Scan(fsys, "ext"); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLoad(t *testing.T) {
	r, k := repository(t), &fake{}
	m := NewManager(r, k)
	for _, c := range []struct{ id, err string }{
		{"t.undeclared", "undefined symbols: _beta_next _beta_pointer"},
		{"t.ring1", "t.ring1 -> t.ring2 -> t.ring1"},
		{"t.newer", "version 2.0 is asked for"},
		{"t.nolib", "no OSBundleCompatibleVersion"},
		{"t.oldkpi", "KPI com.apple.kernel.mach"},
		{"t.gone", "t.nobody is not there"},
	} {
		if _, err := m.Load(r.Find(c.id)); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", c.id, err, c.err)
		}
	}
	if k.live != 0 || len(m.Status()) != 0 {
		t.Fatalf("failures left %d regions and %d extensions", k.live, len(m.Status()))
	}
	l, err := m.Load(r.Find("t.alpha"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"+t.base", "+t.beta", "+t.alpha"}; !slices.Equal(k.log, want) {
		t.Errorf("loaded %q, want %q", k.log, want)
	}
	var out strings.Builder
	if err := PrintStatus(&out, m.Status()); err != nil || !strings.Contains(out.String(), fmt.Sprintf("%#x", l.Image.Base)) ||
		!strings.HasSuffix(out.String(), " t.alpha (1.0) <2>\n") || strings.Count(out.String(), "\n") != 4 {
		t.Errorf("status (%v):\n%s", err, out.String())
	}
	if l.Deps[0].Bundle.Version.String() != "1.2" {
		t.Errorf("bound to beta %v, not the newest", l.Deps[0].Bundle.Version)
	}
	if _, err := m.Load(r.Find("t.alpha")); !errors.Is(err, ErrLoaded) {
		t.Errorf("loaded twice: %v", err)
	}
	var undef *libkern.UndefinedError
	if _, err := m.Load(r.Find("t.bsdonly")); !errors.As(err, &undef) || !slices.Equal(undef.Names, []string{"_outside", "_outside_data"}) {
		t.Errorf("a KPI that wasn't declared: %v", err)
	}
	var name *NameError
	if _, err := m.Load(r.Find("t.collides")); !errors.As(err, &name) || name.Owner != "t.beta" {
		t.Errorf("the same symbols: %v", err)
	}
	run, _ := l.Image.Lookup("_run")
	if x, s, ok := m.At(run.Addr + 9); !ok || x.Bundle.ID != "t.alpha" || s.Name != "_run" {
		t.Errorf("at run+9: %v %+v %v", x.Bundle, s, ok)
	}
	var used *InUseError
	if err := m.Unload("t.beta"); !errors.As(err, &used) || !slices.Equal(used.By, []string{"t.alpha"}) {
		t.Errorf("unloading a library: %v", err)
	}
	k.failStop = errors.New("a sysctl points into it")
	if err := m.Unload("t.alpha"); err == nil || len(m.Status()) != 3 {
		t.Errorf("a failing stop: %v, %d loaded", err, len(m.Status()))
	}
	k.failStop = nil
	for _, id := range []string{"t.alpha", "t.beta", "t.base"} {
		if err := m.Unload(id); err != nil {
			t.Error(err)
		}
	}
	if err := m.Unload("t.base"); !errors.Is(err, ErrNotLoaded) {
		t.Errorf("unloaded twice: %v", err)
	}
	k.failStart = "t.beta"
	if _, err := m.Load(r.Find("t.alpha")); err == nil || k.live != 0 {
		t.Errorf("a failing start: %v, %d regions left", err, k.live)
	}
	k.failStart = ""
	for range 200 {
		if _, err := m.Load(r.Find("t.beta")); err != nil {
			t.Fatal(err)
		}
		if err := m.Unload("t.beta"); err != nil {
			t.Fatal(err)
		}
	}
	if k.live != 0 || len(m.owners) != 0 {
		t.Errorf("%d regions and %d names left", k.live, len(m.owners))
	}
}

func TestSymbolFile(t *testing.T) {
	r := repository(t)
	m := NewManager(r, &fake{})
	if _, err := m.SymbolFile(r.Find("t.alpha"), map[string]uint64{"t.alpha": 0x50000000}); err == nil {
		t.Error("linked without an address for a dependency")
	}
	b, err := m.SymbolFile(r.Find("t.alpha"), map[string]uint64{"t.alpha": 0x50000000, "t.beta": 0x60000000})
	if err != nil || len(b) == 0 || len(m.Status()) != 0 {
		t.Errorf("%d bytes, %v, %d loaded", len(b), err, len(m.Status()))
	}
}

func TestPack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hello.kext")
	plist := []byte(info("com.example.hello", "1.0", libs("com.apple.kernel.mach", "6.5")))
	undefined, err := Pack([][]byte{object(t, "alpha.o"), object(t, "beta.o")}, plist, dir)
	if err != nil || !slices.Equal(undefined, []string{"_nowhere", "_outside", "_outside_data"}) {
		t.Fatalf("undefined %q, %v", undefined, err)
	}
	b, err := Open(os.DirFS(filepath.Dir(dir)), "hello.kext")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewManager(NewRepository(), &fake{}).Load(b); err != nil {
		t.Error(err)
	}
	// What it has written it may write anew, if the new one is good; what has more in it
	// is somebody's.
	if _, err := Pack(nil, plist, dir); err == nil {
		t.Error("packed without a binary over a bundle")
	}
	if _, err := Open(os.DirFS(filepath.Dir(dir)), "hello.kext"); err != nil {
		t.Errorf("a failed pack has cost the old bundle: %v", err)
	}
	if _, err := Pack([][]byte{object(t, "beta.o")}, plist, dir); err != nil {
		t.Errorf("once more: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "Contents", "precious"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Pack([][]byte{object(t, "beta.o")}, plist, dir); err == nil || !strings.Contains(err.Error(), "something else is there") {
		t.Errorf("over a bundle with more in it: %v", err)
	}
	if l, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".pack-*")); len(l) > 0 {
		t.Errorf("left: %q", l)
	}
	bad := filepath.Join(t.TempDir(), "bad.kext")
	if _, err := Pack(nil, plist, bad); err == nil {
		t.Error("packed without a binary and without a target")
	}
	if _, err := os.Stat(bad); err == nil {
		t.Error("a failed pack left its folder")
	}
}

func TestLint(t *testing.T) {
	img := &libkern.Image{}
	for _, n := range []string{"_com_example_a_start", "_OSThing", "_os_thing", "_osmosis", "__hidden", "__ZN13com_example_a3FooC1Ev", "__ZN3FooC1Ev", "_IO"} {
		img.Symbols = append(img.Symbols, libkern.Symbol{Name: n, Exported: true})
	}
	img.Symbols = append(img.Symbols, libkern.Symbol{Name: "_static"})
	got := strings.Join(Lint("com.example.a", img), "\n")
	for _, want := range []string{"OSThing: the prefix OS", "os_thing: the prefix os", "osmosis: exported names", "_hidden: names that begin", "_ZN3FooC1Ev: the class", "IO: the prefix IO"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n") + 1; n != 6 {
		t.Errorf("%d complaints, want 6:\n%s", n, got)
	}
}

// FuzzOpen opens bundles with malformed property lists.
func FuzzOpen(f *testing.F) {
	f.Add([]byte(info("com.example.a", "1.0", override, libs("com.example.b", "1.0"))))
	f.Add([]byte("{ CFBundleIdentifier = a; CFBundleVersion = \"1.0\"; }"))
	f.Add([]byte("<plist><dict><key>a</key><array><data>AAAA</data></array></dict></plist>"))
	f.Fuzz(func(t *testing.T, plist []byte) {
		b, err := Open(fstest.MapFS{"a.kext/Info.plist": {Data: plist}}, "a.kext")
		if err == nil && (b.ID == "" || b.Version <= 0) {
			t.Fatal(fmt.Sprintf("%+v", b))
		}
	})
}
