package kernserv

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/machine"
)

type bench struct {
	t     *testing.T
	k     *fakeKernel
	l     *Loader
	names *Names
	dir   string
	log   chan string
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, k: newFakeKernel(), names: &Names{}, dir: t.TempDir(), log: make(chan string, 1000)}
	ports, _ := ipc.Counts()
	l, err := New(Config{Kernel: b.k, Memory: &fakeMemory{}, Files: hostFiles(b.dir), Names: b.names, Conf: "/kern_loader.conf",
		Log: func(_ Priority, line string) { b.log <- line }})
	if err != nil {
		t.Fatal(err)
	}
	b.l = l
	t.Cleanup(func() {
		l.Close()
		// Nothing is left of the servers.
		if len(b.k.rooms) > 0 || len(b.k.wired) > 0 || len(b.k.heap) > b.k.strings {
			t.Errorf("left: rooms %v, wired %v, heap %v", b.k.rooms, b.k.wired, b.k.heap)
		}
		if now, _ := ipc.Counts(); now != ports {
			t.Errorf("%d ports are left of %d", now, ports)
		}
	})
	return b
}

// write leaves a server in a file.
func (b *bench) write(name, load string) string {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), linkEcho(b.t, load), 0o644); err != nil {
		b.t.Fatal(err)
	}
	return "/" + name
}

// await waits for a line of the log.
func (b *bench) await(part string) {
	b.t.Helper()
	for {
		select {
		case line := <-b.log:
			if strings.Contains(line, part) {
				return
			}
		case <-time.After(10 * time.Second):
			b.t.Fatalf("%q was not logged", part)
		}
	}
}

func code(err error) abi.KernReturn {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return -1
}

const allLoad = `CALL echo_init 7
CALL echo_count 0x10
PORT_DEATH echo_port_death
ADVERTISE echo0
SMAP echo0 echo_server 3
HMAP echo1 echo_handler -1
WIRE
`

// message is a simple message of Mach 2.5 and 3 alike, with a reply port.
func (b *bench) send(to *ipc.Port, id int32, data string) *ipc.Port {
	reply, _ := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	b.t.Cleanup(func() {
		if reply.Active() {
			reply.DestroyKernel()
		}
	})
	m := ipc.NewMessage(ipc.CopySend(to), abi.MACH_MSG_TYPE_PORT_SEND, id, nil, []byte(data))
	m.SetReplyPort(reply.MakeSendOnce(), abi.MACH_MSG_TYPE_PORT_SEND_ONCE)
	if kr := ipc.SendFromKernel(m); kr != 0 {
		b.t.Fatalf("send: %d", kr)
	}
	return reply
}

func (b *bench) reply(p *ipc.Port) (id int32, body []byte) {
	b.t.Helper()
	m, kr := p.ReceiveInKernel(sched.NewThread("client"), sched.After(10*time.Second))
	if kr != 0 {
		b.t.Fatalf("no reply: %d", kr)
	}
	id, body = m.ID(), append([]byte(nil), m.Body()...)
	m.Destroy()
	p.DestroyKernel()
	return id, body
}

// serveEcho is what echo_server does: it answers with the data and its argument.
func serveEcho(k *fakeKernel) func(*sched.Thread, []uint64) (uint64, error) {
	return func(_ *sched.Thread, a []uint64) (uint64, error) {
		in, out := machine.Addr(a[0]), machine.Addr(a[1])
		h := make([]byte, 32)
		k.CopyIn(h, in)
		n := binary.LittleEndian.Uint32(h[4:])
		b := make([]byte, n)
		k.CopyIn(b, in)
		b = append(b, b[12:16]...) // the argument, where the local port was
		binary.LittleEndian.PutUint32(b[4:], uint32(len(b)))
		binary.LittleEndian.PutUint32(b[12:], 0)
		binary.LittleEndian.PutUint32(b[20:], binary.LittleEndian.Uint32(b[20:])+100)
		k.CopyOut(out, b)
		return 1, nil
	}
}

// The first message loads the server and is the first that it sees (1-5).
func TestLoadOnMessage(t *testing.T) {
	b := newBench(t)
	b.k.funcs["echo_server"] = serveEcho(b.k)
	s, err := b.l.AddServer(b.write("echo_reloc", allLoad))
	if err != nil {
		t.Fatal(err)
	}
	if s.State() != Allocated || len(b.k.takeCalls()) != 0 {
		t.Fatalf("it is %v", s.State())
	}
	if _, err := os.Stat(filepath.Join(b.dir, "echo_loadable")); err != nil {
		t.Error(err)
	}
	port := b.names.LookUp("echo0")
	if port == nil || b.names.LookUp("echo1") != nil {
		t.Fatal("the names are wrong")
	}
	defer ipc.ReleaseSend(port)
	first, second := b.send(port, 400, "one."), b.send(port, 401, "two.")
	id, body := b.reply(first)
	if id != 500 || string(body) != "one.\x03\x00\x00\x00" {
		t.Errorf("%d %q", id, body)
	}
	if id, body := b.reply(second); id != 501 || string(body[:4]) != "two." {
		t.Errorf("%d %q", id, body)
	}
	if got := strings.Join(b.k.takeCalls(), ", "); got != "WIRE, echo_init 7, echo_count 16, echo_server, echo_server" {
		t.Errorf("calls: %s", got)
	}
	b.await("echo: loaded")
	if s.State() != Loaded {
		t.Errorf("it is %v", s.State())
	}
	if err := b.l.LoadServer("echo"); code(err) != KERN_LOADER_SERVER_LOADED {
		t.Error(err)
	}

	// Unloaded, it is loaded again by the next message on the same port.
	if err := b.l.UnloadServer("echo"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(b.k.takeCalls(), ", "); got != "echo_off 9" || s.State() != Allocated || len(b.k.wired) != 0 {
		t.Errorf("calls: %s, %v", got, s.State())
	}
	if err := b.l.UnloadServer("echo"); code(err) != KERN_LOADER_SERVER_UNLOADED {
		t.Error(err)
	}
	if id, _ := b.reply(b.send(port, 7, "")); id != 107 {
		t.Errorf("%d", id)
	}
	b.await("echo: loaded")
	if err := b.l.DeleteServer("echo"); err != nil {
		t.Fatal(err)
	}
	if port.Active() || b.names.LookUp("echo0") != nil {
		t.Error("the port lives")
	}
	if err := b.l.DeleteServer("echo"); code(err) != KERN_LOADER_UNKNOWN_SERVER {
		t.Error(err)
	}
}

func TestStart(t *testing.T) {
	b := newBench(t)
	path := b.write("echo_reloc", "START")
	s, err := b.l.AddServer(path)
	if err != nil || s.State() != Loaded {
		t.Fatalf("%v %v", s, err)
	}
	if _, err := b.l.AddServer(path); code(err) != KERN_LOADER_SERVER_EXISTS {
		t.Error(err)
	}
	if _, err := b.l.AddServer("/none"); code(err) != KERN_LOADER_CANT_OPEN_SERVER {
		t.Error(err)
	}
	os.WriteFile(filepath.Join(b.dir, "bad"), testdata(t, "echo_main.o"), 0o644)
	if _, err := b.l.AddServer("/bad"); code(err) != KERN_LOADER_BAD_RELOCATABLE {
		t.Error(err)
	}
	// What points into it still stops its unloading, by name.
	b.k.refs = []string{"cdevsw entry 20"}
	fn := s.symbol("echo_intr")
	b.l.Interrupts.InstallPolled(I_BUS, fn)
	err = b.l.UnloadServer("echo")
	if code(err) != KERN_LOADER_WONT_UNLOAD || !strings.HasSuffix(err.Error(),
		"still pointing into it: polled interrupt handler echo_intr, cdevsw entry 20") || s.State() != Loaded {
		t.Error(err)
	}
	b.k.refs = nil
	if b.l.Interrupts.UninstallPolled(I_BUS, fn) != 0 || b.l.Interrupts.UninstallPolled(I_BUS, fn) != -1 {
		t.Error("uninstall_polled_intr")
	}
	if err := b.l.UnloadServer("echo"); err != nil {
		t.Error(err)
	}
}

// An interrupt handler whose effect is seen before it has returned doesn't keep its
// server from being unloaded: it is waited for.
func TestUnloadDrains(t *testing.T) {
	b := newBench(t)
	const inside = "thread interrupt"
	begun, ended := make(chan struct{}), make(chan struct{})
	setRefs := func(l ...string) {
		b.k.mu.Lock()
		b.k.refs = l
		b.k.mu.Unlock()
	}
	b.k.funcs["echo_intr"] = func(*sched.Thread, []uint64) (uint64, error) {
		setRefs(inside)
		close(begun)
		<-ended
		time.Sleep(50 * time.Millisecond) // the way out; nobody may have given up
		setRefs()
		return 1, nil
	}
	s, err := b.l.AddServer(b.write("echo_reloc", "START"))
	if err != nil {
		t.Fatal(err)
	}
	fn := s.symbol("echo_intr")
	b.l.Interrupts.InstallPolled(I_BUS, fn)
	b.k.funcs["echo_off"] = func(*sched.Thread, []uint64) (uint64, error) {
		b.l.Interrupts.UninstallPolled(I_BUS, fn)
		close(ended)
		return 0, nil
	}
	b.l.Interrupts.Bus(nil, nil)
	<-begun
	if err := b.l.UnloadServer("echo"); err != nil {
		t.Error(err)
	}
}

// A server whose routine does not return is taken out, and the machine goes on.
func TestDeath(t *testing.T) {
	b := newBench(t)
	b.k.funcs["echo_server"] = func(*sched.Thread, []uint64) (uint64, error) { return 0, errors.New("page fault at 0x8") }
	s, err := b.l.AddServer(b.write("echo_reloc", "ADVERTISE p\nSMAP p echo_server 0"))
	if err != nil {
		t.Fatal(err)
	}
	port := b.names.LookUp("p")
	defer ipc.ReleaseSend(port)
	r := b.send(port, 1, "")
	// The client learns that nobody answers.
	if id, _ := b.reply(r); id != abi.MACH_NOTIFY_SEND_ONCE {
		t.Errorf("%d", id)
	}
	b.await("echo_server: page fault at 0x8")
	b.await("echo: unloaded")
	if s.State() != Allocated {
		t.Errorf("it is %v", s.State())
	}
	// One that fails while it is loaded is deallocated.
	b.k.funcs["echo_init"] = b.k.funcs["echo_server"]
	b.l.DeleteServer("echo")
	_, err = b.l.AddServer(b.write("echo_reloc", "CALL echo_init 1\nSTART"))
	if code(err) != KERN_LOADER_SERVER_WONT_LOAD || err.Error() != "echo: the server can't be loaded: CALL echo_init 1: echo_init: page fault at 0x8" {
		t.Error(err)
	}
	if len(b.l.ServerList()) != 0 {
		t.Error("it is still there")
	}
}

// inServer loads the test server and runs f as its init routine.
func (b *bench) inServer(load string, f func(th *sched.Thread, ksp machine.Addr)) *Server {
	b.t.Helper()
	ran := false
	b.k.funcs["echo_init"] = func(th *sched.Thread, _ []uint64) (uint64, error) {
		ran = true
		f(th, b.instance())
		return 0, nil
	}
	s, err := b.l.AddServer(b.write("echo_reloc", load+"\nCALL echo_init 0\nSTART"))
	if err != nil || !ran {
		b.t.Fatalf("%v", err)
	}
	return s
}

func (b *bench) instance() machine.Addr {
	y, _ := b.k.image.Lookup("_instance")
	return machine.Addr(y.Addr)
}

func (b *bench) symbol(name string) machine.Addr {
	y, _ := b.k.image.Lookup("_" + name)
	return machine.Addr(y.Addr)
}

func (b *bench) is(what string, got, want abi.KernReturn) {
	b.t.Helper()
	if got != want {
		b.t.Errorf("%s: %d, want %d", what, got, want)
	}
}

// The kern_serv functions, as 5-12 to 5-22 have them.
func TestKernServ(t *testing.T) {
	b := newBench(t)
	l := b.l
	handled := make(chan uint64, 10)
	b.k.funcs["echo_handler"] = func(_ *sched.Thread, a []uint64) (uint64, error) { handled <- a[1]; return 0, nil }
	died := make(chan uint64, 10)
	b.k.funcs["echo_port_death"] = func(_ *sched.Thread, a []uint64) (uint64, error) { died <- a[0]; return 0, nil }
	var send *ipc.Port
	s := b.inServer("PORT_DEATH echo_port_death", func(_ *sched.Thread, ksp machine.Addr) {
		r := l.instance(ksp)
		if r == nil || l.At(b.symbol("echo_init")) != r || l.At(1) != nil {
			t.Fatal("no instance")
		}
		if l.instance(ksp+8) != nil || l.instance(0) != nil || l.BootstrapPort(ksp+8) != 0 {
			t.Error("an instance that is none")
		}
		boot, notify, set := l.BootstrapPort(ksp), l.NotifyPort(ksp), l.PortSet(ksp)
		if !boot.Valid() || !notify.Valid() || !set.Valid() || boot == notify {
			t.Error("ports")
		}
		handler := b.symbol("echo_handler")
		p, _ := r.space.PortAllocate()
		b.is("port_proc", l.PortProc(ksp, p, handler, 42), 0)
		b.is("not a port", l.PortProc(ksp, 0x7703, handler, 0), abi.KERN_INVALID_ARGUMENT)
		b.is("not code", l.PortServ(ksp, p, ksp, 0), abi.KERN_INVALID_ARGUMENT)
		other, _ := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
		o := r.space.CopyOut(other.MakeSend(), abi.MACH_MSG_TYPE_PORT_SEND)
		b.is("no receive right", l.PortProc(ksp, o, handler, 0), abi.KERN_NOT_RECEIVER)
		for i := 1; i < MaxPortMaps; i++ {
			q, _ := r.space.PortAllocate()
			b.is("another", l.PortServ(ksp, q, handler, 0), 0)
		}
		q, _ := r.space.PortAllocate()
		b.is("too many", l.PortProc(ksp, q, handler, 0), abi.KERN_RESOURCE_SHORTAGE)
		b.is("notify", l.Notify(ksp, notify, o), 0)
		b.is("notify again", l.Notify(ksp, notify, o), abi.KERN_FAILURE)
		b.is("notify about nothing", l.Notify(ksp, notify, 0x7703), abi.KERN_INVALID_ARGUMENT)
		other.DestroyKernel()
		send, _ = r.space.ExtractRight(p, abi.MACH_MSG_TYPE_MAKE_SEND)
		b.is("unwire", l.UnwireRange(ksp, 0x5000, 0x1000), abi.KERN_INVALID_ARGUMENT)
		b.is("wire", l.WireRange(ksp, 0x5000, 0x1000), 0)
		b.is("unwire", l.UnwireRange(ksp, 0x5000, 0x1000), 0)
	})
	defer ipc.ReleaseSend(send)
	r := s.run
	if n := <-died; n == 0 {
		t.Error("no port")
	}
	b.send(send, 5, "")
	if n := <-handled; n != 42 {
		t.Errorf("argument %d", n)
	}
	ksp := s.symbol("instance")
	if l.LocalPort(ksp) == 0 {
		t.Error("no local port")
	}
	// Callouts run in order, on the server's thread; a callout may wait for room.
	order := make(chan uint64, MaxCallouts)
	b.k.funcs["echo_off"] = func(th *sched.Thread, a []uint64) (uint64, error) {
		if th == r.thread {
			order <- a[0]
		}
		return 0, nil
	}
	fn := s.symbol("echo_off")
	for i := range uint64(3) {
		b.is("callout", l.Callout(ksp, fn, i), 0)
	}
	for i := range uint64(3) {
		if n := <-order; n != i {
			t.Errorf("callout %d, want %d", n, i)
		}
	}
	hold := make(chan bool)
	r.submit(0, work{"hold", func() { <-hold }})
	var kr abi.KernReturn
	n := 0
	for ; kr == 0 && n <= MaxCallouts+1; n++ {
		kr = l.Callout(ksp, fn, 0)
	}
	b.is("full", kr, abi.KERN_RESOURCE_SHORTAGE)
	close(hold)
	for range n - 1 {
		<-order
	}
	b.is("not code", l.Callout(ksp, ksp, 0), abi.KERN_INVALID_ARGUMENT)
	// port_gone: messages stay unseen.
	l.PortGone(ksp, l.LocalPort(ksp))
	b.send(send, 6, "")
	r.do("sync", func() error { return nil })
	select {
	case <-handled:
		t.Error("handled though gone")
	default:
	}
}

func TestLog(t *testing.T) {
	b := newBench(t)
	s := b.inServer("", func(*sched.Thread, machine.Addr) {})
	ksp := s.symbol("instance")
	f, str := b.k.putString("%s: %d %x %c|%5u|%-4o|%05D|%lx %y%%\n"), b.k.putString("two")
	log := func(level int32) {
		b.l.Log(ksp, level, f, []uint64{uint64(str), 1<<32 - 5, 0xbeef, 'z', 7, 8, 9})
	}
	log(9) // logging is off
	if err := b.l.LogLevel("echo", 5); err != nil {
		t.Fatal(err)
	}
	log(4)
	log(5)
	th := sched.NewThread("reader")
	e, lost, err := b.l.GetLog(th, "echo", sched.Forever)
	// Five arguments, no more.
	want := "two: -5 beef z|    7|0   |00000|0 %y%\n"
	if err != nil || lost != 0 || len(e) != 1 || e[0] != (LogEntry{5, want}) {
		t.Errorf("%q %d %v", e, lost, err)
	}
	for range LogSize + 3 {
		log(6)
	}
	if e, lost, _ = b.l.GetLog(th, "echo", sched.Forever); len(e) != LogSize || lost != 3 {
		t.Errorf("%d entries, %d lost", len(e), lost)
	}
	b.l.Log(ksp, 9, 0x10, nil)
	if e, _, _ = b.l.GetLog(th, "echo", sched.Forever); e[0].Text != "(bad address)" {
		t.Errorf("%q", e)
	}

	var out, errs strings.Builder
	done := make(chan int)
	go func() { done <- LogMain(b.l, th, true, []string{"-l", "1", "echo"}, &out, &errs) }()
	for b.mustInfo("echo").LogLevel != 1 {
		time.Sleep(time.Millisecond)
	}
	log(1)
	for {
		s.log.mu.Lock()
		n := len(s.log.entries)
		s.log.mu.Unlock()
		if n == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if st := LogMain(b.l, sched.NewThread("x"), true, []string{"-l", "0", "echo"}, &out, &errs); st != 0 {
		t.Error(errs.String())
	}
	if st := <-done; st != 0 || !strings.HasPrefix(out.String(), "two: ") {
		t.Errorf("%d %q %q", st, &out, &errs)
	}
	for _, c := range []struct {
		super bool
		args  string
		st    int
		want  string
	}{
		{false, "echo", 1, "only the superuser"}, {true, "", 2, "missing"}, {true, "-l", 2, "needs a level"},
		{true, "-l x echo", 2, "not a log level"}, {true, "-q", 2, "not an option"}, {true, "a b", 2, "one server"},
		{true, "none", 1, "no such server"}, {true, "-l 0 none", 1, "no such server"}, {true, "echo", 1, "nothing is logged"},
	} {
		errs.Reset()
		if st := LogMain(b.l, th, c.super, strings.Fields(c.args), &out, &errs); st != c.st || !strings.Contains(errs.String(), c.want) {
			t.Errorf("kl_log %s: %d %s", c.args, st, &errs)
		}
	}
	b.l.UnloadServer("echo")
	if err := b.l.LogLevel("echo", 1); code(err) != KERN_LOADER_SERVER_UNLOADED {
		t.Error(err)
	}
}

func (b *bench) mustInfo(name string) Info {
	i, err := b.l.ServerInfo(name)
	if err != nil {
		b.t.Fatal(err)
	}
	return i
}

func TestPanic(t *testing.T) {
	b := newBench(t)
	s := b.inServer("", func(*sched.Thread, machine.Addr) {})
	pc, ksp := s.symbol("echo_off"), s.symbol("instance")
	msg := b.k.putString("couldn't get a 100% resource")
	boot := b.l.BootstrapPort(ksp)
	b.is("not its port", b.l.Panic(pc, boot+1, msg), abi.KERN_INVALID_ARGUMENT)
	b.is("not a server", b.l.Panic(1, boot, msg), abi.KERN_INVALID_ARGUMENT)
	th := sched.NewThread("t")
	b.l.Interrupts.Spl(th, 3)
	b.is("at a level", b.l.Panic(pc, boot, msg), abi.KERN_INVALID_ARGUMENT)
	b.l.Interrupts.Forget(th)
	b.is("panic", b.l.Panic(pc, boot, msg), 0)
	b.await("echo: couldn't get a 100% resource")
	b.await("echo: unloaded")
	if s.State() != Allocated {
		t.Errorf("it is %v", s.State())
	}
}

func TestUtil(t *testing.T) {
	b := newBench(t)
	b.write("echo_reloc", allLoad)
	os.WriteFile(filepath.Join(b.dir, "kern_loader.conf"), []byte("# servers\n/echo_reloc\n\n/none\n"), 0o644)
	if err := b.l.Configure(); code(err) == 0 || !strings.Contains(err.Error(), "/none: the relocatable file can't be read") {
		t.Error(err)
	}
	run := func(super bool, args string) (int, string, string) {
		var out, errs strings.Builder
		done := make(chan struct{})
		close(done)
		st := UtilMain(b.l, super, strings.Fields(args), &out, &errs, done)
		return st, out.String(), errs.String()
	}
	st, out, _ := run(false, "-s echo")
	i := b.mustInfo("echo")
	want := strings.Split("SERVER: echo\nRELOCATABLE: /echo_reloc\nLOADABLE: /echo_loadable\nSTATUS: Allocated at address 0x10000000 for 0x|PORTS: echo0(advertised) echo1\n", "|")
	if st != 0 || !strings.HasPrefix(out, want[0]) || !strings.HasSuffix(out, want[1]) || i.State != Allocated {
		t.Errorf("%d %q", st, out)
	}
	for _, c := range []struct {
		super bool
		args  string
		st    int
		out   string
		errs  string
	}{
		{true, "-l echo -s", 0, "SERVER: echo                 STATUS: Loaded\n", ""},
		{true, "-u echo -s", 0, "STATUS: Allocated\n", ""},
		{true, "-d echo -a /echo_reloc", 0, "", ""},
		{false, "-l echo", 1, "", "kl_util: -l: only the superuser may do this\n"},
		{true, "-l x y -u echo", 1, "", "kl_util: x: there is no such server\nkl_util: y: there is no such server\nkl_util: echo: the server is not loaded\n"},
		{true, "-r", 1, "", "/none"}, {true, "-s", 0, "SERVER: echo ", ""},
		{true, "", 2, "", "nothing to do"}, {true, "-x", 2, "", "not an option"}, {true, "-A now", 2, "", "takes no names"},
		{true, "-l", 2, "", "needs a name"}, {true, "x", 2, "", "x is not an option"},
		{true, "-A", 0, "", ""},
	} {
		st, out, errs := run(c.super, c.args)
		if st != c.st || !strings.HasSuffix(out, c.out) && !strings.HasPrefix(out, c.out) || !strings.Contains(errs, c.errs) || c.errs == "" && errs != "" {
			t.Errorf("kl_util %s: %d %q %q", c.args, st, out, errs)
		}
	}
	if len(b.l.ServerList()) != 0 {
		t.Error("servers are left")
	}
}

func TestFollow(t *testing.T) {
	b := newBench(t)
	b.write("echo_reloc", "START")
	var out strings.Builder
	done, quit := make(chan int), make(chan struct{})

	go func() { done <- UtilMain(b.l, true, []string{"-L", "-a", "/echo_reloc"}, &out, &out, quit) }()
	b.await("echo: loaded")
	close(quit)
	if st := <-done; st != 0 {
		t.Error(out.String())
	}
}
