package kernserv

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The examples of A-5, as printed but for the scanning errors.
const slotLoad = `CALL slot_init 0
PORT_DEATH slot_port_death

# Associate ports with proc/arg
SMAP slot0 slot_msg 0
SMAP slot2 slot_msg 1
SMAP slot4 slot_msg 2
SMAP slot6 slot_msg 3

# Server contains interrupt handler code, and so must be wired down
WIRE
# Start this server up immediately
START
`

func TestScripts(t *testing.T) {
	cmds, err := ParseLoad("Load_Commands", []byte(slotLoad))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"CALL slot_init 0", "PORT_DEATH slot_port_death", "SMAP slot0 slot_msg 0", "SMAP slot2 slot_msg 1",
		"SMAP slot4 slot_msg 2", "SMAP slot6 slot_msg 3", "WIRE", "START"}
	if len(cmds) != len(want) {
		t.Fatalf("%d commands", len(cmds))
	}
	for i, c := range cmds {
		if c.String() != want[i] {
			t.Errorf("%d: %v, want %s", i, c, want[i])
		}
	}
	if cmds[2].Line != 5 {
		t.Errorf("line %d", cmds[2].Line)
	}
	cmds, err = ParseUnload("U", []byte("# Termination\n\n CALL\tslot_signoff  -0x10 # so long"))
	if err != nil || len(cmds) != 1 || cmds[0].Arg != -16 {
		t.Errorf("%v %v", cmds, err)
	}
}

func TestScriptErrors(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{"START\nHMAP p f", "L:2: the syntax is HMAP port_name handler_routine integer"},
		{"START now", "L:1: the syntax is START"},
		{"start", `L:1: "start" is not a command`},
		{"CALL 9f 0\nSTART", `L:1: "9f" is not a function's name`},
		{"CALL f 0x1ffffffff", `L:1: "0x1ffffffff" is not a 32-bit integer`},
		{"CALL f two", `L:1: "two" is not a 32-bit integer`},
		{"ADVERTISE p\nWIRE\nCALL f 1", "L: one of HMAP, SMAP and START is needed, or the server would never run"},
		{"SMAP p f 0\nHMAP p g 0", "L:2: port p is mapped twice"},
		{"ADVERTISE p\nADVERTISE p\nSTART", "L:2: port p is advertised twice"},
		{"PORT_DEATH f\nPORT_DEATH g\nSTART", "L:2: PORT_DEATH is given twice"},
		{"SMAP p\x80 f 0", `L:1: "p\x80" is not a port's name`},
		{"ADVERTISE " + strings.Repeat("p", 256), "is not a port's name"},
		{strings.Repeat("START\n", MaxCommands+1), "L:257: more than 256 commands"},
		{strings.Repeat(" ", MaxScript+1), "L: a script has at most 65536 bytes"},
	} {
		_, err := ParseLoad("L", []byte(c.script))
		if err == nil || err.Error() != c.want && !strings.HasSuffix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q: %v, want %s", c.script, err, c.want)
		}
	}
	if _, err := ParseUnload("U", []byte("CALL f 0\nWIRE")); err == nil || err.Error() != "U:2: WIRE is not an unload command, only CALL is" {
		t.Error(err)
	}
}

func FuzzScript(f *testing.F) {
	f.Add([]byte(slotLoad))
	f.Add([]byte("CALL f 1 # x\n#\nHMAP a b 0777"))
	f.Fuzz(func(t *testing.T, b []byte) {
		cmds, err := ParseLoad("L", b)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("two lines: %q", err)
			}
			return
		}
		var again bytes.Buffer
		for _, c := range cmds {
			again.WriteString(c.String() + "\n")
		}
		same, err := ParseLoad("L", again.Bytes())
		if err != nil || len(same) != len(cmds) {
			t.Fatalf("%q does not survive: %v", again.String(), err)
		}
		for i := range same {
			same[i].Line = cmds[i].Line
			if same[i] != cmds[i] {
				t.Errorf("%v became %v", cmds[i], same[i])
			}
		}
	})
}

func TestLink(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "echo_reloc")
	args := func(s ...string) []string {
		return append([]string{"-n", "echo", "-i", "instance", "-l", "testdata/Load_Commands", "-u", "testdata/Unload_Commands",
			"-d", "echo_loadable", "-o", out}, s...)
	}
	var stderr strings.Builder
	if st := LinkMain(args("testdata/echo_main.o", "testdata/echo_msg.o"), &stderr); st != 0 {
		t.Fatalf("status %d: %s", st, &stderr)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadRelocatable(out, b)
	if err != nil {
		t.Fatal(err)
	}
	if r.Name != "echo" || r.Instance != "instance" || r.Loadable != "echo_loadable" || len(r.Load) != 7 || len(r.Unload) != 1 {
		t.Errorf("%+v", r)
	}
	// The same inputs give the same bytes.
	os.Remove(out)
	LinkMain(args("testdata/echo_main.o", "testdata/echo_msg.o"), &stderr)
	if c, _ := os.ReadFile(out); !bytes.Equal(b, c) {
		t.Error("the output differs")
	}
	bad := filepath.Join(dir, "bad")
	for _, c := range []struct {
		args []string
		st   int
		want string
	}{
		{args("testdata/echo_main.o"), 1, "Load_Commands:2: no input file defines the function echo_count"},
		{args("testdata/echo_msg.o", "testdata/echo_msg.o"), 1, "echo_count"},
		{args("testdata/none.o"), 1, "none.o"},
		{args("testdata/Load_Commands"), 1, "kl_ld: "},
		{args(), 2, "there is no input file"},
		{args("-q", "x"), 2, "-q is not an option"},
		{args("-n", "x"), 2, "-n is given twice"},
		{[]string{"-n"}, 2, "-n needs an argument"},
		{[]string{"-n", "x", "-i", "y", "-o", bad, "z"}, 2, "-l is missing"},
		{[]string{"-n", "a b", "-i", "i", "-l", "testdata/Load_Commands", "-o", bad, "testdata/echo_main.o"}, 1, `"a b" is not a server's name`},
		{[]string{"-n", "a", "-i", "nope", "-l", "testdata/Load_Commands", "-o", bad, "testdata/echo_main.o", "testdata/echo_msg.o"}, 1, "no input file defines the instance variable nope"},
	} {
		stderr.Reset()
		if st := LinkMain(c.args, &stderr); st != c.st || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%q: %d %s, want %s", c.args, st, &stderr, c.want)
		}
		if c.st == 1 && strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%q: not one line: %s", c.args, &stderr)
		}
	}
	if _, err := os.Stat(bad); err == nil {
		t.Error("an output was written in spite of an error")
	}
	if _, err := ReadRelocatable("x", testdata(t, "echo_main.o")); err == nil || !strings.Contains(err.Error(), ErrNotServer.Error()) {
		t.Error(err)
	}
}

func FuzzRelocatable(f *testing.F) {
	f.Add(linkEcho(f, "START"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ReadRelocatable("f", b); err == nil && (r.Name == "" || r.Instance == "" || r.Load == nil) {
			t.Errorf("%+v", r)
		}
	})
}
