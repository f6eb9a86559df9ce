package config

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// conf is the document's own example: mach_foo for the PowerPC only, and two ppp.
func conf() fstest.MapFS {
	f := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"MASTER": f("# RELEASE = [ mach bsd ]\n# DEBUG = [ mach bsd debug ]\n# PROFILE = [ mach bsd ]\n" +
			"machine \"any\"\noptions MACH_KDB\t# <debug>\noptions MACH_PLAIN # <!debug>\noptions HZ=100\n"),
		"MASTER.ppc":  f("options\tMACH_FOO\npseudo-device ppp 2\n"),
		"MASTER.i386": f("pseudo-device random\n"),
		"files": f("OPTIONS/mach_foo optional mach_foo\nOPTIONS/mach_kdb optional mach_kdb\nOPTIONS/hz optional hz\n" +
			"OPTIONS/mach_plain optional mach_plain\nOPTIONS/ppp optional ppp\nOPTIONS/random optional random\n" +
			"osfmk/foo/foo_main.c optional mach_foo\nosfmk/foo/foo_bar.c optional mach_foo mach_kdb\nosfmk/crud/mandatory_file.c standard\n"),
		"files.ppc": f("osfmk/ppc/only.c standard\n"),
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		arch, configuration string
		headers             map[string]string
		on                  string
	}{
		{"ppc", "", map[string]string{"mach_foo.h": "#define MACH_FOO 1\n", "ppp.h": "#define PPP 2\n", "random.h": "#define RANDOM 0\n",
			"hz.h": "#define HZ 100\n", "mach_kdb.h": "#define MACH_KDB 1\n"},
			"osfmk/foo/foo_main.c osfmk/foo/foo_bar.c osfmk/crud/mandatory_file.c osfmk/ppc/only.c"},
		{"i386", "", map[string]string{"mach_foo.h": "#define MACH_FOO 0\n", "ppp.h": "#define PPP 0\n", "random.h": "#define RANDOM 1\n"},
			"osfmk/crud/mandatory_file.c"},
		{"ppc", "RELEASE", map[string]string{"mach_kdb.h": "#define MACH_KDB 0\n", "mach_plain.h": "#define MACH_PLAIN 1\n"},
			"osfmk/foo/foo_main.c osfmk/crud/mandatory_file.c osfmk/ppc/only.c"},
		{"ppc", "DEBUG", map[string]string{"mach_kdb.h": "#define MACH_KDB 1\n", "mach_plain.h": "#define MACH_PLAIN 0\n"},
			"osfmk/foo/foo_main.c osfmk/foo/foo_bar.c osfmk/crud/mandatory_file.c osfmk/ppc/only.c"},
	} {
		k, err := Read(conf(), c.arch, c.configuration)
		if err != nil {
			t.Errorf("%s %s: %v", c.arch, c.configuration, err)
			continue
		}
		h := k.Headers()
		for name, want := range c.headers {
			if h[name] != want {
				t.Errorf("%s %s: <%s> is %q, want %q", c.arch, c.configuration, name, h[name], want)
			}
		}
		var on []string
		for _, s := range k.Sources {
			if k.On(s) {
				on = append(on, s.Path)
			}
		}
		if got := strings.Join(on, " "); got != c.on {
			t.Errorf("%s %s: on are %s, want %s", c.arch, c.configuration, got, c.on)
		}
	}
}

// TestCompiles compiles the document's source that guards itself, for both machines.
func TestCompiles(t *testing.T) {
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("no clang-19")
	}
	for arch, want := range map[string]bool{"ppc": true, "i386": false} {
		dir := t.TempDir()
		k, err := Read(conf(), arch, "")
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range k.Headers() {
			os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
		}
		src := "#include <mach_foo.h>\n#include <ppp.h>\n#if (MACH_FOO > 0)\nint foo_units[PPP];\n_Static_assert(sizeof(foo_units) == 2 * sizeof(int), \"\");\n#error foo\n#endif /* MACH_FOO */\n"
		cmd := exec.Command("clang-19", "-fsyntax-only", "-nostdinc", "-I", dir, "-x", "c", "-")
		cmd.Stdin = strings.NewReader(src)
		b, err := cmd.CombinedOutput()
		if has := strings.Contains(string(b), "error: foo\n"); has != want || (err != nil) != want {
			t.Errorf("%s: %v\n%s", arch, err, b)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"MASTER", "option FOO\n", `MASTER:1: "option": neither options nor pseudo-device`},
		{"MASTER", "\noptions\n", `MASTER:2: "options" without a name`},
		{"MASTER", "options 1X\n", `MASTER:1: "1X" is no name`},
		{"MASTER", "options HZ=fast\n", `MASTER:1: the value of "HZ" is no number`},
		{"MASTER.ppc", "pseudo-device ppp two\n", `MASTER.ppc:1: "two" is no count`},
		{"MASTER.ppc", "pseudo-device ppp 99999999\n", `MASTER.ppc:1: "99999999" is no count`},
		{"files", "a.c\n", `files:1: "a.c" is to be optional with a name, or standard`},
		{"files", "a.c perhaps foo\n", `files:1: "perhaps": neither optional nor standard`},
		{"files", "OPTIONS/../x optional x\n", `files:1: an option is OPTIONS/NAME optional NAME`},
		{"files.ppc", "a.c standard optional b\n", `files.ppc:1: "a.c" is to be optional with a name, or standard`},
	} {
		fs := conf()
		fs[c.file] = &fstest.MapFile{Data: []byte(c.text)}
		if _, err := Read(fs, "ppc", ""); err == nil || err.Error() != c.want {
			t.Errorf("%s %q: %v, want %s", c.file, c.text, err, c.want)
		}
	}
	if _, err := Read(conf(), "ppc", "NONE"); err == nil || err.Error() != `MASTER: there is no configuration "NONE"` {
		t.Error(err)
	}
	if _, err := Read(fstest.MapFS{}, "ppc", ""); err == nil || err.Error() != "MASTER: there is no such file" {
		t.Error(err)
	}
}

func FuzzConfig(f *testing.F) {
	for name, file := range conf() {
		f.Add(name, string(file.Data), "DEBUG")
	}
	f.Add("MASTER", "# X = [ a", "X")
	f.Add("files", "OPTIONS/a optional\n", "")
	f.Fuzz(func(t *testing.T, name, text, configuration string) {
		c := conf()
		switch name {
		case "MASTER", "MASTER.ppc", "files", "files.ppc":
		default:
			name = "MASTER"
		}
		c[name] = &fstest.MapFile{Data: []byte(text)}
		k, err := Read(c, "ppc", configuration)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			return
		}
		for n, h := range k.Headers() {
			if strings.ContainsAny(n, "/ ") || strings.Count(h, "\n") != 1 {
				t.Errorf("<%s> is %q", n, h)
			}
		}
	})
}

// unreadable is a folder in which one file can't be opened.
type unreadable struct {
	fs.FS
	name string
}

func (u unreadable) Open(name string) (fs.File, error) {
	if name == u.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return u.FS.Open(name)
}

// TestMissing: the architecture's own files may be missing, but not what can't be read, and
// not the others.
func TestMissing(t *testing.T) {
	for _, name := range []string{"MASTER", "MASTER.ppc", "files", "files.ppc"} {
		if _, err := Read(unreadable{conf(), name}, "ppc", ""); err == nil || !strings.Contains(err.Error(), name+": it can't be opened") {
			t.Errorf("%s can't be opened: %v", name, err)
		}
		dir := conf()
		delete(dir, name)
		_, err := Read(dir, "ppc", "")
		if needed := !strings.HasSuffix(name, ".ppc"); (err != nil) != needed {
			t.Errorf("without %s: %v", name, err)
		}
	}
}
