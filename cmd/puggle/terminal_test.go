package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestSeek: a regular file as standard input can be positioned, and is left where
// the guest left it.
func TestSeek(t *testing.T) {
	g := needGuest(t)
	in := filepath.Join(t.TempDir(), "in")
	os.WriteFile(in, []byte("0123456789"), 0o644)
	f, err := os.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := command("run", g, "skip")
	c.Stdin = f
	out, err := c.Output()
	if string(out) != "34" || err != nil {
		t.Errorf("read %q, %v; want 34", out, err)
	}
	if at, _ := f.Seek(0, io.SeekCurrent); at != 5 {
		t.Errorf("the file is at %d, want 5", at)
	}
}

// TestHangup: a program whose exec is killed gets SIGHUP.
func TestHangup(t *testing.T) {
	g := needGuest(t)
	n, _ := machine(t)
	said := filepath.Join(t.TempDir(), "said")
	c := command("exec", "-n", n, g, "signal", said)
	out, _ := c.StdoutPipe()
	c.Start()
	io.ReadFull(out, make([]byte, 6))
	c.Process.Kill()
	c.Wait()
	eventually(t, "SIGHUP", func() bool { b, _ := os.ReadFile(said); return string(b) == "hangup" })
}

// terminal gives both ends of a pseudo-terminal of the host's.
func terminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	m, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	unix.IoctlSetPointerInt(int(m.Fd()), unix.TIOCSPTLCK, 0)
	no, err := unix.IoctlGetInt(int(m.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	s, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", no), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	t.Cleanup(func() { m.Close(); s.Close() })
	return m, s
}

// TestTerminal: /dev/tty, echo and ^C work, by run and by exec, and the host's
// terminal is afterwards as it was before.
func TestTerminal(t *testing.T) {
	g := needGuest(t)
	n, _ := machine(t)
	for name, how := range map[string][]string{"run": {"run"}, "exec": {"exec", "-n", n}} {
		t.Run(name, func(t *testing.T) {
			m, s := terminal(t)
			before, _ := unix.IoctlGetTermios(int(s.Fd()), unix.TCGETS)
			start := func(args ...string) *exec.Cmd {
				c := command(append(append([]string{}, how...), args...)...)
				c.Stdin, c.Stdout, c.Stderr = s, s, s
				c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				return c
			}
			var seen bytes.Buffer
			until := func(text string) {
				t.Helper()
				m.SetReadDeadline(time.Now().Add(20 * time.Second))
				var b [256]byte
				for !strings.Contains(seen.String(), text) {
					k, err := m.Read(b[:])
					if err != nil {
						t.Fatalf("%v before %q: %q", err, text, seen.String())
					}
					seen.Write(b[:k])
				}
			}
			c := start(g, "tty")
			until("name? ")
			m.WriteString("mach\n")
			until("hello mach\r\n")
			c.Wait()
			if !strings.Contains(seen.String(), "name? mach\r\n") {
				t.Errorf("no echo: %q", seen.String())
			}
			c = start(g, "signal", "/dev/null")
			until("ready")
			m.WriteString("\x03")
			until("got interrupt")
			if c.Wait(); c.ProcessState.ExitCode() != 9 {
				t.Errorf("status %d", c.ProcessState.ExitCode())
			}
			if after, _ := unix.IoctlGetTermios(int(s.Fd()), unix.TCGETS); *after != *before {
				t.Errorf("the terminal is not as it was: %+v, %+v", after, before)
			}
		})
	}
}
