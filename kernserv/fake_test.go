package kernserv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"puggle/abi"
	"puggle/libkern"
	"puggle/mach/sched"
	"puggle/machine"
)

// fakeKernel is a Kernel in Go memory whose functions are Go's, by symbol.
type fakeKernel struct {
	mu    sync.Mutex
	mem   map[machine.Addr]byte
	next  machine.Addr
	rooms map[machine.Addr]uint64
	heap  map[machine.Addr]uint64
	wired map[machine.Addr]uint64
	image *libkern.Image // the one that is placed
	funcs map[string]func(th *sched.Thread, args []uint64) (uint64, error)
	calls []string
	refs  []string
	level int

	strings int // in the heap
}

const fakeKPI = 0x7_0000_0000 // where the kernel's own symbols are said to be

func newFakeKernel() *fakeKernel {
	return &fakeKernel{mem: map[machine.Addr]byte{}, next: 0x1000_0000, rooms: map[machine.Addr]uint64{}, heap: map[machine.Addr]uint64{},
		wired: map[machine.Addr]uint64{}, funcs: map[string]func(*sched.Thread, []uint64) (uint64, error){}}
}

func (k *fakeKernel) room(size uint64) machine.Addr {
	a := k.next
	k.next += machine.Addr(size).Round() + 0x1000
	return a
}

func (k *fakeKernel) Allocate(size uint64) (machine.Addr, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a := k.room(size)
	k.rooms[a] = size
	return a, nil
}

func (k *fakeKernel) Deallocate(a machine.Addr, size uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rooms[a] != size {
		panic(fmt.Sprintf("Deallocate(%#x, %#x) of %#x", a, size, k.rooms[a]))
	}
	delete(k.rooms, a)
}

func (k *fakeKernel) Place(_ string, img *libkern.Image) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, g := range img.Segments {
		for i := range g.Size {
			k.mem[machine.Addr(g.Addr+i)] = 0
		}
		for i, b := range g.Data {
			k.mem[machine.Addr(g.Addr)+machine.Addr(i)] = b
		}
	}
	k.image = img
	return nil
}

func (k *fakeKernel) Remove(img *libkern.Image) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range img.Size {
		delete(k.mem, machine.Addr(img.Base+i))
	}
	k.image = nil
}

func (k *fakeKernel) Wire(a machine.Addr, size uint64) abi.KernReturn {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wired[a] = size
	k.calls = append(k.calls, "WIRE")
	return 0
}

func (k *fakeKernel) Unwire(a machine.Addr, size uint64) abi.KernReturn {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.wired[a] != size {
		return abi.KERN_INVALID_ARGUMENT
	}
	delete(k.wired, a)
	return 0
}

func (k *fakeKernel) Kalloc(size uint64) (machine.Addr, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a := k.room(size)
	for i := range size {
		k.mem[a+machine.Addr(i)] = 0
	}
	k.heap[a] = size
	return a, nil
}

func (k *fakeKernel) Kfree(a machine.Addr, size uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.heap[a] != size {
		panic("Kfree")
	}
	delete(k.heap, a)
	for i := range size {
		delete(k.mem, a+machine.Addr(i))
	}
}

func (k *fakeKernel) CopyIn(dst []byte, a machine.Addr) abi.KernReturn {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range dst {
		b, ok := k.mem[a+machine.Addr(i)]
		if !ok {
			return abi.KERN_INVALID_ADDRESS
		}
		dst[i] = b
	}
	return 0
}

func (k *fakeKernel) CopyOut(a machine.Addr, src []byte) abi.KernReturn {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, b := range src {
		if _, ok := k.mem[a+machine.Addr(i)]; !ok {
			return abi.KERN_INVALID_ADDRESS
		}
		k.mem[a+machine.Addr(i)] = b
	}
	return 0
}

// putString leaves a string in the heap.
func (k *fakeKernel) putString(s string) machine.Addr {
	a, _ := k.Kalloc(uint64(len(s)) + 64) // what is there is there by pages
	k.CopyOut(a, []byte(s))
	k.strings++
	return a
}

func (k *fakeKernel) Resolve(name string) (uint64, bool) {
	return fakeKPI, name == "_kern_serv_log"
}

func (k *fakeKernel) Call(th *sched.Thread, fn machine.Addr, args ...uint64) (uint64, error) {
	k.mu.Lock()
	if k.image == nil {
		k.mu.Unlock()
		return 0, errors.New("no code there")
	}
	y, ok := k.image.Nearest(uint64(fn))
	if !ok || y.Addr != uint64(fn) {
		k.mu.Unlock()
		return 0, fmt.Errorf("no function at %#x", fn)
	}
	name := y.Name[1:]
	line := name
	if len(args) > 0 {
		line += fmt.Sprintf(" %d", int64(args[0]))
	}
	f := k.funcs[name]
	if f == nil || len(args) == 1 {
		k.calls = append(k.calls, line)
	} else {
		k.calls = append(k.calls, name)
	}
	k.mu.Unlock()
	if f == nil {
		return 0, nil
	}
	return f(th, args)
}

func (k *fakeKernel) Interrupt(th *sched.Thread, level int, fn machine.Addr, args ...uint64) (uint64, error) {
	k.mu.Lock()
	k.level = level
	k.mu.Unlock()
	return k.Call(th, fn, args...)
}

func (k *fakeKernel) Construct(*sched.Thread, *libkern.Image) error { return nil }
func (k *fakeKernel) Destruct(*sched.Thread, *libkern.Image) error  { return nil }

func (k *fakeKernel) References(machine.Addr, uint64) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.refs
}

func (k *fakeKernel) takeCalls() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	c := k.calls
	k.calls = nil
	return c
}

// fakeMemory is physical memory in Go's.
type fakeMemory struct {
	mu   sync.Mutex
	next machine.Phys
	ext  map[machine.Phys][]byte
}

func (m *fakeMemory) Alloc(n uint64) (machine.Phys, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ext == nil {
		m.ext = map[machine.Phys][]byte{}
	}
	p := m.next
	m.next += machine.Phys(n)
	if n > 16<<20 {
		return 0, machine.ErrNoMemory
	}
	m.ext[p] = make([]byte, n)
	return p, nil
}

func (m *fakeMemory) Free(machine.Phys, uint64) {}
func (m *fakeMemory) Discard(p machine.Phys, n uint64) {
	clear(m.Bytes(p, n))
}

func (m *fakeMemory) Bytes(p machine.Phys, n uint64) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	for at, b := range m.ext {
		if p >= at && uint64(p-at)+n <= uint64(len(b)) {
			return b[p-at:][:n:n]
		}
	}
	panic("no such memory")
}

func (m *fakeMemory) Resident() uint64 { return 0 }
func (m *fakeMemory) Limit() uint64    { return 1 << 30 }

// hostFiles are the host's, below a folder.
type hostFiles string

func (h hostFiles) ReadFile(p string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(h), p))
}
func (h hostFiles) WriteFile(p string, b []byte) error {
	return os.WriteFile(filepath.Join(string(h), p), b, 0o644)
}

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// linkEcho makes the test server with a script of its own.
func linkEcho(t testing.TB, load string) []byte {
	t.Helper()
	o := LinkOptions{Name: "echo", Instance: "instance", Load: "Load_Commands", Unload: "Unload_Commands", Loadable: "echo_loadable"}
	b, err := Link(o, [][]byte{testdata(t, "echo_main.o"), testdata(t, "echo_msg.o")}, []byte(load), testdata(t, "Unload_Commands"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
