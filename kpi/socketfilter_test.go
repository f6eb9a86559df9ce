package kpi_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"puggle/bsd/sys"
	"puggle/bsd/sysctl"
	"puggle/mach/sched"
)

// TestTCPLog loads the example, lets a program make connections, and reads the log.
func TestTCPLog(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	if _, err := x.Load(root, pack(t, "tcplog")); err != nil {
		t.Fatal(err)
	}
	out, st := run(t, s, bin, "tcplog")
	if st != 0 || !strings.Contains(out, "tcplog ok") {
		t.Fatalf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	// Sockets whose last bytes are still on their way are closed by the kernel.
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if n, e := value(s, "debug.tcplog.sockets"); e == 0 && n == 0 {
			break
		} else if time.Now().After(end) {
			t.Fatalf("%d sockets are left, %v", n, e)
		}
	}
	m := x.Task.Messages.String()
	for _, w := range []string{`out 127\.0\.0\.1:\d+, 0 bytes in, 0 bytes out`, `in 127\.0\.0\.1:\d+, 0 bytes in, 0 bytes out`,
		`out 127\.0\.0\.1:\d+, 1 bytes in, 2 bytes out`, `in 127\.0\.0\.1:\d+, 2 bytes in, 1 bytes out`,
		`out 127\.0\.0\.1:\d+, 1000 bytes in, 2000 bytes out`, `in 127\.0\.0\.1:\d+, 2000 bytes in, 1000 bytes out`,
		`out 127\.0\.0\.1:\d+, 3000000 bytes in, 6000000 bytes out`, `in 127\.0\.0\.1:\d+, 6000000 bytes in, 3000000 bytes out`,
	} {
		if !regexp.MustCompile(`tcplog: pid \d+ ` + w + "\n").MatchString(m) {
			t.Errorf("%s is not in the log:\n%s", w, m)
		}
	}
	if n := strings.Count(m, "tcplog: pid"); n != 9 {
		t.Errorf("%d connections are in the log, want 9 ends:\n%s", n, m)
	}
	if n, e := value(s, "debug.tcplog.connections"); n != 9 || e != 0 {
		t.Errorf("%d connections were counted, %v", n, e)
	}
	handles := x.Task.Handles()
	if err := x.Unload(root, "com.example.tcplog"); err != nil {
		t.Error(err)
	}
	if n := x.Task.Handles(); n > handles || n > 64 {
		t.Errorf("%d handles are left", n)
	}
	if out, st := run(t, s, bin, "tcplog"); st != 0 {
		t.Errorf("without the extension: exit %d: %s", st, out)
	}
	if m := x.Task.Messages.String(); strings.Count(m, "tcplog: pid") != 9 || strings.Contains(m, "not freed") {
		t.Errorf("messages: %s", m)
	}
}

// TestSocketFilter has filters refuse, change, swallow and inject what a program does with sockets.
func TestSocketFilter(t *testing.T) {
	s, x := boot(t)
	bin := program(t)
	dir := packObject(t, "testdata/filter.o", "testdata/filter.plist", "filter")
	if _, err := x.Load(root, dir); err != nil {
		t.Fatal(err)
	}
	if out, st := run(t, s, bin, "filter"); st != 0 || !strings.Contains(out, "filter ok") {
		t.Fatalf("exit %d: %s\n%s", st, out, x.Task.Messages)
	}
	if n, e := value(s, "debug.filter_fails"); n != 0 || e != 0 {
		t.Errorf("%d things were not as they should be, %v", n, e)
	}
	// Shutdown, no more to send, no more to receive, closing, disconnecting, disconnected: the
	// connection. Bound, listening, closing: the socket that was refused. Closing: the listener.
	req := &sysctl.Req{Ctx: &sys.Context{Thread: sched.NewThread("test"), Cred: root}, HasOld: true, OldLen: 256}
	e := s.Sysctl.CallByName("debug.filter_events", req)
	if b, _ := req.Result(); e != 0 || strings.TrimRight(string(b), "\x00") != "gihjdekLjj" {
		t.Errorf("events: %q, %v", b, e)
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if n, e := value(s, "debug.filter_attached"); e == 0 && n == 0 {
			break
		} else if time.Now().After(end) {
			t.Fatalf("%d sockets are left, %v", n, e)
		}
	}
	if err := x.Unload(root, "com.example.filter"); err != nil {
		t.Error(err)
	}
	if m := x.Task.Messages.String(); strings.Contains(m, "not freed") {
		t.Errorf("messages: %s", m)
	}

	// One that dies: data that was with it is lost, and after that all goes on as if it were not there.
	if _, err := x.Load(root, dir); err != nil {
		t.Fatal(err)
	}
	if _, e := value(s, "debug.filter_die", 1); e != 0 {
		t.Fatal(e)
	}
	if out, st := run(t, s, bin, "filter", "2s"); st == 0 {
		t.Errorf("with a filter that dies: %s", out)
	}
	if m := x.Task.Messages.String(); !strings.Contains(m, "fault writing 0x10") {
		t.Errorf("no report: %s", m)
	}
	if out, st := run(t, s, bin, "tcplog"); st != 0 {
		t.Errorf("with a dead filter: exit %d: %s", st, out)
	}
	if err := x.Unload(root, "com.example.filter"); err != nil {
		t.Error(err)
	}
	if out, st := run(t, s, bin, "tcplog"); st != 0 {
		t.Errorf("after it: exit %d: %s", st, out)
	}
}
