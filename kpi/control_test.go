package kpi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
)

// TestKernelControl has a program talk with an extension by its kernel controls.
func TestKernelControl(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	dir := packObject(t, "testdata/control.o", "testdata/control.plist", "control")
	if _, err := x.Load(root, dir); err != nil {
		t.Fatal(err)
	}
	if v, e := value(s, "debug.control_packets"); e != 0 || v != 1 {
		t.Errorf("mbufs: control.c:%d, %v", -int32(v), e)
	}
	if out, st := runAs(t, s, root, bin, "control"); st != 0 || !strings.Contains(out, "control ok") {
		t.Errorf("as root: exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	for d := filepath.Dir(bin); d != os.TempDir() && len(d) > 1; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if out, st := runAs(t, s, &sys.Cred{UID: 501, RUID: 501, SVUID: 501}, bin, "control"); st != 0 || !strings.Contains(out, "control ok") {
		t.Errorf("as a user: exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	// What is connected can't be unloaded.
	stay, done := filepath.Join(t.TempDir(), "stay"), make(chan string)
	go func() {
		out, st := run(t, s, bin, "control", stay)
		if st != 0 || !strings.Contains(out, "control ok") {
			done <- out
		}
		close(done)
	}()
	for {
		if _, err := os.Stat(stay); err == nil {
			break
		}
		select {
		case out := <-done:
			t.Fatalf("connected: %s\n%s", out, x.Task.Messages)
		case <-time.After(10 * time.Millisecond):
		}
	}
	if err := x.Unload(root, "com.example.control"); err == nil {
		t.Error("it was unloaded with a socket connected")
	}
	if v, e := value(s, "debug.control_packets"); e != 0 || v != 1 {
		t.Errorf("after that: control.c:%d, %v", -int32(v), e)
	}
	os.Remove(stay)
	if out := <-done; out != "" {
		t.Errorf("connected: %s", out)
	}
	if err := x.Unload(root, "com.example.control"); err != nil {
		t.Error(err)
	}
	m := x.Task.Messages.String()
	for _, w := range []string{"unit 1 up, pid is the caller's: 1\n", "unit 40 up", "unit 40 down after 0 bytes\n", "unit 2 up", "unit 13 was never up\n", "unit 1 down after 12009 bytes\n",
		"unit 1 down after 5000 bytes\n", "control: busy\n"} {
		if !strings.Contains(m, w) {
			t.Errorf("%q did not come:\n%s", w, m)
		}
	}
	if strings.Contains(m, "not freed") {
		t.Errorf("messages: %s", m)
	}
}

// TestControlDead does what no extension may do with mbufs and controls: it dies, with a report, its
// sockets end, and it can be taken out.
func TestControlDead(t *testing.T) {
	s, x := boot(t)
	dir := packObject(t, "testdata/control.o", "testdata/control.plist", "control")
	for n, want := range []string{1: "is no mbuf", 2: "mbuf_setlen: more than", 3: "would have no end", 4: "is no mbuf", 5: "would have no end",
		6: "can't be written", 7: "", 8: "fault", 9: ""} {
		if n == 0 {
			continue
		}
		if _, err := x.Load(root, dir); err != nil {
			t.Fatal(err)
		}
		before := len(x.Task.Messages.String())
		_, e := value(s, "debug.control_misdeed", uint32(n))
		m := x.Task.Messages.String()
		if (e == 0) != (want == "") || !strings.Contains(m[min(before, len(m)):], want) {
			t.Errorf("misdeed %d: %v, want %q: %s", n, e, want, m[min(before, len(m)):])
		}
		if want != "" {
			if _, e := value(s, "debug.control_packets"); e != abi.EIO {
				t.Errorf("after misdeed %d it lives: %v", n, e)
			}
		}
		if err := x.Unload(root, "com.example.control"); err != nil {
			t.Errorf("misdeed %d: %v", n, err)
		}
	}
	if _, blocks := x.Task.MemoryInUse(); blocks > 8 {
		t.Errorf("%d blocks are left", blocks)
	}
}
