package kern

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/machine"
)

// pthreadInfo is what bsdthread_register told the kernel about libSystem.
type pthreadInfo struct {
	registered  bool
	threadStart uint64
	wqThread    uint64
	tsdOffset   uint32
}

// Flags of bsdthread_create (libpthread's).
const (
	PTHREAD_START_CUSTOM    = 0x01000000
	PTHREAD_START_SETSCHED  = 0x02000000
	PTHREAD_START_DETACHED  = 0x04000000
	PTHREAD_START_SUSPENDED = 0x20000000
	PTHREAD_START_TSD_BASE  = 0x10000000
)

// BsdthreadRegister is bsdthread_register(366). data is the registration
// record that newer libraries pass (its tsd_offset is at 24), size its length in
// bytes; both 0 for older ones, which pass tsdOffset. It returns the optional
// features that the kernel has: none. EINVAL when called twice or for addresses
// that are the kernel's, EFAULT.
func (p *Proc) BsdthreadRegister(threadStart, wqThread, data, size uint64, tsdOffset uint32) (uint32, abi.Errno) {
	if threadStart >= uint64(machine.UserEnd) || wqThread >= uint64(machine.UserEnd) {
		return 0, abi.EINVAL
	}
	if data != 0 && size >= 28 {
		var b [28]byte
		if p.Map().CopyIn(b[:], machine.Addr(data)) != 0 {
			return 0, abi.EFAULT
		}
		tsdOffset = binary.LittleEndian.Uint32(b[24:])
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pth.registered {
		return 0, abi.EINVAL
	}
	p.pth = pthreadInfo{registered: true, threadStart: threadStart, wqThread: wqThread, tsdOffset: tsdOffset}
	return 0, 0
}

// BsdthreadCreate is bsdthread_create(360): a thread that begins at the
// registered start function with rdi pthread, rsi its port, rdx function, rcx
// argument, r8 stack (or its size), r9 flags, on the caller's mask. EAGAIN
// when there are too many, EINVAL before registration.
func (ut *Uthread) BsdthreadCreate(fn, arg, stack, pthread uint64, flags uint32) (*Uthread, abi.Errno) {
	p := ut.Proc
	s := p.Sys
	p.mu.Lock()
	pth := p.pth
	p.mu.Unlock()
	if !pth.registered || flags&PTHREAD_START_CUSTOM == 0 {
		return nil, abi.EINVAL
	}
	if s.Tasks.NumThreads() >= MaxThreads || p.Task.NumThreads() >= maxTaskThreads {
		return nil, abi.EAGAIN
	}
	th, err := p.Task.NewThread()
	if err != nil {
		return nil, abi.EAGAIN
	}
	nut := p.newUthread(th, ut.sigmask)
	port := uint32(th.ID)
	if h := s.Hooks.ThreadPort; h != nil {
		port = h(nut)
	}
	r := machine.Regs{
		Rip:    pth.threadStart,
		Rdi:    pthread,
		Rsi:    uint64(port),
		Rdx:    fn,
		Rcx:    arg,
		R8:     stack,
		R9:     uint64(flags | PTHREAD_START_TSD_BASE),
		Rsp:    (stack &^ 15) - 8,
		Rflags: 0x202,
		GSBase: pthread + uint64(pth.tsdOffset),
	}
	// The start function is entered as if called: a zero return address.
	var zero [8]byte
	p.Map().CopyOut(machine.Addr(r.Rsp), zero[:])
	p.Map().EnterFresh() // the stack, most likely
	nut.setRegs(&r)
	if flags&PTHREAD_START_SUSPENDED != 0 {
		th.Suspend()
	}
	p.launch(nut)
	return nut, 0
}

// NewMachThread makes a thread for thread_create, not yet started: its registers are
// zero. It has no pthread to run handlers with, so all signals are masked. EAGAIN when
// there are too many.
func (p *Proc) NewMachThread() (*Uthread, abi.Errno) {
	if p.Sys.Tasks.NumThreads() >= MaxThreads || p.Task.NumThreads() >= maxTaskThreads {
		return nil, abi.EAGAIN
	}
	th, err := p.Task.NewThread()
	if err != nil {
		return nil, abi.EAGAIN
	}
	ut := p.newUthread(th, ^Sigset(0))
	ut.setRegs(&machine.Regs{Rflags: 0x202})
	return ut, 0
}

// maxTaskThreads is kern.num_taskthreads: how many threads one process may have.
const maxTaskThreads = 12288

// BsdthreadTerminate is bsdthread_terminate(361): it gives back the stack,
// wakes who waits for the thread (a semaphore's name, or the address of a
// ulock word), and ends the thread.
func (ut *Uthread) BsdthreadTerminate(stack, size uint64, port uint32, sema uint64) {
	p := ut.Proc
	if size != 0 {
		p.Map().Deallocate(machine.Addr(stack), size)
	}
	if sema != 0 {
		if sema < 1<<32 {
			if h := p.Sys.Hooks.SemaphoreSignal; h != nil {
				h(p, uint32(sema))
			}
		} else {
			ut.UlockWake(UL_UNFAIR_LOCK|ULF_WAKE_ALL|ulfNoTidCheck, sema, 0)
		}
	}
	if h := p.Sys.Hooks.ReleasePort; h != nil && port != 0 {
		h(p, port)
	}
	ut.Thread.PostAST(astTerminate)
}
