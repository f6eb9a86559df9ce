package kpi

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"puggle/abi"
	"puggle/kernserv"
	"puggle/kernserv/nextbus"
	"puggle/mach/ipc"
	"puggle/mach/sched"
)

// folder is a kernserv.Files over a folder of the host.
type folder string

func (d folder) ReadFile(p string) ([]byte, error) { return os.ReadFile(filepath.Join(string(d), p)) }
func (d folder) WriteFile(p string, b []byte) error {
	return os.WriteFile(filepath.Join(string(d), p), b, 0o644)
}

// nextMachine is a kernel task with kern_loader and a board in slot 2.
type nextMachine struct {
	*KernelTask
	t     *testing.T
	l     *kernserv.Loader
	names *kernserv.Names
	bus   *nextbus.Bus
	board *nextbus.SumBoard
	dir   string
}

func newNextMachine(t *testing.T) *nextMachine {
	m := &nextMachine{KernelTask: bare(t, Config{}), t: t, names: &kernserv.Names{}, bus: nextbus.New(), board: &nextbus.SumBoard{}, dir: t.TempDir()}
	var err error
	if m.l, err = m.StartKernServ(NextConfig{Files: folder(m.dir), Names: m.names, Bus: m.bus}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.bus.Plug(2, m.board); err != nil {
		t.Fatal(err)
	}
	return m
}

// server links objects with scripts and leaves the file for kern_loader.
func (m *nextMachine) server(name, load, unload string, objects ...string) string {
	m.t.Helper()
	var objs [][]byte
	for _, o := range objects {
		b, err := os.ReadFile(o)
		if err != nil {
			m.t.Fatal(err)
		}
		objs = append(objs, b)
	}
	b, err := kernserv.Link(kernserv.LinkOptions{Name: name, Instance: "instance", Load: "L", Unload: "U"}, objs, []byte(load), []byte(unload))
	if err != nil {
		m.t.Fatal(err)
	}
	folder(m.dir).WriteFile(name+"_reloc", b)
	return "/" + name + "_reloc"
}

func script(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const slotDir = "../examples/slot/"

func (m *nextMachine) addSlot() *kernserv.Server {
	m.t.Helper()
	s, err := m.l.AddServer(m.server("slot", script(m.t, slotDir+"Load_Commands"), script(m.t, slotDir+"Unload_Commands"),
		slotDir+"slot_server.o", slotDir+"slot_handler.o"))
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}

// rpc sends a message with words to a name and gives the reply's.
func (m *nextMachine) rpc(name string, id int32, descs []ipc.Desc, words ...uint32) []uint32 {
	m.t.Helper()
	to := m.names.LookUp(name)
	if to == nil {
		m.t.Fatalf("no port %s", name)
	}
	var data []byte
	for _, w := range words {
		data = binary.LittleEndian.AppendUint32(data, w)
	}
	msg := ipc.NewMessage(to, abi.MACH_MSG_TYPE_PORT_SEND, id, descs, data)
	reply, _ := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	defer reply.DestroyKernel()
	msg.SetReplyPort(reply.MakeSendOnce(), abi.MACH_MSG_TYPE_PORT_SEND_ONCE)
	ipc.SendFromKernel(msg)
	r, kr := reply.ReceiveInKernel(sched.NewThread("client"), sched.After(10*time.Second))
	if kr != 0 {
		m.t.Fatalf("no reply: %d\n%s", kr, m.Messages.String())
	}
	defer r.Destroy()
	out := []uint32{uint32(r.ID())}
	for b := r.Body(); len(b) >= 4; b = b[4:] {
		out = append(out, binary.LittleEndian.Uint32(b))
	}
	return out
}

func (m *nextMachine) until(what string, f func() bool) {
	m.t.Helper()
	for end := time.Now().Add(10 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			m.t.Fatalf("%s: never\n%s", what, m.Messages.String())
		}
	}
}

const type4 = 2 | 32<<8 | 4<<16 | 1<<28 // four inline integers

// access is SLOT_READ or SLOT_WRITE.
func (m *nextMachine) access(port string, id int32, space, off, width, v uint32) (code, value uint32) {
	m.t.Helper()
	r := m.rpc(port, id, nil, type4, space, off, width, v)
	if len(r) != 5 || r[0] != uint32(id)+100 {
		m.t.Fatalf("reply %v\n%s", r, m.Messages.String())
	}
	return r[2], r[4]
}

// The slot server: loaded by its first message, it reads and writes a board's
// registers by native loads and stores, and fields its interrupts.
func TestSlotServer(t *testing.T) {
	m := newNextMachine(t)
	s := m.addSlot()
	if s.State() != kernserv.Allocated {
		t.Fatalf("it is %v", s.State())
	}
	const read, write, enable = 4000, 4001, 4002
	check := func(what string, code, value, wantCode, wantValue uint32) {
		t.Helper()
		if code != wantCode || value != wantValue {
			t.Errorf("%s: %d, %#x; want %d, %#x\n%s", what, int32(code), value, wantCode, wantValue, m.Messages.String())
		}
	}
	ask := func(what, port string, id int32, space, off, width, v, wantCode, wantValue uint32) {
		t.Helper()
		code, value := m.access(port, id, space, off, width, v)
		check(what, code, value, wantCode, wantValue)
	}
	ask("VALID", "slot2", read, 1, 0xfffff0, 4, 0, 0, 0x84)
	m.until("loaded", func() bool { return s.State() == kernserv.Loaded })
	if got := m.Messages.String(); !strings.Contains(got, "slot: board in slot 2\n") || strings.Contains(got, "slot 4") {
		t.Errorf("messages: %s", got)
	}
	ask("board ID", "slot2", read, 1, 0xfffffc, 1, 0, 0, 0x90)
	ask("memory", "slot2", write, 0, 0x40, 4, 0x11223344, 0, 0)
	ask("memory", "slot2", read, 0, 0x40, 4, 0, 0, 0x11223344)
	ask("memory", "slot2", read, 0, 0x42, 2, 0, 0, 0x1122)
	ask("memory", "slot2", write, 0, 0x41, 1, 0xff, 0, 0)
	ask("memory", "slot2", read, 0, 0x40, 4, 0, 0, 0x1122ff44)
	ask("empty slot", "slot4", read, 0, 0, 4, 0, 4001, 0)
	ask("nothing there", "slot2", read, 1, 0x200, 4, 0, 4002, 0)
	ask("intercepted", "slot2", read, 0, 0x200c000, 4, 0, 4002, 0)
	ask("no such space", "slot2", read, 7, 0, 4, 0, uint32(abi.KERN_INVALID_ARGUMENT), 0)
	if r := m.rpc("slot2", 4711, nil, type4); r[2] != uint32(0xffffffff-302) {
		t.Errorf("bad id: %v", r)
	}

	// Interrupts: told by a message once enabled, and logged.
	if err := m.l.LogLevel("slot", 3); err != nil {
		t.Fatal(err)
	}
	listen, _ := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	r := m.rpc("slot2", enable, []ipc.Desc{{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: abi.MACH_MSG_TYPE_PORT_SEND, Port: listen.MakeSend()}})
	if len(r) < 3 || r[2] != 0 {
		t.Fatalf("enable: %v", r)
	}
	ask("count", "slot2", write, 1, nextbus.SumCount, 2, 32, 0, 0)
	ask("start", "slot2", write, 1, nextbus.SumCommand, 1, nextbus.SumStart, 0, 0)
	told, kr := listen.ReceiveInKernel(sched.NewThread("listener"), sched.After(10*time.Second))
	if kr != 0 || told.ID() != 4200 {
		t.Fatalf("not told: %d\n%s", kr, m.Messages.String())
	}
	told.Destroy()
	ask("sum", "slot2", read, 1, nextbus.SumResult, 4, 0, 0, 0x1122ff44)
	ask("masked", "slot2", read, 1, 0xffffec, 1, 0, 0, 0)
	e, _, err := m.l.GetLog(sched.NewThread("log"), "slot", sched.After(10*time.Second))
	if err != nil || len(e) != 1 || e[0].Text != "slot 2: interrupt 1\n" {
		t.Errorf("log %q %v", e, err)
	}
	listen.DestroyKernel()

	// Too wide an access is the server's end, and not the machine's.
	to := m.names.LookUp("slot2")
	ask("too wide", "slot2", write, 1, nextbus.SumCommand, 1, nextbus.SumStop, 0, 0)
	ipc.ReleaseSend(to)
	if err := m.l.UnloadServer("slot"); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(m.Messages.String(), "slot: unloaded\n") || s.State() != kernserv.Allocated {
		t.Errorf("%v: %s", s.State(), m.Messages.String())
	}
	// It comes back, with fresh data.
	ask("VALID", "slot2", read, 1, 0xfffff0, 4, 0, 0, 0x84)
	bad := m.rpc("slot2", read, nil, type4, 1, nextbus.SumStatus, 4, 0)
	if bad[0] != abi.MACH_NOTIFY_SEND_ONCE {
		t.Errorf("a 32-bit read of an 8-bit register: %v", bad)
	}
	m.until("dead", func() bool { return s.State() == kernserv.Allocated })
	if got := m.Messages.String(); !strings.Contains(got, "panic: bus error: 32-bit read at 0xf2000108: the device is 8 bits wide") {
		t.Errorf("messages: %s", got)
	}
	ask("VALID", "slot2", read, 1, 0xfffff0, 4, 0, 0, 0x84)
}

// Load and unload leave memory and ports where they were.
func TestServerLeaks(t *testing.T) {
	m := newNextMachine(t)
	s := m.addSlot()
	once := func() {
		if err := m.l.LoadServer("slot"); err != nil {
			t.Fatal(err)
		}
		if err := m.l.UnloadServer("slot"); err != nil {
			t.Fatal(err)
		}
	}
	once()
	bytes, blocks := m.MemoryInUse()
	size, ports := m.Map.VirtualSize(), 0
	n, _ := ipc.Counts()
	ports = int(n)
	for range 50 {
		once()
	}
	b2, n2 := m.MemoryInUse()
	p2, _ := ipc.Counts()
	if b2 != bytes || n2 != blocks || m.Map.VirtualSize() != size || int(p2) != ports {
		t.Errorf("memory %d in %d blocks, was %d in %d; map %d, was %d; %d ports, were %d", b2, n2, bytes, blocks, m.Map.VirtualSize(), size, p2, ports)
	}
	if s.State() != kernserv.Allocated {
		t.Errorf("it is %v", s.State())
	}
}
