package tty

import (
	"strings"
	"sync"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/sys"
)

func TestCanonical(t *testing.T) {
	p := newPair(t)
	p.typed("hel")
	p.reads("")
	p.typed("lo\rworld\n")
	p.reads("hello\n")
	p.reads("world\n")
	p.reads("")
	p.shows("hello\r\nworld\r\n")
	// Part of a line, then the rest.
	p.typed("abcdef\n")
	if got, _ := read(p.file, p.ctx, 4, 0); got != "abcd" {
		t.Fatal(got)
	}
	p.reads("ef\n")
	p.shows("abcdef\r\n")
	// End of file: at once after other input, and alone.
	p.typed("xy\x04")
	p.reads("xy")
	p.shows("xy^D\b\b")
	p.typed("\x04")
	if got, err := read(p.file, p.ctx, 4, 0); got != "" || err != 0 {
		t.Fatal(got, err)
	}
}

func TestEditing(t *testing.T) {
	for _, c := range []struct{ typed, reads, shows string }{
		{"abx\x7fc\n", "abc\n", "abx\b \bc\r\n"},
		{"a\x01\x7f\x7f\x7fb\n", "b\n", "a^A\b \b\b \b\b \bb\r\n"},
		{"one two \x17three\n", "one three\n", "one two \b \b\b \b\b \b\b \bthree\r\n"},
		{"junk\x15ok\n", "ok\n", "junk\b \b\b \b\b \b\b \bok\r\n"},
		{"a\x16\x03b\n", "a\x03b\n", "a^\b^Cb\r\n"},
		{"ab\x12c\n", "abc\n", "ab^R\r\nabc\r\n"},
		{"a\t\x7fb\n", "ab\n", "a\t" + strings.Repeat("\b \b", 7) + "b\r\n"},
	} {
		p := newPair(t)
		p.typed(c.typed)
		p.shows(c.shows)
		p.reads(c.reads)
	}
	p := newPair(t)
	p.stty(func(tio *abi.Termios) { tio.Iflag |= abi.IUTF8 })
	p.typed("aé\x7fb\n")
	p.shows("aé\b \bb\r\n")
	p.reads("ab\n")
}

func TestOutputModes(t *testing.T) {
	p := newPair(t)
	p.put("a\nb")
	p.shows("a\r\nb")
	p.stty(func(tio *abi.Termios) { tio.Oflag |= abi.OXTABS | abi.OCRNL | abi.ONOEOT })
	p.put("\r")
	p.shows("\r\n")
	p.put("abc\td\x04e")
	p.shows("abc     de")
	p.stty(func(tio *abi.Termios) { tio.Oflag = 0 })
	p.put("a\n\t\r")
	p.shows("a\n\t\r")
}

func TestSignals(t *testing.T) {
	p := newPair(t)
	p.typed("abc\x03")
	if s := p.j.signals(); s != "[SIGINT to group 10]" {
		t.Fatal(s)
	}
	p.typed("d\n")
	p.reads("d\n") // what came before is flushed
	p.typed("\x1c\x1a")
	if s := p.j.signals(); s != "[SIGQUIT to group 10 SIGTSTP to group 10]" {
		t.Fatal(s)
	}
	p.typed("\x14")
	if s := p.j.signals(); s != "[SIGINFO to group 10]" {
		t.Fatal(s)
	}
	p.stty(func(tio *abi.Termios) { tio.Lflag |= abi.NOFLSH })
	p.typed("a\x03b\n")
	p.reads("ab\n")
	p.stty(raw(1, 0))
	p.j.signals()
	p.typed("\x03")
	p.reads("\x03")
	if s := p.j.signals(); s != "[]" {
		t.Fatal(s)
	}
}

func TestFlowControl(t *testing.T) {
	p := newPair(t)
	p.typed("\x13")
	p.put("held")
	p.shows("")
	p.typed("\x11")
	p.shows("held")
	p.typed("\x13")
	p.put("x")
	p.typed("a") // IXANY
	p.shows("xa")
}

func TestRaw(t *testing.T) {
	p := newPair(t)
	p.stty(raw(3, 0))
	p.typed("ab")
	p.reads("ab") // nonblocking takes what is there
	done := make(chan string)
	go func() { s, _ := read(p.file, p.ctx, 10, 0); done <- s }()
	p.typed("xy")
	waitFor(p.ctx.Thread.IsWaiting)
	p.typed("z")
	if s := <-done; s != "xyz" {
		t.Fatal(s)
	}
	p.stty(raw(0, 0))
	if s, err := read(p.file, p.ctx, 10, 0); s != "" || err != 0 {
		t.Fatal(s, err)
	}
	p.stty(raw(0, 1))
	start := time.Now()
	if s, err := read(p.file, p.ctx, 10, 0); s != "" || err != 0 || time.Since(start) < 100*time.Millisecond {
		t.Fatal(s, err, time.Since(start))
	}
	p.stty(raw(5, 1))
	go func() { s, _ := read(p.file, p.ctx, 10, 0); done <- s }()
	p.typed("q")
	if s := <-done; s != "q" {
		t.Fatal(s)
	}
	// All byte values go through.
	p.stty(raw(1, 0))
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	p.typed(string(all))
	if s, _ := read(p.file, p.ctx, 300, 0); s != string(all) {
		t.Fatalf("%q", s)
	}
}

func TestModeChangeKeepsInput(t *testing.T) {
	p := newPair(t)
	p.typed("half")
	p.stty(func(tio *abi.Termios) { tio.Lflag &^= abi.ICANON })
	p.reads("half")
	p.typed("more")
	p.stty(func(tio *abi.Termios) { tio.Lflag |= abi.ICANON })
	p.reads("more")
}

func TestLimits(t *testing.T) {
	p := newPair(t)
	// An endless line is cut, with a bell; then the end still works.
	u := sys.NewUio([]byte(strings.Repeat("x", 5000) + "\n"))
	if err := p.master.Write(p.outer, u, abi.O_NONBLOCK); err != 0 {
		t.Fatal(err)
	}
	if len(p.master.tty.raw) > ttyHog || len(p.master.tty.out) > maxEcho+tabWidth {
		t.Fatal(len(p.master.tty.raw), len(p.master.tty.out))
	}
	p.master.tty.mu.Lock()
	p.master.tty.flush(abi.FREAD | abi.FWRITE)
	p.master.tty.unlock()
	// Whole lines that nobody reads hold the typist up.
	for range 100 {
		u = sys.NewUio([]byte(strings.Repeat("y", 99) + "\n"))
		if err := p.master.Write(p.outer, u, abi.O_NONBLOCK); err == abi.EAGAIN {
			break
		}
	}
	if u.Resid == 0 || p.master.Filter(sys.EVFILT_WRITE).Ready(&sys.Knote{}).Ready {
		t.Fatal("no limit for lines")
	}
	// Output that nobody reads holds the program up.
	u = sys.NewUio(make([]byte, 3*outHigh))
	if err := p.file.Write(p.ctx, u, abi.O_NONBLOCK); err != 0 || u.Resid < outHigh {
		t.Fatal(err, u.Resid)
	}
	if err := p.file.Write(p.ctx, u, abi.O_NONBLOCK); err != abi.EAGAIN {
		t.Fatal(err)
	}
	if p.file.Filter(sys.EVFILT_WRITE).Ready(&sys.Knote{}).Ready {
		t.Fatal("writable when full")
	}
}

func TestJobControl(t *testing.T) {
	p := newPair(t)
	if sid, pgid := p.file.Tty().Place(); sid != 10 || pgid != 10 {
		t.Fatal("no controlling terminal by open:", sid, pgid)
	}
	bg, orphan := member(11, 10), member(12, 10)
	if _, err := read(p.file, bg, 1, 0); err != abi.EINTR {
		t.Fatal(err)
	}
	if s := p.j.signals(); s != "[SIGTTIN to group 11]" {
		t.Fatal(s)
	}
	if _, err := read(p.file, orphan, 1, 0); err != abi.EIO {
		t.Fatal(err)
	}
	bg.Proc.(*proc).refuses[abi.SIGTTIN] = true
	if _, err := read(p.file, bg, 1, 0); err != abi.EIO {
		t.Fatal(err)
	}
	write := func(ctx *sys.Context) abi.Errno { return p.file.Write(ctx, sys.NewUio([]byte("x")), 0) }
	if err := write(bg); err != 0 {
		t.Fatal(err)
	}
	p.stty(func(tio *abi.Termios) { tio.Lflag |= abi.TOSTOP })
	if err := write(bg); err != abi.EINTR {
		t.Fatal(err)
	}
	var b [72]byte
	if err := p.file.Ioctl(bg, abi.TIOCSETA, b[:]); err != abi.EINTR {
		t.Fatal(err)
	}
	if s := p.j.signals(); s != "[SIGTTOU to group 11 SIGTTOU to group 11]" {
		t.Fatal(s)
	}
	if err := write(orphan); err != abi.EIO {
		t.Fatal(err)
	}
	bg.Proc.(*proc).refuses[abi.SIGTTOU] = true
	if err := write(bg); err != 0 {
		t.Fatal(err)
	}
	set := func(ctx *sys.Context, pgid int32) abi.Errno {
		put32(b[:], pgid)
		return p.file.Ioctl(ctx, abi.TIOCSPGRP, b[:4])
	}
	for _, c := range []struct {
		ctx  *sys.Context
		pgid int32
		want abi.Errno
	}{{p.ctx, 99, abi.EINVAL}, {p.ctx, 20, abi.EPERM}, {p.outer, 20, abi.ENOTTY}, {p.ctx, 11, 0}} {
		if err := set(c.ctx, c.pgid); err != c.want {
			t.Fatal(c, err)
		}
	}
	if err := p.file.Ioctl(bg, abi.TIOCGPGRP, b[:4]); err != 0 || get32(b[:]) != 11 {
		t.Fatal(err, get32(b[:]))
	}
	p.typed("\x03")
	if s := p.j.signals(); s != "[SIGINT to group 11]" {
		t.Fatal(s)
	}
	if err := p.file.Ioctl(p.outer, abi.TIOCSCTTY, nil); err != abi.EPERM {
		t.Fatal("a second session took the terminal:", err)
	}
	f, err := OpenControlling(bg, p.j, abi.FREAD)
	if err != 0 || f.Tty() != p.file.Tty() {
		t.Fatal(err)
	}
	if _, err := OpenControlling(p.outer, p.j, abi.FREAD); err != abi.ENXIO {
		t.Fatal(err)
	}
}

func TestWindowSize(t *testing.T) {
	p := newPair(t)
	size := []byte{24, 0, 80, 0, 0, 0, 0, 0}
	if err := p.master.Ioctl(p.outer, abi.TIOCSWINSZ, size); err != 0 {
		t.Fatal(err)
	}
	p.master.Ioctl(p.outer, abi.TIOCSWINSZ, size)
	if s := p.j.signals(); s != "[SIGWINCH to group 10]" {
		t.Fatal(s)
	}
	got := make([]byte, 8)
	if err := p.file.Ioctl(p.ctx, abi.TIOCGWINSZ, got); err != 0 || string(got) != string(size) {
		t.Fatal(err, got)
	}
}

func TestHangup(t *testing.T) {
	p := newPair(t)
	done := make(chan abi.Errno)
	go func() { _, err := read(p.file, p.ctx, 1, 0); done <- err }()
	waitFor(p.ctx.Thread.IsWaiting)
	p.master.Close(p.outer)
	if err := <-done; err != 0 {
		t.Fatal(err)
	}
	if s := p.j.signals(); s != "[SIGHUP to leader 10 SIGCONT to group 10]" {
		t.Fatal(s)
	}
	if err := p.file.Write(p.ctx, sys.NewUio([]byte("x")), 0); err != abi.EIO {
		t.Fatal(err)
	}
	if r := p.file.Filter(sys.EVFILT_READ).Ready(&sys.Knote{}); !r.Ready || !r.EOF {
		t.Fatalf("%+v", r)
	}

	// The leader exits: what is open is revoked, new files work.
	p = newPair(t)
	p.file.Tty().Hangup()
	if s := p.j.signals(); s != "[SIGHUP to group 10 SIGCONT to group 10]" {
		t.Fatal(s)
	}
	if err := p.file.Write(p.ctx, sys.NewUio([]byte("x")), 0); err != abi.EIO {
		t.Fatal(err)
	}
	if _, err := p.file.Tty().Open(p.outer, abi.FREAD|abi.FWRITE); err != 0 {
		t.Fatal(err)
	}
}

// The screen gets what was written before the last close, then the end.
func TestLastClose(t *testing.T) {
	p := newPair(t)
	p.shows("")
	p.put("bye\n")
	p.file.Close(p.ctx)
	p.shows("bye\r\n")
	if s, err := read(p.master, p.outer, 10, 0); s != "" || err != 0 {
		t.Fatal(s, err)
	}
	if err := p.master.Write(p.outer, sys.NewUio([]byte("x")), 0); err != abi.EIO {
		t.Fatal(err)
	}
}

func TestPacketMode(t *testing.T) {
	p := newPair(t)
	on := []byte{1, 0, 0, 0}
	if err := p.master.Ioctl(p.outer, abi.TIOCPKT, on); err != 0 {
		t.Fatal(err)
	}
	p.put("hi")
	p.shows("\x00hi")
	p.typed("\x13")
	p.shows(string([]byte{abi.TIOCPKT_STOP}))
	p.typed("\x11")
	p.shows(string([]byte{abi.TIOCPKT_START}))
	p.stty(func(tio *abi.Termios) { tio.Iflag &^= abi.IXON })
	p.shows(string([]byte{abi.TIOCPKT_NOSTOP}))
}

func TestNamesAndReuse(t *testing.T) {
	j := newJobs()
	ctx := member(20, 20)
	var told []string
	ptys := NewPtys(j, 15, 16)
	ptys.Changed = func(name string, _ int32, uid, gid uint32, mode uint16) {
		told = append(told, name)
		if mode != 0 && (mode != 0o620 || gid != 4) {
			t.Error(name, uid, gid, mode)
		}
	}
	a, _ := ptys.OpenMaster(ctx)
	b, _ := ptys.OpenMaster(ctx)
	name := make([]byte, 128)
	if err := b.Ioctl(ctx, abi.TIOCPTYGNAME, name); err != 0 || strings.TrimRight(string(name), "\x00") != "/dev/ttys001" {
		t.Fatalf("%v %q", err, name)
	}
	a.Close(ctx)
	c, _ := ptys.OpenMaster(ctx)
	if c.Number() != 0 || strings.Join(told, " ") != "ttys000 ttys001 ttys000 ttys000" {
		t.Fatal(c.Number(), told)
	}
	if _, err := ptys.Open(ctx, 7, 0); err != abi.ENXIO {
		t.Fatal(err)
	}
	for i := 2; ; i++ {
		if _, err := ptys.OpenMaster(ctx); err != 0 {
			if i != maxPtys {
				t.Fatal(i, err)
			}
			break
		}
	}
}

func TestTermiosLayout(t *testing.T) {
	p := newPair(t)
	var b [abi.TermiosSize]byte
	if err := p.file.Ioctl(p.ctx, abi.TIOCGETA, b[:]); err != 0 {
		t.Fatal(err)
	}
	// c_iflag 0, c_oflag 8, c_cflag 16, c_lflag 24, c_cc 32, c_ispeed 56, c_ospeed 64.
	for at, want := range map[int]byte{0: 0x02, 1: 0x2b, 8: 3, 17: 0x4b, 24: 0xcb, 25: 0x05, 32: 4, 32 + 16: 1, 57: 0x25, 65: 0x25} {
		if b[at] != want {
			t.Errorf("byte %d is %#x, want %#x", at, b[at], want)
		}
	}
	if err := p.file.Ioctl(p.ctx, abi.TIOCGETA, b[:10]); err != abi.ENOTTY {
		t.Error("a short buffer:", err)
	}
	if err := p.file.Ioctl(p.ctx, 0x20007400, nil); err != abi.ENOTTY {
		t.Error(err)
	}
}

// TestTraffic has both ends talk at once; it is for the race detector, and
// nothing may be lost.
func TestTraffic(t *testing.T) {
	const lines = 500
	p := newPair(t)
	p.stty(raw(1, 0))
	var wg sync.WaitGroup
	send := func(ops sys.FileOps, ctx *sys.Context) {
		for range lines {
			if err := ops.Write(ctx, sys.NewUio([]byte("0123456789")), 0); err != 0 {
				t.Error(err)
			}
		}
	}
	receive := func(ops sys.FileOps, ctx *sys.Context) {
		got := 0
		for got < 10*lines {
			s, err := read(ops, ctx, 64, 0)
			if err != 0 || s == "" {
				t.Error(s, err)
				return
			}
			for _, c := range s {
				if int(c-'0') != got%10 {
					t.Error("out of order")
					return
				}
				got++
			}
		}
	}
	wg.Go(func() { send(p.file, p.ctx) })
	wg.Go(func() { receive(p.file, member(10, 10)) })
	wg.Go(func() { send(p.master, p.outer) })
	wg.Go(func() { receive(p.master, member(20, 20)) })
	wg.Wait()
}

func TestInterrupt(t *testing.T) {
	p := newPair(t)
	done := make(chan abi.Errno)
	go func() { _, err := read(p.file, p.ctx, 1, 0); done <- err }()
	waitFor(p.ctx.Thread.Interrupt)
	if err := <-done; err != abi.EINTR {
		t.Fatal(err)
	}
}

func TestDevices(t *testing.T) {
	j, ctx := newJobs(), member(10, 10)
	nodes := map[string]int32{}
	Install(j, func(name string, dev int32, _, _ uint32, mode uint16) {
		if nodes[name] = dev; mode == 0 {
			delete(nodes, name)
		}
	})
	const rw = abi.FREAD | abi.FWRITE
	for _, major := range []int{dev.MajorTTY, dev.MajorConsole} {
		if f, err := dev.Open(ctx, false, dev.Makedev(major, 0), rw); f != nil || err != abi.ENXIO {
			t.Fatal(major, f, err)
		}
	}
	m, err := dev.Open(ctx, false, dev.Makedev(dev.MajorPTMX, 0), rw)
	if err != 0 {
		t.Fatal(err)
	}
	m.Ioctl(ctx, abi.TIOCPTYUNLK, nil)
	s, err := dev.Open(ctx, false, nodes["ttys000"], rw)
	if err != 0 {
		t.Fatal(err)
	}
	c, err := dev.Open(ctx, false, dev.Makedev(dev.MajorTTY, 0), rw)
	if err != 0 || c.(*File).Tty() != s.(*File).Tty() {
		t.Fatal(err)
	}
	m.Close(ctx)
	if len(nodes) != 0 {
		t.Fatal(nodes)
	}
}
