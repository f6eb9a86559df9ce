package task

import (
	"sync"
	"sync/atomic"

	"puggle/machine"
)

// AddressSpace is what a task needs of its map; *vm.Map is one.
type AddressSpace interface {
	// Settle is called by each thread before it enters the guest for the first time.
	Settle()
	Fault(addr machine.Addr, access Prot) KernReturn
}

// Task is a Mach task: an address space, a port space and threads.
type Task struct {
	// ID is unique in the machine and never reused.
	ID   uint64
	Name string

	// BSD is the *kern.Proc of this task, nil for a bare Mach task. IPC is its
	// *ipc.Space. Both are set before the first thread starts.
	BSD any
	IPC any

	mu       sync.Mutex
	space    machine.Space
	mapp     atomic.Pointer[AddressSpace] // changed under mu once threads run
	threads  map[uint64]*Thread
	nextTID  uint64
	suspend  int         // task_suspend count
	released atomic.Bool // suspensions no longer hold it
	dying    bool        // no new threads
	empty    chan struct{}
	sys      *System
	ports    ports
	policy   policy

	excGuard   atomic.Uint32
	violations violations

	// Exceptions are the task's exception ports.
	Exceptions ExceptionPorts
}

// New makes a task with a fresh, empty host address space. The map is set by
// SetMap before threads start.
func (s *System) New(name string) (*Task, error) {
	sp, err := s.NewSpace(false)
	if err != nil {
		return nil, err
	}
	return s.NewIn(sp, name), nil
}

// NewIn is New with an address space that the caller has got from NewSpace.
func (s *System) NewIn(sp machine.Space, name string) *Task {
	t := &Task{
		ID:      s.nextTask.Add(1),
		Name:    name,
		space:   sp,
		threads: make(map[uint64]*Thread),
		empty:   make(chan struct{}),
		sys:     s,
	}
	go t.mourn(sp)
	return t
}

// mourn waits for the end of an address space of t's. If t still lives in it, nothing of t
// can run any more, and threads that sleep in the kernel must not wait until they wake to
// see it.
func (t *Task) mourn(sp machine.Space) {
	<-sp.Done()
	if h := t.sys.Hooks.SpaceDied; h != nil && t.Space() == sp && t.NumThreads() > 0 {
		h(t)
	}
}

// System is the system the task belongs to.
func (t *Task) System() *System { return t.sys }

// Space is the task's hardware address space.
func (t *Task) Space() machine.Space {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.space
}

// Map is the task's address space. It changes only in exec.
func (t *Task) Map() AddressSpace {
	if m := t.mapp.Load(); m != nil {
		return *m
	}
	return nil
}

// SetMap gives a new task its map.
func (t *Task) SetMap(m AddressSpace) {
	t.mapp.Store(&m)
}

// Threads is a snapshot of the task's threads, in no order.
func (t *Task) Threads() []*Thread {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := make([]*Thread, 0, len(t.threads))
	for _, th := range t.threads {
		l = append(l, th)
	}
	return l
}

// NumThreads is the number of threads that have not ended.
func (t *Task) NumThreads() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.threads)
}

// Suspend is task_suspend: no thread enters the guest until the count is zero
// again. It does not wait for threads to stop.
func (t *Task) Suspend() {
	t.mu.Lock()
	t.suspend++
	t.mu.Unlock()
	for _, th := range t.Threads() {
		th.SetAST(ASTSuspend)
	}
}

// Release lets the task's threads run, whatever suspensions there are or will be, so
// that they can end: a task that is killed must not wait for who suspended it.
func (t *Task) Release() {
	t.released.Store(true)
	for _, th := range t.Threads() {
		th.stopped.WakeupAll(0)
	}
}

// Resume undoes one Suspend; false if there was none.
func (t *Task) Resume() bool {
	t.mu.Lock()
	if t.suspend == 0 {
		t.mu.Unlock()
		return false
	}
	t.suspend--
	go0 := t.suspend == 0
	t.mu.Unlock()
	if go0 {
		for _, th := range t.Threads() {
			th.stopped.WakeupAll(0)
		}
	}
	return true
}

// SuspendCount is how many Suspends are in force.
func (t *Task) SuspendCount() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.suspend
}

// TerminateOthers asks every thread but self (nil for none) to end, refuses
// new ones if final, and waits until they are gone. It is the first half of
// exit and of exec. A thread in an uninterruptible wait is waited for.
func (t *Task) TerminateOthers(self *Thread, final bool) {
	t.mu.Lock()
	if final {
		t.dying = true
	}
	t.mu.Unlock()
	for {
		others := 0
		for _, th := range t.Threads() {
			if th != self {
				others++
				th.SetAST(ASTTerminate)
				th.stopped.WakeupAll(0)
			}
		}
		if others == 0 {
			return
		}
		t.mu.Lock()
		ch := t.empty
		left := len(t.threads)
		t.mu.Unlock()
		if self != nil {
			left--
		}
		if left <= 0 {
			return
		}
		if self != nil {
			self.Detach()
		}
		<-ch
		if self != nil {
			self.Attach()
		}
	}
}

// ReplaceSpace is exec's second half: self, now the only thread, gets a new
// host address space and map; the old ones are returned, the space destroyed.
func (t *Task) ReplaceSpace(self *Thread, sp machine.Space, m AddressSpace) (AddressSpace, error) {
	ctx, err := sp.NewContext()
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	oldMap, oldSpace := t.Map(), t.space
	t.space = sp
	t.mapp.Store(&m)
	t.mu.Unlock()
	go t.mourn(sp)
	t.excGuard.Store(0)
	t.violations.forget()
	oldCtx := self.setContext(ctx)
	oldCtx.Destroy()
	oldSpace.Destroy()
	return oldMap, nil
}

func (t *Task) remove(th *Thread) (last bool) {
	t.mu.Lock()
	delete(t.threads, th.ID)
	last = len(t.threads) == 0
	close(t.empty)
	t.empty = make(chan struct{})
	t.mu.Unlock()
	return last
}
