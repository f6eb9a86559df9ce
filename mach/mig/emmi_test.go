package mig

import (
	"bytes"
	"sync"
	"testing"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/vm"
	"puggle/machine"
)

// testPager is a pager as a task would be one: it answers messages.
type testPager struct {
	port     *ipc.Port
	mu       sync.Mutex
	control  *ipc.Port
	pages    map[uint64]byte // by offset; 0: unavailable, 0xee: an error
	requests int
	returned map[uint64]byte
	locked   chan uint64
	ended    chan struct{}
	cl       *Client
}

func newTestPager(t *testing.T) *testPager {
	p := &testPager{port: kernelPort(t), pages: map[uint64]byte{}, returned: map[uint64]byte{},
		locked: make(chan uint64, 4), ended: make(chan struct{}), cl: &Client{}}
	table := NewTable(&MemoryObjectServer{
		MemoryObjectInit: func(_ *Call, _ *ipc.Port, control, name Right, size uint64) kret {
			if size != machine.PageSize {
				t.Errorf("page size %d", size)
			}
			p.control = control.Take()
			return MemoryObjectReady(p.cl, p.control, true, 0)
		},
		MemoryObjectDataRequest: func(_ *Call, _ *ipc.Port, control Right, off, n uint64, _ abi.Prot) kret {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.requests++
			for end := off + n; off < end; off += machine.PageSize {
				switch v := p.pages[off]; v {
				case 0:
					MemoryObjectDataUnavailable(p.cl, p.control, off, machine.PageSize)
				case 0xee:
					MemoryObjectDataError(p.cl, p.control, off, machine.PageSize, abi.KERN_FAILURE)
				default:
					MemoryObjectDataSupply(p.cl, p.control, off, vm.NewCopy(bytes.Repeat([]byte{v}, machine.PageSize)), 0, false)
				}
			}
			return 0
		},
		MemoryObjectDataReturn: func(_ *Call, _ *ipc.Port, _ Right, off uint64, data Memory, dirty, _ bool) kret {
			b, kr := data.Bytes(1 << 20)
			if kr != 0 || !dirty {
				t.Errorf("data_return: %d, dirty %v", kr, dirty)
			}
			p.mu.Lock()
			for i := 0; i < len(b); i += machine.PageSize {
				p.returned[off+uint64(i)] = b[i]
				p.pages[off+uint64(i)] = b[i]
			}
			p.mu.Unlock()
			return 0
		},
		MemoryObjectLockCompleted: func(_ *Call, _ *ipc.Port, _ Right, off, n uint64) kret { p.locked <- off; return 0 },
		MemoryObjectTerminate: func(*Call, *ipc.Port, Right, Right) kret {
			ipc.ReleaseSend(p.control)
			close(p.ended)
			return 0
		},
	})
	go func() {
		th := sched.NewThread("pager")
		for {
			k, kr := p.port.ReceiveInKernel(th, sched.After(60e9))
			if kr != 0 {
				return
			}
			table.Serve(p.port, k)
			k.Destroy()
		}
	}()
	return p
}

func (w *world) mapPager(p *testPager, pages uint64, off uint64) (machine.Addr, abi.KernReturn) {
	return w.k.mapExternal(w.m, p.port, vm.MapSpec{Size: pages << machine.PageShift, Offset: off, Flags: vm.Anywhere,
		Cur: abi.VM_PROT_DEFAULT, Max: abi.VM_PROT_ALL})
}

func (w *world) peek(a machine.Addr) (byte, abi.KernReturn) {
	var b [1]byte
	kr := w.m.CopyIn(b[:], a)
	return b[0], kr
}

// A task's pager supplies pages, gets back what was changed, and is told of the
// end; without the switch it is refused.
func TestExternalPager(t *testing.T) {
	w := newWorld(t)
	p := newTestPager(t)
	p.pages[0], p.pages[0x1000], p.pages[0x20000] = 11, 12, 0xee
	if _, kr := w.mapPager(p, 64, 0); kr != abi.KERN_INVALID_OBJECT {
		t.Fatalf("with the switch off: %d", kr)
	}
	w.k.ExternalPagers = true
	a, kr := w.mapPager(p, 64, 0)
	must(t, "map", kr)
	for off, want := range map[uint64]byte{0: 11, 0x1000: 12, 0x2000: 0} {
		if v, kr := w.peek(a + machine.Addr(off)); kr != 0 || v != want {
			t.Errorf("at %#x: %d (%d), want %d", off, v, kr, want)
		}
	}
	if _, kr := w.peek(a + 0x20000); kr != abi.KERN_MEMORY_ERROR {
		t.Errorf("a page with an error: %d", kr)
	}
	must(t, "write", w.m.CopyOut(a+0x3000, []byte{77}))
	must(t, "sync", w.m.Msync(a, 0x10000, abi.VM_SYNC_SYNCHRONOUS))
	// Messages arrive in order: what was returned is known before the answer to a
	// lock request is.
	answer := p.port.MakeSendOnce()
	must(t, "lock", MemoryObjectLockRequest(p.cl, p.control, 0, 0x10000, MEMORY_OBJECT_RETURN_DIRTY, true, 0, answer))
	<-p.locked
	p.mu.Lock()
	if p.returned[0x3000] != 77 {
		t.Errorf("returned %v", p.returned)
	}
	before := p.requests
	p.pages[0] = 99
	p.mu.Unlock()
	if v, kr := w.peek(a); kr != 0 || v != 99 {
		t.Errorf("after the flush: %d (%d)", v, kr)
	}
	if v, kr := w.peek(a + 0x3000); kr != 0 || v != 77 {
		t.Errorf("what was returned: %d (%d)", v, kr)
	}
	p.mu.Lock()
	if p.requests == before {
		t.Error("a flushed page was not asked for again")
	}
	p.mu.Unlock()
	// The same port is the same object.
	b, kr := w.mapPager(p, 8, 0)
	must(t, "second map", kr)
	must(t, "write", w.m.CopyOut(b, []byte{42}))
	if v, _ := w.peek(a); v != 42 {
		t.Errorf("through the first mapping: %d", v)
	}
	must(t, "deallocate", w.m.Deallocate(b, 8<<machine.PageShift))
	must(t, "deallocate", w.m.Deallocate(a, 64<<machine.PageShift))
	<-p.ended
	p.mu.Lock()
	if p.returned[0] != 42 {
		t.Error("the last change was not returned")
	}
	p.mu.Unlock()
	if len(w.k.externals) != 0 {
		t.Error("the object is still known")
	}
	p.port.DestroyKernel()
}

// A pager that dies, or says that its object is gone, costs an error.
func TestExternalPagerDies(t *testing.T) {
	w := newWorld(t)
	w.k.ExternalPagers = true
	p := newTestPager(t)
	p.pages[0] = 5
	a, kr := w.mapPager(p, 1024, 0)
	must(t, "map", kr)
	if v, kr := w.peek(a); kr != 0 || v != 5 {
		t.Fatalf("%d (%d)", v, kr)
	}
	must(t, "destroy", MemoryObjectDestroy(p.cl, p.control, abi.KERN_FAILURE))
	if _, kr := w.peek(a + 600<<machine.PageShift); kr != abi.KERN_MEMORY_ERROR {
		t.Errorf("after destroy: %d", kr)
	}
	q := newTestPager(t)
	b, kr := w.mapPager(q, 64, 0)
	must(t, "map", kr)
	q.port.DestroyKernel()
	if _, kr := w.peek(b); kr != abi.KERN_MEMORY_ERROR {
		t.Errorf("after the death: %d", kr)
	}
	must(t, "deallocate", w.m.Deallocate(a, 1024<<machine.PageShift))
	must(t, "deallocate", w.m.Deallocate(b, 64<<machine.PageShift))
	p.port.DestroyKernel()
}
