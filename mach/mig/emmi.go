package mig

import (
	"errors"
	gosync "sync"
	"time"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/vm"
	"puggle/machine"
)

// The External Memory Management Interface: memory whose contents a task supplies.
// It is off unless the machine was told otherwise (Kernel.ExternalPagers), as the
// kernel of 2002 has it off; then vm_map of a port that is no kernel object makes
// that port's receiver the pager of a memory object. Messages go both ways:
// memory_object to the pager, memory_object_control back.
//
// A pager is not trusted: what it does not answer within pagerPatience is an error
// to whoever waits for the page (EXC_BAD_ACCESS with KERN_MEMORY_ERROR), and a pager
// that waits for its own page waits as long.

// pagerPatience is how long a fault waits for a pager, and a page for room in the
// pager's queue.
const pagerPatience = 10 * time.Second

// maxSupply bounds one memory_object_data_supply.
const maxSupply = 16 << 20

// maxLocks bounds the lock requests of one object that are at work.
const maxLocks = 64

var (
	errPagerDied   = errors.New("mig: the external pager has died")
	errPagerFailed = errors.New("mig: the external pager gave an error")
	errPagerSlow   = errors.New("mig: the external pager did not answer in time")
)

// externalPager is the kernel's end of one memory object, a vm.Pager.
type externalPager struct {
	k       *Kernel
	port    *ipc.Port // a send right to the pager
	control *ipc.Port // what the pager speaks to
	name    *ipc.Port
	object  *vm.Object // no reference

	mu       gosync.Mutex
	size     uint64
	ready    bool
	dead     bool
	requests map[*pageRequest]struct{}
	locks    int           // lock requests at work
	changed  chan struct{} // closed and replaced with each change
}

// pageRequest is a PageIn that waits.
type pageRequest struct {
	off  uint64
	buf  []byte
	have []bool // pages
	left int
	err  error
}

func convertPortToMemoryControl(p *ipc.Port) *externalPager {
	return kobject[*externalPager](p, abi.IKOT_MEMORY_OBJECT)
}

// external gives the object that a port stands for, with a reference, to be mapped
// up to end. The right stays the caller's.
func (k *Kernel) external(p *ipc.Port, end uint64) (*vm.Object, kret) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e := k.externals[p]; e != nil && e.object.TryRef() {
		e.grow(end)
		return e.object, abi.KERN_SUCCESS
	}
	e := &externalPager{k: k, size: end, requests: map[*pageRequest]struct{}{}, changed: make(chan struct{})}
	var kr kret
	if e.control, kr = ipc.AllocKernel(e, abi.IKOT_MEMORY_OBJECT, k.table.Serve); kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	if e.name, kr = ipc.AllocKernel(nil, abi.IKOT_NONE, nil); kr != abi.KERN_SUCCESS {
		e.control.DestroyKernel()
		return nil, kr
	}
	e.port = ipc.CopySend(p)
	if kr = MemoryObjectInit(&Client{}, e.port, e.control.MakeSend(), e.name.MakeSend(), machine.PageSize); kr != abi.KERN_SUCCESS {
		e.end()
		return nil, abi.KERN_INVALID_OBJECT
	}
	e.object = vm.NewPagerObject(e, end)
	if k.externals == nil {
		k.externals = map[*ipc.Port]*externalPager{}
	}
	k.externals[p] = e
	return e.object, abi.KERN_SUCCESS
}

func (e *externalPager) client() *Client {
	return &Client{Thread: sched.NewThread("memory object"), Until: sched.After(pagerPatience)}
}

func (e *externalPager) grow(end uint64) {
	e.mu.Lock()
	e.size = max(e.size, end)
	e.mu.Unlock()
}

func (e *externalPager) Size() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.size
}

// wake tells those who wait; e.mu is held.
func (e *externalPager) wake() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// wait waits until done, the pager's death, or the end of patience.
func (e *externalPager) wait(until time.Time, done func() bool) error {
	for {
		e.mu.Lock()
		ok, dead, ch := done(), e.dead, e.changed
		e.mu.Unlock()
		switch {
		case ok:
			return nil
		case dead || !e.port.Active():
			return errPagerDied
		case time.Now().After(until):
			return errPagerSlow
		}
		t := time.NewTimer(50 * time.Millisecond) // a port's death is looked for
		select {
		case <-ch:
		case <-t.C:
		}
		t.Stop()
	}
}

// PageIn asks the pager and waits for all of it.
func (e *externalPager) PageIn(off uint64, buf []byte) error {
	until := time.Now().Add(pagerPatience)
	e.object.HostWait(true) // the pager's task needs a processor to answer
	defer e.object.HostWait(false)
	if err := e.wait(until, func() bool { return e.ready }); err != nil {
		return err
	}
	n := (len(buf) + machine.PageMask) >> machine.PageShift
	r := &pageRequest{off: off, buf: buf, have: make([]bool, n), left: n}
	e.mu.Lock()
	e.requests[r] = struct{}{}
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		delete(e.requests, r) // from now on nobody writes to buf
		e.mu.Unlock()
	}()
	if kr := MemoryObjectDataRequest(e.client(), e.port, e.control.MakeSend(), off, uint64(n)<<machine.PageShift, abi.VM_PROT_READ); kr != abi.KERN_SUCCESS {
		return errPagerDied
	}
	if err := e.wait(until, func() bool { return r.left == 0 || r.err != nil }); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return r.err
}

// PageOut gives the pager what was changed.
func (e *externalPager) PageOut(off uint64, buf []byte) error {
	if !e.port.Active() {
		return errPagerDied
	}
	data := append([]byte(nil), buf...)
	if kr := MemoryObjectDataReturn(e.client(), e.port, e.control.MakeSend(), off, vm.NewCopy(data), true, false); kr != abi.KERN_SUCCESS {
		return errPagerSlow
	}
	return nil
}

// Terminate tells the pager that its object is gone.
func (e *externalPager) Terminate() {
	e.k.mu.Lock()
	if e.k.externals[e.port] == e {
		delete(e.k.externals, e.port)
	}
	e.k.mu.Unlock()
	if e.port.Active() {
		MemoryObjectTerminate(e.client(), e.port, e.control.MakeSend(), e.name.MakeSend())
	}
	e.end()
}

func (e *externalPager) end() {
	e.mu.Lock()
	e.dead = true
	e.wake()
	e.mu.Unlock()
	e.control.DestroyKernel()
	e.name.DestroyKernel()
	ipc.ReleaseSend(e.port)
}

// each calls f for the pages of [off, off+size) that somebody waits for.
func (e *externalPager) each(off, size uint64, f func(r *pageRequest, at uint64, page []byte)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for r := range e.requests {
		for i := range r.have {
			at := r.off + uint64(i)<<machine.PageShift
			if r.have[i] || at < off || at-off >= size || size-(at-off) < machine.PageSize {
				continue
			}
			lo := i << machine.PageShift
			f(r, at-off, r.buf[lo:min(lo+machine.PageSize, len(r.buf))])
			r.have[i] = true
			r.left--
		}
	}
	e.wake()
}

// Should_return of memory_object_lock_request.
const (
	MEMORY_OBJECT_RETURN_NONE  = 0
	MEMORY_OBJECT_RETURN_DIRTY = 1
	MEMORY_OBJECT_RETURN_ALL   = 2
)

// lockRequest returns and forgets pages. Locking against access is not offered:
// any lock value but none and "no change" (8) is KERN_NOT_SUPPORTED.
func (k *Kernel) lockRequest(_ *Call, e *externalPager, off, size uint64, ret int32, flush bool, lock abi.Prot, reply Right) kret {
	switch {
	case e == nil || off&machine.PageMask != 0 || ret < MEMORY_OBJECT_RETURN_NONE || ret > MEMORY_OBJECT_RETURN_ALL:
		return abi.KERN_INVALID_ARGUMENT
	case lock != 0 && lock != 8:
		return abi.KERN_NOT_SUPPORTED
	}
	e.mu.Lock()
	busy := e.locks >= maxLocks
	if !busy {
		e.locks++
	}
	e.mu.Unlock()
	if busy {
		return abi.KERN_RESOURCE_SHORTAGE
	}
	done := func() {
		e.mu.Lock()
		e.locks--
		e.mu.Unlock()
	}
	if reply.Type() == abi.MACH_MSG_TYPE_PORT_RECEIVE && ipc.IsValid(reply.Port()) {
		done()
		return abi.KERN_INVALID_CAPABILITY
	}
	if !e.object.TryRef() {
		done()
		return abi.KERN_INVALID_ARGUMENT
	}
	answer := reply.Take()
	// The pager must be free to take what is returned.
	go func() {
		defer done()
		defer e.object.Unref()
		if ret != MEMORY_OBJECT_RETURN_NONE {
			e.object.Flush(off, size)
		}
		if flush {
			e.object.Invalidate(off, size)
		}
		if ipc.IsValid(answer) {
			MemoryObjectLockCompleted(e.client(), answer, e.control.MakeSend(), off, size)
		}
	}()
	return abi.KERN_SUCCESS
}

func (k *Kernel) memoryControl() *MemoryObjectControlServer {
	return &MemoryObjectControlServer{
		MemoryObjectReady: func(_ *Call, e *externalPager, _ bool, _ int32) kret {
			if e == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			e.mu.Lock()
			e.ready = true
			e.wake()
			e.mu.Unlock()
			return abi.KERN_SUCCESS
		},
		MemoryObjectDataSupply: func(_ *Call, e *externalPager, off uint64, data Memory, _ abi.Prot, _ bool) kret {
			if e == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			b, kr := data.Bytes(maxSupply)
			if kr != abi.KERN_SUCCESS {
				return kr
			}
			e.each(off, uint64(len(b)), func(_ *pageRequest, at uint64, page []byte) { copy(page, b[at:]) })
			return abi.KERN_SUCCESS
		},
		MemoryObjectDataError: func(_ *Call, e *externalPager, off, size uint64, _ kret) kret {
			if e == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			e.each(off, size, func(r *pageRequest, _ uint64, _ []byte) { r.err = errPagerFailed })
			return abi.KERN_SUCCESS
		},
		MemoryObjectDataUnavailable: func(_ *Call, e *externalPager, off, size uint64) kret {
			if e == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			e.each(off, size, func(_ *pageRequest, _ uint64, page []byte) { clear(page) })
			return abi.KERN_SUCCESS
		},
		MemoryObjectLockRequest: k.lockRequest,
		MemoryObjectDestroy: func(_ *Call, e *externalPager, _ kret) kret {
			if e == nil {
				return abi.KERN_INVALID_ARGUMENT
			}
			e.mu.Lock()
			e.dead = true // those who wait, and those who come, get an error
			e.wake()
			e.mu.Unlock()
			return abi.KERN_SUCCESS
		},
	}
}

// mapExternal is vm_map of a pager's port. Without the switch such a port stands for
// no memory, as in today's XNU: KERN_INVALID_OBJECT.
func (k *Kernel) mapExternal(m *vm.Map, p *ipc.Port, spec vm.MapSpec) (addr, kret) {
	if !k.ExternalPagers {
		return 0, abi.KERN_INVALID_OBJECT
	}
	end := spec.Offset + spec.Size
	if end < spec.Offset || end > 1<<62 || spec.Offset&machine.PageMask != 0 || spec.Size == 0 {
		return 0, abi.KERN_INVALID_ARGUMENT
	}
	o, kr := k.external(p, (end+machine.PageMask)&^machine.PageMask)
	if kr != abi.KERN_SUCCESS {
		return 0, kr
	}
	spec.Object = o
	at, kr := m.Enter(&spec)
	o.Unref()
	return at, kr
}
