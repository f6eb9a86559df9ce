package tty

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
)

func TestHostFile(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	// File.Fd makes them blocking, as an inherited descriptor is.
	in, out := NewHostFile(int(r.Fd()), false), NewHostFile(int(w.Fd()), false)
	ctx := member(10, 10)
	if _, err := read(in, ctx, 1, abi.O_NONBLOCK); err != abi.EAGAIN {
		t.Fatal(err)
	}
	type result struct {
		s   string
		err abi.Errno
	}
	done := make(chan result)
	start := func() {
		go func() { s, err := read(in, ctx, 10, 0); done <- result{s, err} }()
		waitFor(ctx.Thread.IsWaiting)
	}
	start()
	w.WriteString("hello")
	if got := <-done; got.s != "hello" || got.err != 0 {
		t.Fatal(got)
	}
	start()
	ctx.Thread.Interrupt()
	if got := <-done; got.err != abi.EINTR {
		t.Fatal(got)
	}
	// The event comes through the watcher.
	fired := make(chan bool, 10)
	f := in.Filter(sys.EVFILT_READ)
	kn := &sys.Knote{Activate: func(uint32) { fired <- true }}
	f.Attach(kn)
	if f.Ready(kn).Ready {
		t.Fatal("ready without data")
	}
	w.WriteString("x")
	<-fired
	if got := f.Ready(kn); !got.Ready || got.Data != 1 {
		t.Fatalf("%+v", got)
	}
	f.Detach(kn)
	read(in, ctx, 1, 0)

	// Nonblocking output stops when the host's pipe is full.
	u := sys.NewUio(make([]byte, 1<<20))
	if err := out.Write(ctx, u, abi.O_NONBLOCK); err != 0 || u.Resid == 0 || u.Resid == 1<<20 {
		t.Fatal(err, u.Resid)
	}
	if err := out.Write(ctx, u, abi.O_NONBLOCK); err != abi.EAGAIN {
		t.Fatal(err)
	}
	in.Close(ctx)
	out.Close(ctx)
}

// hostPty opens a pty of the host.
func hostPty(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("the host has no ptys:", err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Skip(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	return master, slave
}

func TestConsole(t *testing.T) {
	master, slave := hostPty(t)
	defer master.Close()
	defer slave.Close()
	fd := int(slave.Fd())
	unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
	before, _ := unix.IoctlGetTermios(fd, unix.TCGETS)

	j, ctx := newJobs(), member(10, 10)
	c, err := OpenConsole(j, 0, fd, fd)
	if err != nil {
		t.Fatal(err)
	}
	f, e := c.Open(ctx, abi.FREAD|abi.FWRITE)
	if e != 0 {
		t.Fatal(e)
	}
	size := make([]byte, 8)
	if e := f.Ioctl(ctx, abi.TIOCGWINSZ, size); e != 0 || size[0] != 24 || size[2] != 80 {
		t.Fatal(e, size)
	}
	// screen expects output; a wrong or missing one fails instead of hanging.
	screen := func(want string) {
		t.Helper()
		var got []byte
		for buf := make([]byte, 64); len(got) < len(want); {
			fds := []unix.PollFd{{Fd: int32(master.Fd()), Events: unix.POLLIN}}
			if n, err := unix.Poll(fds, 10000); err == unix.EINTR {
				continue
			} else if n == 0 || err != nil {
				t.Fatalf("the screen has %q, %v; want %q", got, err, want)
			}
			n, _ := unix.Read(int(master.Fd()), buf)
			got = append(got, buf[:max(n, 0)]...)
		}
		if string(got) != want {
			t.Fatalf("the screen has %q, want %q", got, want)
		}
	}
	master.WriteString("hex\x7fy\r")
	if s, e := read(f, ctx, 100, 0); s != "hey\n" || e != 0 {
		t.Fatalf("%q %v", s, e)
	}
	screen("hex\b \by\r\n") // before ^C, which throws waiting output away
	master.WriteString("\x03")
	waitFor(func() bool { j.mu.Lock(); defer j.mu.Unlock(); return len(j.sent) > 0 })
	if s := j.signals(); s != "[SIGINT to group 10]" {
		t.Fatal(s)
	}
	screen("^C")
	f.Write(ctx, sys.NewUio([]byte("out\n")), 0)
	screen("out\r\n")
	c.Close()
	after, _ := unix.IoctlGetTermios(fd, unix.TCGETS)
	if *after != *before {
		t.Fatal("the host's terminal is not as it was")
	}
	if _, err := OpenConsole(j, 0, int(mustPipe(t).Fd()), 1); err == nil || !strings.Contains(err.Error(), "ioctl") {
		t.Fatal("a pipe is no console:", err)
	}
}

func mustPipe(t *testing.T) *os.File {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r
}
