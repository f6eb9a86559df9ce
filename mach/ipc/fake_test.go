package ipc

import (
	"sync"
	"testing"

	"puggle/abi"
	"puggle/mach/sched"
	"puggle/machine"
)

// fakeMem is a guest's memory: one array at base, and out-of-line regions at
// addresses of their own.
type fakeMem struct {
	mu      sync.Mutex
	b       [1 << 16]byte
	regions map[machine.Addr][]byte
	next    machine.Addr
	noRoom  bool
}

const base machine.Addr = 0x10000

var copies struct {
	sync.Mutex
	n int
}

type fakeCopy struct {
	b    []byte
	used bool
}

func (c *fakeCopy) Size() uint64 { return uint64(len(c.b)) }
func (c *fakeCopy) Discard()     { c.use() }
func (c *fakeCopy) use() {
	copies.Lock()
	defer copies.Unlock()
	if c.used {
		panic("copy used twice")
	}
	c.used = true
	copies.n--
}

func newMem() *fakeMem { return &fakeMem{regions: map[machine.Addr][]byte{}, next: 0x100000} }

func (m *fakeMem) find(a machine.Addr, n int) []byte {
	within := func(r machine.Addr, size int) bool {
		return a >= r && uint64(a-r) <= uint64(size) && n <= size-int(a-r)
	}
	if within(base, len(m.b)) {
		return m.b[a-base:][:n]
	}
	for r, b := range m.regions {
		if within(r, len(b)) {
			return b[a-r:][:n]
		}
	}
	return nil
}

func (m *fakeMem) CopyIn(dst []byte, a machine.Addr) abi.KernReturn {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.find(a, len(dst))
	if b == nil {
		return abi.KERN_INVALID_ADDRESS
	}
	copy(dst, b)
	return 0
}

func (m *fakeMem) CopyOut(a machine.Addr, src []byte) abi.KernReturn {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.find(a, len(src))
	if b == nil {
		return abi.KERN_INVALID_ADDRESS
	}
	copy(b, src)
	return 0
}

func (m *fakeMem) CopyInOOL(a machine.Addr, size uint64, deallocate, physical bool) (Copy, abi.KernReturn) {
	b := make([]byte, size)
	if m.CopyIn(b, a) != 0 {
		return nil, abi.KERN_INVALID_ADDRESS
	}
	if deallocate {
		m.DeallocateOOL(a, size)
	}
	copies.Lock()
	copies.n++
	copies.Unlock()
	return &fakeCopy{b: b}, 0
}

func (m *fakeMem) CopyOutOOL(c Copy) (machine.Addr, abi.KernReturn) {
	f := c.(*fakeCopy)
	a, kr := m.AllocateOOL(f.b)
	if kr == 0 {
		f.use()
	}
	return a, kr
}

func (m *fakeMem) AllocateOOL(b []byte) (machine.Addr, abi.KernReturn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.noRoom {
		return 0, abi.KERN_NO_SPACE
	}
	a := m.next
	m.next += machine.Addr(len(b)+0xfff) &^ 0xfff
	m.regions[a] = append([]byte(nil), b...)
	return a, 0
}

func (m *fakeMem) DeallocateOOL(a machine.Addr, size uint64) abi.KernReturn {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.regions, a)
	return 0
}

// task is a space with memory and a thread.
type task struct {
	*Space
	mem *fakeMem
	th  *sched.Thread
}

func newTask() *task { return &task{NewSpace(), newMem(), sched.NewThread("test")} }

// thread is another thread of t, with memory of its own for its messages.
func (t *task) thread() *task { return &task{t.Space, newMem(), sched.NewThread("test")} }

// msg is a message as a guest writes it.
type msg struct {
	bits          uint32
	remote, local abi.PortName
	id            int32
	descs         [][]byte
	data          []byte
}

func hbits(remote, local abi.MsgType) uint32 { return uint32(remote) | uint32(local)<<8 }

func portDesc(n abi.PortName, t abi.MsgType) []byte {
	d := make([]byte, 12)
	put32(d, 0, uint32(n))
	d[10], d[11] = byte(t), abi.MACH_MSG_PORT_DESCRIPTOR
	return d
}

func (m msg) bytes() []byte {
	b := make([]byte, 24)
	bits := m.bits
	if m.descs != nil {
		bits |= abi.MACH_MSGH_BITS_COMPLEX
		b = append(b, 0, 0, 0, 0)
		put32(b, 24, uint32(len(m.descs)))
		for _, d := range m.descs {
			b = append(b, d...)
		}
	}
	b = append(b, m.data...)
	put32(b, 0, bits)
	put32(b, 4, uint32(len(b)))
	put32(b, 8, uint32(m.remote))
	put32(b, 12, uint32(m.local))
	put32(b, 20, uint32(m.id))
	return b
}

func (t *task) send(m msg, opt abi.MsgOption, timeout uint32) abi.KernReturn {
	b := m.bytes()
	t.mem.CopyOut(base, b)
	return t.Msg(t.th, t.mem, t.mem, &MsgArgs{Addr: base, Option: abi.MACH_SEND_MSG | opt, Send: uint32(len(b)), Timeout: timeout})
}

const rcvAt = base + 0x8000

// recv receives and gives the whole buffer.
func (t *task) recv(n abi.PortName, opt abi.MsgOption, timeout uint32, room uint32) ([]byte, abi.KernReturn) {
	kr := t.Msg(t.th, t.mem, t.mem, &MsgArgs{Addr: rcvAt, Option: abi.MACH_RCV_MSG | opt, Rcv: room, RcvName: n, Timeout: timeout})
	b := make([]byte, room)
	t.mem.CopyIn(b, rcvAt)
	return b, kr
}

// poll receives if there is something.
func (t *task) poll(n abi.PortName) ([]byte, abi.KernReturn) {
	return t.recv(n, abi.MACH_RCV_TIMEOUT, 0, 0x1000)
}

func want(t *testing.T, what string, got, want abi.KernReturn) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %#x, want %#x", what, uint32(got), uint32(want))
	}
}

func (t *task) newPort(tt *testing.T) abi.PortName {
	tt.Helper()
	n, kr := t.Allocate(abi.MACH_PORT_RIGHT_RECEIVE)
	want(tt, "allocate", kr, 0)
	return n
}

// give puts a send right to from's port n into to.
func give(tt *testing.T, from *task, n abi.PortName, to *task, typ abi.MsgType) abi.PortName {
	tt.Helper()
	p, kr := from.ExtractRight(n, typ)
	want(tt, "extract", kr, 0)
	return to.CopyOut(p, typ.Received())
}

// leakCheck fails the test if it leaves ports, messages or copies behind.
func leakCheck(t *testing.T) {
	p0, m0 := Counts()
	copies.Lock()
	c0 := copies.n
	copies.Unlock()
	b0 := kmsgBytes.Load()
	t.Cleanup(func() {
		p, m := Counts()
		copies.Lock()
		defer copies.Unlock()
		if p != p0 || m != m0 || copies.n != c0 || kmsgBytes.Load() != b0 {
			t.Errorf("left behind: %d ports, %d messages, %d copies, %d bytes", p-p0, m-m0, copies.n-c0, kmsgBytes.Load()-b0)
		}
	})
}

func rcvAddr(b []byte) machine.Addr {
	return machine.Addr(uint64(get32(b, 0)) | uint64(get32(b, 4))<<32)
}
