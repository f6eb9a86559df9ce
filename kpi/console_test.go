package kpi_test

import (
	"strings"
	"testing"

	"puggle/bsd/sys"
	"puggle/kernel"
	"puggle/test/syncbuf"
)

// TestSystemLog: what the kernel prints is on the console and in the logs, which any user reads and nobody
// writes; and what users keep secret is in neither.
func TestSystemLog(t *testing.T) {
	var console syncbuf.Buffer
	s, err := kernel.Boot(kernel.Config{KernelLog: &console, BootArgs: "-v"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	user := &sys.Cred{UID: 501, RUID: 501, SVUID: 501, GID: 20, RGID: 20, SVGID: 20}
	if out, st := runAs(t, s, user, "/bin/cat", "/var/log/system.log"); st != 0 || out != "" {
		t.Errorf("before anything was printed: exit %d, %q", st, out)
	}
	const secret = "correct-horse-battery"
	if out, st := runAs(t, s, user, "/usr/bin/security", "add-generic-password", "-s", "service", "-a", "me", "-w", secret); st != 0 {
		t.Fatalf("security: exit %d: %s", st, out)
	}
	if out, st := runAs(t, s, user, "/usr/bin/security", "find-generic-password", "-s", "service", "-a", "me", "-w"); st != 0 || !strings.Contains(out, secret) {
		t.Fatalf("security: exit %d: %s", st, out)
	}
	x, err := s.Extensions()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Load(root, pack(t, "hello")); err != nil {
		t.Fatal(err)
	}
	const text = "Hello, kernel!"
	if !strings.Contains(console.String(), text) {
		t.Errorf("the console has %q", console.String())
	}
	for _, log := range []string{"/var/log/system.log", "/usr/adm/messages"} {
		out, st := runAs(t, s, user, "/bin/cat", log)
		if st != 0 || !strings.Contains(out, text) || out != x.Task.Messages.String() {
			t.Errorf("%s: exit %d, %q", log, st, out)
		}
		if strings.Contains(out+console.String(), secret) {
			t.Errorf("%s or the console has a password", log)
		}
		for _, c := range []string{"echo forged > " + log, "echo forged >> " + log, "rm -f " + log, "mv /etc/hosts " + log} {
			if out, st := runAs(t, s, root, "/bin/sh", "-c", c); st == 0 {
				t.Errorf("%s: exit 0, %s", c, out)
			}
		}
	}
}
