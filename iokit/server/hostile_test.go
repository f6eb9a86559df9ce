package server

import (
	"math/rand/v2"
	"testing"

	"puggle/abi"
	"puggle/iokit"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/vm"
)

// opens can be opened, so that there are connections; its client does what it is told.
type opens struct{ iokit.NoObject }

func (opens) NewUserClient(*iokit.Client, uint32, map[string]any) (iokit.UserClient, abi.KernReturn) {
	return &client{}, 0
}

type client struct{ closed int }

func (*client) Entry() *iokit.Entry { return nil }
func (*client) ExternalMethod(a *iokit.Arguments) abi.KernReturn {
	a.StructOutput = append(a.StructInput, 1, 2, 3)
	if a.Async != nil {
		a.Async.Complete(0, a.ScalarInput)
		a.Async.Release()
	}
	return 0
}
func (*client) ClientMemory(uint32) (*vm.NamedEntry, uint32, abi.KernReturn) {
	return nil, 0, iokit.IOReturnBadArgument
}
func (*client) SetNotificationPort(_ uint32, p iokit.Async, _ uint64) abi.KernReturn {
	if p != nil {
		p.Release()
	}
	return 0
}
func (*client) ConnectClient(iokit.UserClient) abi.KernReturn { return 0 }
func (*client) SetProperties(any) abi.KernReturn              { return 0 }
func (c *client) Close(bool)                                  { c.closed++ }

type setup struct {
	s     *Server
	table *mig.Table
	r     *iokit.Registry
	ports []*ipc.Port
	uc    *client
}

// boot makes a registry, its server, and a port of each kind.
func boot(t testing.TB) *setup {
	m := &setup{r: iokit.NewRegistry(), uc: &client{}}
	if err := m.r.AddPlatform(iokit.Platform{Model: "Puggle1,1", UUID: "u", Serial: "s", Processors: 2}); err != nil {
		t.Fatal(err)
	}
	m.s = New(Config{Registry: func() *iokit.Registry { return m.r }})
	m.table = mig.NewTable(m.s.Subsystem())
	m.s.Start(m.table.Serve)
	main := m.s.Main()
	m.s.registry(main)
	e, err := m.r.NewEntry("IOService", "opens", opens{})
	if err == nil {
		err = e.Attach(m.r.Root(), iokit.ServicePlane)
	}
	if err != nil {
		t.Fatal(err)
	}
	e.RegisterNow()
	list, kr := m.s.services(main, iokit.Matching(iokit.ProviderClassKey, "IOService"), 0)
	it, kr2 := m.s.walk(m.r.Root(), "IOService", 1)
	conn, kr3 := m.s.give(&connection{s: m.s, service: e, uc: m.uc}, abi.IKOT_IOKIT_CONNECT)
	if kr != 0 || kr2 != 0 || kr3 != 0 {
		t.Fatal(kr, kr2, kr3)
	}
	m.ports = []*ipc.Port{main, m.s.entryPort(m.r.Root()), m.s.entryPort(e), list, it, conn}
	return m
}

// call sends one message and gives what the reply's first word is, if it is an error's.
func (m *setup) call(t testing.TB, p *ipc.Port, id int32, d []ipc.Desc, b []byte) *ipc.Kmsg {
	k := ipc.NewMessage(ipc.CopySend(p), abi.MACH_MSG_TYPE_PORT_SEND, id, d, b)
	reply, kr := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	if kr != 0 {
		t.Fatal(kr)
	}
	k.SetReplyPort(reply.MakeSendOnce(), abi.MACH_MSG_TYPE_PORT_SEND_ONCE)
	r := m.table.Serve(p, k)
	k.Destroy()
	reply.DestroyKernel()
	return r
}

// TestHostile sends every routine messages of nonsense and of half sense, at every kind of port, and
// expects that the server is still there and that nothing is left over.
func TestHostile(t *testing.T) {
	m := boot(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	tables := [][]byte{
		iokit.SerializeBinary(iokit.Matching(iokit.ProviderClassKey, "IOService")),
		iokit.SerializeXML(iokit.Matching(iokit.NameMatchKey, "opens")),
		[]byte("IOService\x00"), []byte("IOServiceFirstMatch\x00"), []byte("IOGeneralInterest\x00"),
	}
	wake, kr := ipc.AllocKernel(nil, abi.IKOT_NONE, nil)
	if kr != 0 {
		t.Fatal(kr)
	}
	word := func(b []byte, v uint32) []byte {
		return append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
	}
	for _, r := range m.table.Routines() {
		for range 300 {
			p := m.ports[rnd.IntN(len(m.ports))]
			b := append([]byte{}, abi.NDRRecord[:]...)
			for range rnd.IntN(6) {
				switch rnd.IntN(4) {
				case 0:
					b = word(b, rnd.Uint32())
				case 1:
					b = word(b, uint32(rnd.IntN(20)))
				default: // a string or an array: its offset perhaps, its count, its bytes
					x := tables[rnd.IntN(len(tables))]
					if rnd.IntN(2) == 0 {
						b = word(b, 0)
					}
					b = append(word(b, uint32(len(x)+rnd.IntN(2)*rnd.IntN(9))), x...)
					for len(b)&3 != 0 {
						b = append(b, 0)
					}
				}
			}
			var d []ipc.Desc
			for range rnd.IntN(3) {
				switch rnd.IntN(3) {
				case 0:
					x := tables[rnd.IntN(len(tables))]
					d = append(d, ipc.Desc{Type: abi.MACH_MSG_OOL_DESCRIPTOR, Copy: abi.MACH_MSG_VIRTUAL_COPY, Mem: vm.NewCopy(x), Size: uint32(len(x))})
				case 1:
					d = append(d, ipc.Desc{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: abi.MACH_MSG_TYPE_PORT_SEND, Port: wake.MakeSend()})
				default:
					d = append(d, ipc.Desc{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: abi.MACH_MSG_TYPE_PORT_SEND, Port: ipc.CopySend(m.ports[rnd.IntN(len(m.ports))])})
				}
			}
			if k := m.call(t, p, r.ID, d, b); k != nil {
				k.Destroy()
			}
			m.uc.closed = 0
			if c, ok := object[*connection](m.ports[5], abi.IKOT_IOKIT_CONNECT); ok {
				c.mu.Lock()
				c.closed = false // io_service_close was among them
				c.mu.Unlock()
			}
		}
	}
	wake.DestroyKernel()
	if n := len(m.s.ports); n > len(m.ports)+16 {
		t.Errorf("%d ports are left of %d", n, len(m.ports))
	}
	// Whoever asks properly is still answered.
	if l := m.r.Services(iokit.Matching(iokit.NameMatchKey, "opens"), iokit.Matched); len(l) != 1 {
		t.Errorf("found %d", len(l))
	}
	for _, p := range m.ports {
		ipc.ReleaseSend(p)
	}
	if len(m.s.ports) != 0 || m.s.count != 0 {
		t.Errorf("%d ports and %d objects are left when nobody has a right", len(m.s.ports), m.s.count)
	}
	if m.uc.closed != 1 {
		t.Errorf("the connection was closed %d times", m.uc.closed)
	}
}

// TestMaxObjects asks for iterators until there are no more.
func TestMaxObjects(t *testing.T) {
	m := boot(t)
	var l []*ipc.Port
	for range MaxObjects + 1 {
		p, kr := m.s.walk(m.r.Root(), "IOService", 0)
		if kr == iokit.IOReturnNoResources {
			break
		}
		if kr != 0 {
			t.Fatal(kr)
		}
		l = append(l, p)
	}
	if len(l) != MaxObjects-3 { // there are two iterators and a connection
		t.Errorf("%d iterators", len(l))
	}
	for _, p := range l {
		ipc.ReleaseSend(p)
	}
	if p, kr := m.s.walk(m.r.Root(), "IOService", 0); kr != 0 {
		t.Errorf("none after they were given back: %v", kr)
	} else {
		ipc.ReleaseSend(p)
	}
}
