package kernserv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/vm"
	"puggle/machine"
)

// Limits of a running server.
const (
	// MaxPortMaps is how many ports can be mapped to functions
	// (KERN_SERVER_NPORTPROC).
	MaxPortMaps = 50
	// MaxMessage is how many bytes a message to a server, or its reply, may have.
	MaxMessage = 8192
	// MaxCallouts is how many callouts may wait.
	MaxCallouts = 256
)

// running is one load of a server: its task and its main thread.
type running struct {
	s      *Server
	handle uint64 // what the first field of the instance variable holds
	space  *ipc.Space
	task   *vm.Map // the task's own map, where no code runs
	thread *sched.Thread

	boot, notify, set abi.PortName
	in, out           machine.Addr // message buffers in the kernel's map
	wired             bool

	done chan struct{} // closed when the thread has ended

	mu        sync.Mutex
	maps      map[abi.PortName]portMap
	local     abi.PortName // kern_serv_local_port
	death     machine.Addr // the PORT_DEATH function
	queue     []work
	bell      *ipc.Port // a naked send right to boot, by which the thread is told of queue
	stopped   bool
	failed    error // an upcall did not return: the server is dead
	notifyReq map[abi.PortName][]notifyEntry
	dead      *ipc.Port // the kernel's port for dead-name notifications
}

// portMap is what is done with messages on a port.
type portMap struct {
	fn     machine.Addr
	arg    uint64
	server bool // a server interface, not a handler's
}

// work is something to do on the server's thread.
type work struct {
	what string
	do   func()
}

// Ports of the 64-bit tasks that the 1990 functions see.
const userLow, userHigh = machine.MinAddr, machine.Addr(1 << 32)

// nullPmap is the translation of a map that no processor uses.
type nullPmap struct{}

func (nullPmap) Apply([]machine.PmapOp) error { return nil }

// newRunning makes the task, the ports and the thread; the thread waits for work.
func newRunning(s *Server, handle uint64) (*running, error) {
	cfg := &s.loader.cfg
	r := &running{s: s, handle: handle, space: ipc.NewSpace(), done: make(chan struct{}),
		task: vm.NewMap(cfg.Memory, nullPmap{}, userLow, userHigh), thread: cfg.NewThread(s.Name),
		maps: map[abi.PortName]portMap{}, notifyReq: map[abi.PortName][]notifyEntry{}}
	var err error
	for _, n := range []*abi.PortName{&r.boot, &r.notify} {
		if *n, err = r.allocatePort(); err != nil {
			r.destroy()
			return nil, err
		}
	}
	var kr abi.KernReturn
	if r.set, kr = r.space.PortSetAllocate(); kr == abi.KERN_SUCCESS {
		kr = r.space.PortSetAdd(r.set, r.boot)
	}
	if kr == abi.KERN_SUCCESS {
		kr = r.space.PortSetAdd(r.set, r.notify)
	}
	if kr == abi.KERN_SUCCESS {
		r.bell, kr = r.space.ExtractRight(r.boot, abi.MACH_MSG_TYPE_MAKE_SEND)
	}
	if kr == abi.KERN_SUCCESS {
		r.dead, kr = ipc.AllocKernel(r, abi.IKOT_NONE, r.deadName)
	}
	if kr == abi.KERN_SUCCESS {
		if r.in, err = cfg.Kernel.Kalloc(MaxMessage); err == nil {
			r.out, err = cfg.Kernel.Kalloc(MaxMessage)
		}
	} else {
		err = fmt.Errorf("no ports: %w", krError(kr))
	}
	if err != nil {
		r.destroy()
		return nil, err
	}
	go r.main()
	return r, nil
}

func (r *running) allocatePort() (abi.PortName, error) {
	n, kr := r.space.PortAllocate()
	if kr != abi.KERN_SUCCESS {
		return 0, fmt.Errorf("no port: %w", krError(kr))
	}
	return n, nil
}

// destroy gives back what newRunning took. The thread has ended, or never began.
func (r *running) destroy() {
	if r.dead != nil {
		r.dead.DestroyKernel()
	}
	if r.bell != nil {
		ipc.ReleaseSend(r.bell)
	}
	r.dropNotifications()
	r.space.Terminate()
	r.task.Destroy()
	for _, a := range []machine.Addr{r.in, r.out} {
		if a != 0 {
			r.s.loader.cfg.Kernel.Kfree(a, MaxMessage)
		}
	}
}

// main is the server's main thread: it receives messages on the port set, and does
// work in between.
func (r *running) main() {
	defer close(r.done)
	r.thread.Attach()
	defer r.thread.Detach()
	k := r.s.loader.cfg.Kernel
	for r.work() {
		var h [abi.MSG25HeaderSize]byte
		binary.LittleEndian.PutUint32(h[4:], MaxMessage)
		binary.LittleEndian.PutUint32(h[12:], uint32(r.set))
		if k.CopyOut(r.in, h[:]) != abi.KERN_SUCCESS {
			r.fail(errors.New("its message buffer is gone"))
			return
		}
		kr := r.space.MsgReceive(r.thread, kernelMem{k}, taskMem{r.task}, r.in, 0, 0)
		switch kr {
		case abi.RCV_SUCCESS, abi.RCV_NOT_ENOUGH_MEMORY:
			r.dispatch()
		case abi.RCV_TOO_LARGE:
			r.s.loader.logf(LOG_WARNING, "%s: a message of more than %d bytes was dropped", r.s.Name, MaxMessage)
		case abi.RCV_INTERRUPTED:
		default:
			r.fail(fmt.Errorf("receiving failed: %w", krError(kr)))
			return
		}
	}
}

// work does what is queued; false when the thread has to end.
func (r *running) work() bool {
	for {
		r.mu.Lock()
		if r.stopped || r.failed != nil {
			r.mu.Unlock()
			return false
		}
		if len(r.queue) == 0 {
			r.mu.Unlock()
			return true
		}
		w := r.queue[0]
		r.queue = r.queue[1:]
		r.mu.Unlock()
		w.do()
	}
}

// submit queues work for the thread and rings. It never blocks. False if the queue
// is full (limit > 0) or the thread has ended.
func (r *running) submit(limit int, w work) bool {
	r.mu.Lock()
	if r.stopped || r.failed != nil || limit > 0 && len(r.queue) >= limit {
		r.mu.Unlock()
		return false
	}
	r.queue = append(r.queue, w)
	bell := ipc.CopySend(r.bell)
	r.mu.Unlock()
	ipc.SendFromKernel(ipc.NewMessage(bell, abi.MACH_MSG_TYPE_PORT_SEND, 0, nil, nil))
	return true
}

// do runs f on the server's thread and waits for it.
func (r *running) do(what string, f func() error) error {
	ch := make(chan error, 1)
	if !r.submit(0, work{what, func() { ch <- f() }}) {
		return r.whyEnded()
	}
	select {
	case err := <-ch:
		return err
	case <-r.done:
	}
	select {
	case err := <-ch: // its last work
		return err
	default:
		return r.whyEnded()
	}
}

func (r *running) whyEnded() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed != nil {
		return r.failed
	}
	return errors.New("its thread has ended")
}

// stop makes the thread end and waits for it.
func (r *running) stop() {
	r.submit(0, work{"stop", func() {
		r.mu.Lock()
		r.stopped = true
		r.mu.Unlock()
	}})
	<-r.done
}

// fail marks the server dead: its code is not entered again. The loader is told.
func (r *running) fail(err error) {
	r.mu.Lock()
	first := r.failed == nil
	if first {
		r.failed = err
	}
	r.mu.Unlock()
	if first {
		go r.s.loader.died(r, err)
	}
}

// call is an upcall on th. If it does not return, the server is dead.
func (r *running) call(th *sched.Thread, fn machine.Addr, args ...uint64) (uint64, error) {
	v, err := r.s.loader.cfg.Kernel.Call(th, fn, args...)
	if err != nil {
		err = fmt.Errorf("%s: %w", r.s.where(fn), err)
	}
	return v, r.lives(err)
}

// lives passes on how an upcall ended: with an error, the server is dead.
func (r *running) lives(err error) error {
	if err != nil {
		r.fail(err)
	}
	return err
}

// kernelMem and taskMem are how messages reach the kernel's map and the task's.
type kernelMem struct{ Kernel }

type taskMem struct{ m *vm.Map }

func (t taskMem) CopyInOOL(a machine.Addr, size uint64, deallocate, _ bool) (ipc.Copy, abi.KernReturn) {
	return t.m.MakeCopy(a, size, deallocate)
}

func (t taskMem) CopyOutOOL(c ipc.Copy) (machine.Addr, abi.KernReturn) {
	return t.m.PlaceCopy(c.(*vm.Copy))
}

func (t taskMem) AllocateOOL(b []byte) (machine.Addr, abi.KernReturn) {
	return t.m.PlaceCopy(vm.NewCopy(b))
}

func (t taskMem) DeallocateOOL(a machine.Addr, size uint64) abi.KernReturn {
	return t.m.Deallocate(a, size)
}
