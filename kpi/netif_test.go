package kpi

import (
	"bytes"
	hostnet "net"
	"strings"
	"testing"

	"puggle/abi"
	"puggle/bsd/net"
	"puggle/bsd/socket"
	"puggle/bsd/sys"
	"puggle/kernserv"
	"puggle/kernserv/nextbus"
	"puggle/mach/sched"
)

// netModule is the server of kernserv/testdata/venip.c, in a machine with a network.
type netModule struct {
	*samples
	ds *socket.Domains
	n  *net.Net
}

func newNetModule(t *testing.T) *netModule {
	x := &netModule{ds: socket.NewDomains()}
	var e abi.Errno
	if x.n, e = net.New(x.ds, net.Config{Outside: true, HostLoopback: true}); e != 0 {
		t.Fatal(e)
	}
	t.Cleanup(x.n.Close)
	m := &nextMachine{KernelTask: bare(t, Config{Sockets: x.ds, Net: x.n}), t: t, names: &kernserv.Names{}, bus: nextbus.New(), dir: t.TempDir()}
	var err error
	if m.l, err = m.StartKernServ(NextConfig{Files: folder(m.dir), Names: m.names, Bus: m.bus}); err != nil {
		t.Fatal(err)
	}
	s, err := m.l.AddServer(m.server("samples", "START", "", "../kernserv/testdata/venip.o"))
	if err != nil {
		t.Fatalf("%v\n%s", err, m.Messages.String())
	}
	x.samples = &samples{m, s, m.ownThread("network")}
	t.Cleanup(x.th.Detach)
	x.is(1, "start")
	return x
}

func (x *netModule) socket(typ int) *socket.Socket {
	x.t.Helper()
	so, e := x.ds.New(x.ctx(), abi.AF_INET, typ, 0)
	if e != 0 {
		x.t.Fatal(e)
	}
	x.t.Cleanup(func() { so.Close(x.ctx()) })
	return so
}

func (x *netModule) ctx() *sys.Context {
	return &sys.Context{Thread: sched.NewThread("test"), Cred: &sys.Cred{}}
}

// ask sends a datagram and waits for an answer with the same bytes.
func (x *netModule) ask(to []byte, words string) {
	x.t.Helper()
	so := x.socket(abi.SOCK_DGRAM)
	if e := so.Connect(x.ctx(), to, false); e != 0 {
		x.t.Fatal(e)
	}
	so.Setsockopt(x.ctx(), abi.SOL_SOCKET, abi.SO_RCVTIMEO, []byte{20, 15: 0})
	if e := so.Write(x.ctx(), sys.NewUio([]byte(words)), 0); e != 0 {
		x.t.Fatal(e)
	}
	b := make([]byte, 2000)
	u := sys.NewUio(b)
	if e := so.Read(x.ctx(), u, 0); e != 0 || string(b[:len(b)-int(u.Resid)]) != words {
		x.t.Fatalf("%v, %q\n%s", e, b[:len(b)-int(u.Resid)], x.Messages.String())
	}
}

func ifreq(name string, tail []byte) []byte {
	b := make([]byte, abi.IfreqSize)
	copy(b, name)
	copy(b[abi.IFNAMSIZ:], tail)
	return b
}

// A datagram of a socket leaves by the IP handler and its driver, and the answer comes back by the
// dispatcher, past the sniffer: chapter 4's two lists of steps.
func TestNetworkModules(t *testing.T) {
	x := newNetModule(t)
	x.is(2, "count", 0) // en0's driver was there, ve came later
	ctl := x.socket(abi.SOCK_DGRAM)
	bad, good := abi.SockaddrIn([4]byte{13, 0, 0, 1}, 0), abi.SockaddrIn([4]byte{192, 168, 77, 1}, 0)
	if e := ctl.Ioctl(x.ctx(), abi.SIOCSIFADDR, ifreq("venip0", bad)); e != abi.EADDRNOTAVAIL {
		t.Errorf("an address that the handler refuses: %v", e)
	}
	x.is(2, "count", 10) // nobody has called the driver's init yet
	if e := ctl.Ioctl(x.ctx(), abi.SIOCSIFADDR, ifreq("venip0", good)); e != 0 {
		t.Fatal(e)
	}
	x.is(2+1, "count", 9) // IFF_BROADCAST and IFF_UP
	x.is(2+1, "count", 10)
	x.is(-(1<<32 - (192<<24 | 168<<16 | 77<<8 | 1)), "count", 11)
	x.is(8, "count", 12)
	for i := range 3 {
		x.ask(abi.SockaddrIn([4]byte{192, 168, 77, 2}, 7), strings.Repeat("hello", 1+i*100))
	}
	for what, want := range map[uint64]int{1: 3, 2: 0, 3: 3, 4: 0, 7: 3, 8: 3, 13: 3} {
		x.is(want, "count", what)
	}
	x.until("buffers", func() bool { return x.run("count", 6) == 0 })
	x.is(0, "edges")

	err := x.l.UnloadServer("samples")
	if err == nil || !strings.Contains(err.Error(), "network module venip0") || !strings.Contains(err.Error(), "network callback") {
		t.Errorf("unloaded: %v", err)
	}
}

// What comes by en0 passes the sniffer and goes to the kernel's own IP; a handler takes what is its
// protocol's; what a module sends by en0 is on its wire.
func TestEthernetDriver(t *testing.T) {
	x := newNetModule(t)
	l, err := hostnet.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		b := make([]byte, 2000)
		for {
			n, from, err := l.ReadFrom(b)
			if err != nil {
				return
			}
			l.WriteTo(b[:n], from)
		}
	}()
	x.ask(abi.SockaddrIn([4]byte{10, 0, 2, 2}, uint16(l.LocalAddr().(*hostnet.UDPAddr).Port)), "through the sniffer")
	if n := x.run("count", 4); n < 1 {
		t.Errorf("the sniffer has seen %d frames of en0", n)
	}
	x.is(0, "count", 5)
	x.is(0, "ask_arp")
	x.until("the answer", func() bool { return x.run("count", 5) == 1 })
}

// A server that dies leaves its modules without functions, and can be taken out.
func TestDeadNetworkModules(t *testing.T) {
	x := newNetModule(t)
	var e *Extension
	var modules []Addr
	for _, l := range x.Extensions() {
		for _, r := range l.References() {
			if r.Kind == refModule {
				e, modules = l, append(modules, r.key.(Addr))
			}
		}
	}
	if len(modules) < 2 {
		t.Fatalf("%d modules", len(modules))
	}
	e.die(&Panic{Reason: "test", Extension: e})
	x.until("no functions", func() bool {
		b := make([]byte, 8*netifCount*len(modules))
		for i, at := range modules {
			if !x.Read(b[8*netifCount*i:][:8*netifCount], at+netifFuncs) {
				return false
			}
		}
		return bytes.Count(b, []byte{0}) == len(b)
	})
	x.force(e, x.th)
	for _, r := range e.References() {
		if r.Kind == refModule || r.Kind == refCallback {
			t.Errorf("%s %s still holds it", r.Kind, r.Name)
		}
	}
	if x.n.Interfaces()[len(x.n.Interfaces())-1].Name == "venip0" {
		t.Error("the interface is still there")
	}
}
