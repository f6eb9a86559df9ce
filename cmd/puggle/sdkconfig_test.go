package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSDKConfig makes the headers of the document's example, by the command.
func TestSDKConfig(t *testing.T) {
	conf, out := t.TempDir(), filepath.Join(t.TempDir(), "headers")
	for name, text := range map[string]string{
		"MASTER": "# DEBUG = [ mach debug ]\n# RELEASE = [ mach ]\noptions MACH_KDB # <debug>\n", "MASTER.ppc": "pseudo-device mach_foo 2\n",
		"files": "OPTIONS/mach_foo optional mach_foo\nOPTIONS/mach_kdb optional mach_kdb\nosfmk/foo/foo_main.c optional mach_foo\nddb/db.c optional mach_kdb\n",
	} {
		if err := os.WriteFile(filepath.Join(conf, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	header := func(name, want string) {
		t.Helper()
		if b, err := os.ReadFile(filepath.Join(out, name)); err != nil || string(b) != want {
			t.Errorf("<%s>: %q, %v; want %q", name, b, err, want)
		}
	}
	want(t, "", "+ osfmk/foo/foo_main.c\n- ddb/db.c\n", 0, "sdk", "config", "-a", "ppc", "-c", "RELEASE", conf, out)
	header("mach_foo.h", "#define MACH_FOO 2\n")
	header("mach_kdb.h", "#define MACH_KDB 0\n")
	want(t, "", "- osfmk/foo/foo_main.c\n+ ddb/db.c\n", 0, "sdk", "config", "-a", "i386", "-c", "DEBUG", conf, out)
	header("mach_foo.h", "#define MACH_FOO 0\n")
	want(t, "", "", statusFault, "sdk", "config", "-c", "NONE", conf, out)
}
