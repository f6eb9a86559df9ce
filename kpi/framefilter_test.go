package kpi

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"puggle/abi"
	"puggle/bsd/net"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// frames is a kernel with a network and the extension testdata/frames.c.
type frames struct {
	*KernelTask
	t  *testing.T
	ds *socket.Domains
	n  *net.Net
	e  *Extension
	th *sched.Thread
}

func newFrames(t *testing.T) *frames {
	x := &frames{t: t, ds: socket.NewDomains()}
	var e abi.Errno
	if x.n, e = net.New(x.ds, net.Config{Outside: true}); e != 0 {
		t.Fatal(e)
	}
	t.Cleanup(x.n.Close)
	x.KernelTask = bare(t, Config{Sockets: x.ds, Net: x.n})
	x.e = load(t, x.KernelTask, "frames.o")
	x.th = x.ownThread("frames")
	t.Cleanup(x.th.Detach)
	return x
}

func (x *frames) run(name string, args ...uint64) int {
	x.t.Helper()
	v, err := x.Call(x.th, x.e.fn(x.t, name), args...)
	if err != nil {
		x.t.Fatalf("%s: %v\n%s", name, err, x.Messages.String())
	}
	return int(int32(v))
}

func (x *frames) count(what uint64) int { return x.run("count", what) }

func (x *frames) until(what string, ok func() bool) {
	x.t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			x.t.Fatalf("never: %s\n%s", what, x.Messages.String())
		}
	}
}

func (x *frames) ctx() *sys.Context {
	return &sys.Context{Thread: sched.NewThread("test"), Cred: &sys.Cred{}}
}

func (x *frames) socket(family, typ, proto int) *socket.Socket {
	x.t.Helper()
	so, e := x.ds.New(x.ctx(), family, typ, proto)
	if e != 0 {
		x.t.Fatal(e)
	}
	x.t.Cleanup(func() { so.Close(x.ctx()) })
	return so
}

func local(port uint16) []byte { return abi.SockaddrIn([4]byte{127, 0, 0, 1}, port) }

func (x *frames) receiver(port uint16) *socket.Socket {
	x.t.Helper()
	so := x.socket(abi.AF_INET, abi.SOCK_DGRAM, 0)
	if e := so.Bind(x.ctx(), local(port)); e != 0 {
		x.t.Fatal(e)
	}
	so.Setsockopt(x.ctx(), abi.SOL_SOCKET, abi.SO_RCVTIMEO, []byte{20, 15: 0})
	return so
}

func (x *frames) send(port uint16, words string) {
	x.t.Helper()
	so := x.socket(abi.AF_INET, abi.SOCK_DGRAM, 0)
	if e := so.Connect(x.ctx(), local(port), false); e != 0 {
		x.t.Fatal(e)
	}
	if e := so.Write(x.ctx(), sys.NewUio([]byte(words)), 0); e != 0 {
		x.t.Fatal(e)
	}
}

func (x *frames) receive(so *socket.Socket, want string) {
	x.t.Helper()
	b := make([]byte, 4096)
	u := sys.NewUio(b)
	if e := so.Read(x.ctx(), u, 0); e != 0 || string(b[:len(b)-int(u.Resid)]) != want {
		x.t.Fatalf("%v, %q, want %q\n%s", e, b[:len(b)-int(u.Resid)], want, x.Messages.String())
	}
}

// What filters drop, change, take and inject, and that packets without them go as before.
func TestFrameFilters(t *testing.T) {
	x := newFrames(t)
	plain, dropped, changed, taken := x.receiver(4000), x.receiver(4001), x.receiver(4002), x.receiver(4003)
	in, refused, out := x.receiver(4004), x.receiver(4005), x.receiver(4006)
	x.send(4000, "before")
	x.receive(plain, "before")
	if v := x.run("attach"); v != 0 {
		t.Fatalf("attach: %d\n%s", v, x.Messages.String())
	}
	all := []*socket.Socket{plain, dropped, changed, taken, in, refused, out}
	for i, words := range []string{"hello", "dropped", "another", "taken", "injected in", "refused", "injected out"} {
		x.send(uint16(4000+i), words)
	}
	x.receive(plain, "hello")
	x.receive(changed, "Bnother")
	x.receive(in, "injected in")
	x.receive(out, "injected out")
	x.send(4000, strings.Repeat("long", 1000)) // by several mbufs
	x.receive(plain, strings.Repeat("long", 1000))
	for _, so := range all { // all that was sent has passed
		if e := so.Read(x.ctx(), sys.NewUio(make([]byte, 10)), abi.O_NONBLOCK); e != abi.EWOULDBLOCK {
			t.Errorf("one more: %v", e)
		}
	}
	for what, want := range map[uint64]int{0: 6, 1: 7, 2: 5, 3: 8, 6: 1, 7: 0} {
		if n := x.count(what); n != want {
			t.Errorf("count %d: %d, want %d", what, n, want)
		}
	}
	// A connection inside the machine goes by packets while somebody looks at them.
	was := x.count(0)
	x.stream()
	if n := x.count(0); n < was+4 {
		t.Errorf("%d packets of a connection", n-was)
	}

	var refs []string
	for _, r := range x.e.References() {
		if r.Kind != "thread" { // the layer's may be inside at this moment
			refs = append(refs, r.Kind+" "+r.Name)
		}
	}
	if got := strings.Join(refs, ", "); got != "IP filter com.example.frames, interface filter com.example.frames, interface filter com.example.frames" {
		t.Errorf("what holds the extension: %s", got)
	}
	if v := x.run("detach"); v != 0 {
		t.Error("detach", v)
	}
	x.until("detached", func() bool { return x.count(4) == 3 })
	was = x.count(0)
	x.send(4002, "after")
	x.receive(changed, "after")
	x.stream()
	if n := x.count(0); n != was {
		t.Errorf("%d more packets were seen", n-was)
	}
	x.until("references", func() bool { return len(x.e.References()) == 0 })
}

// stream sends a word by a connection.
func (x *frames) stream() {
	x.t.Helper()
	l := x.socket(abi.AF_INET, abi.SOCK_STREAM, 0)
	l.Bind(x.ctx(), local(0))
	if e := l.Listen(x.ctx(), 1); e != 0 {
		x.t.Fatal(e)
	}
	name, _ := l.SockName()
	c := x.socket(abi.AF_INET, abi.SOCK_STREAM, 0)
	if e := c.Connect(x.ctx(), name, false); e != 0 {
		x.t.Fatal(e)
	}
	s, _, e := l.Accept(x.ctx(), false)
	if e != 0 {
		x.t.Fatal(e)
	}
	defer s.Close(x.ctx())
	c.Write(x.ctx(), sys.NewUio([]byte("word")), 0)
	x.receive(s, "word")
}

// Events and ioctls of an interface reach its filters; events of an extension reach programs.
func TestFrameFilterEvents(t *testing.T) {
	x := newFrames(t)
	if v := x.run("attach"); v != 0 {
		t.Fatalf("attach: %d\n%s", v, x.Messages.String())
	}
	ctl := x.socket(abi.AF_INET, abi.SOCK_DGRAM, 0)
	down := ifreq("en0", binary.LittleEndian.AppendUint16(nil, 0))
	if e := ctl.Ioctl(x.ctx(), abi.SIOCSIFFLAGS, down); e != 0 {
		t.Fatal(e)
	}
	x.until("the event", func() bool { return x.count(5) == 1 })
	if c, n := x.count(9), x.count(10); c != abi.KEV_DL_SIFFLAGS || n != 'e'|'n'<<8 {
		t.Errorf("event %d of %x", c, n)
	}
	const private = 0xc0206900 | 123 // _IOWR('i', 123, struct ifreq)
	arg := ifreq("lo0", []byte{0xaa})
	if e := ctl.Ioctl(x.ctx(), private, arg); e != 0 || arg[16] != 0xff {
		t.Errorf("the filter's own ioctl: %v, %x", e, arg[16])
	}
	if e := ctl.Ioctl(x.ctx(), private+1, arg); e != abi.ENOTTY {
		t.Errorf("another: %v", e)
	}
	if n := x.count(8); n != 1 {
		t.Errorf("%d ioctls", n)
	}

	ev := x.socket(abi.AF_SYSTEM, abi.SOCK_RAW, abi.SYSPROTO_EVENT)
	ev.Setsockopt(x.ctx(), abi.SOL_SOCKET, abi.SO_RCVTIMEO, []byte{20, 15: 0})
	if e := ev.Ioctl(x.ctx(), abi.SIOCSKEVFILT, []byte{0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}); e != 0 {
		t.Fatal(e)
	}
	if v := x.run("post"); v != 0 {
		t.Fatalf("post: %d", v)
	}
	b := make([]byte, 100)
	u := sys.NewUio(b)
	if e := ev.Read(x.ctx(), u, 0); e != 0 || u.Resid != 100-24-8 || le.Uint32(b[8:]) != 2 || le.Uint32(b[20:]) != 4 || string(b[24:32]) != "helloyou" {
		t.Errorf("%v, % x", e, b)
	}
	if n := x.count(7); n != 0 {
		t.Errorf("%d things were not as they should be", n)
	}
	x.run("detach")
	x.until("detached", func() bool { return x.count(4) == 3 })
}

// Nothing holds a dead extension whose filters and sockets were taken away, and packets go as if they had
// never been.
func TestDeadFrameFilters(t *testing.T) {
	x := newFrames(t)
	dropped := x.receiver(4001)
	if v := x.run("attach"); v != 0 {
		t.Fatalf("attach: %d\n%s", v, x.Messages.String())
	}
	filters := x.e
	x.e = load(t, x.KernelTask, "socks.o")
	if v := x.run("serve", 4321); v != 0 {
		t.Fatalf("serve: %d\n%s", v, x.Messages.String())
	}
	for _, e := range []*Extension{filters, x.e} {
		e.die(&Panic{Reason: "test", Extension: e})
		x.force(e, x.th)
		for _, r := range e.References() {
			if r.Kind != "thread" {
				t.Errorf("%s %s still holds %s", r.Kind, r.Name, e.Name)
			}
		}
	}
	x.send(4001, "let through")
	x.receive(dropped, "let through")
}
