package kern

import (
	"slices"
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// Asynchronous input and output (<sys/aio.h>). A request is known by the address of
// its control block. It is active from when it is made until its work is done or it
// is cancelled, and done until aio_return takes its result away; both count
// against the limits. Active requests that no worker has begun can be cancelled.
//
// A descriptor that is closed, and a process that execs or ends, cancels its
// requests and waits for those in progress; a sleep in one of these (a terminal,
// a FIFO) ends with EINTR then. Nothing of a request outlives its process's memory.
//
// One lock is held for the state of all requests, aio.mu: there are few. Nothing is
// taken under it but wait queues' locks.

// Limits of asynchronous requests, as they are at boot (kern.aiomax, kern.aioprocmax,
// kern.aiothreads).
const (
	AIOMax     = 90
	AIOProcMax = 16
	AIOThreads = 4

	// AIOMaxMax is the most that kern.aiomax can be set to.
	AIOMaxMax = 128 * AIOMax
	// AIOListMax is AIO_LISTIO_MAX.
	AIOListMax = 16
)

// What aio_cancel answers.
const (
	AIOAllDone     = 1
	AIOCanceled    = 2
	AIONotCanceled = 4
)

// AIORequest is one request. What is above mu's fields is its maker's.
type AIORequest struct {
	Cb   uint64        // the control block's address
	Fd   int32         // the descriptor, for aio_cancel and close
	File *sys.OpenFile // with a reference that goes with the request's work; nil for none
	// Signo is sent when the request, or the last of its list, is done; 0 for none.
	Signo abi.Signal
	// Barrier requests (aio_fsync) begin when all earlier ones of the process are done.
	Barrier bool
	// Sleeps says that Do may sleep for as long as somebody likes: it gets no worker
	// that others may need.
	Sleeps bool
	// Do is the work, on a thread of the kernel's.
	Do func(ctx *sys.Context) (int64, abi.Errno)

	ctx    sys.Context
	thread *sched.Thread
	abort  atomic.Bool // the work is not to sleep any more

	// Guarded by aio.mu.
	table   *aioTable
	begun   bool
	silent  bool // no signal: the process ends
	leader  *AIORequest
	pending int // of a leader: requests of its list that are active
	result  int64
	err     abi.Errno
}

// aio is the machine's requests.
type aio struct {
	mu      sync.Mutex
	total   int
	queue   []*AIORequest // not begun, in order; never those that Sleep
	workers int
	max     atomic.Int32
	procMax atomic.Int32
	threads atomic.Int32
}

// aioTable is a process's requests; it hangs on the descriptor table.
type aioTable struct {
	p            *Proc
	active, done []*AIORequest
	wait         sched.WaitQueue // for any of them to be done
}

// AIOSubmit begins requests for p, as one list with a leader when list is set. It is
// EAGAIN when one could not be entered, for the limits or since its control block is in
// use; the others go on. The requests' files are taken over in any case.
func (p *Proc) AIOSubmit(ctx *sys.Context, reqs []*AIORequest, list bool) abi.Errno {
	s, t := p.Sys, p.aioTable()
	a := &s.aio
	var e abi.Errno
	var refused []*AIORequest
	a.mu.Lock()
	for _, r := range reqs {
		if len(t.active)+len(t.done) >= int(a.procMax.Load()) || a.total >= int(a.max.Load()) || t.find(r.Cb) != nil {
			e = abi.EAGAIN
			refused = append(refused, r)
			continue
		}
		a.total++
		r.table = t
		r.ctx = *ctx
		r.thread = sched.NewThread("aio")
		r.thread.Pending = r.abort.Load
		r.ctx.Thread = r.thread
		if list {
			r.leader = reqs[0]
			r.leader.pending++
		}
		t.active = append(t.active, r)
		if r.Sleeps && !r.Barrier {
			r.begun = true
			go s.aioWork(r)
		} else {
			a.queue = append(a.queue, r)
		}
	}
	s.aioKick()
	a.mu.Unlock()
	for _, r := range refused {
		dropFile(ctx, r.File)
	}
	return e
}

func dropFile(ctx *sys.Context, f *sys.OpenFile) {
	if f != nil {
		f.Unref(ctx)
	}
}

func (p *Proc) aioTable() *aioTable {
	if t := p.Fd.aio.Load(); t != nil {
		return t
	}
	p.Fd.aio.CompareAndSwap(nil, &aioTable{p: p})
	return p.Fd.aio.Load()
}

// find is the request of a control block; aio.mu is held.
func (t *aioTable) find(cb uint64) *AIORequest {
	for _, l := range [...][]*AIORequest{t.done, t.active} {
		for _, r := range l {
			if r.Cb == cb {
				return r
			}
		}
	}
	return nil
}

// isDone says whether r has come to its end; aio.mu is held.
func (r *AIORequest) isDone() bool { return slices.Contains(r.table.done, r) }

// next takes a request that can begin off the queue; aio.mu is held.
func (a *aio) next() *AIORequest {
	for i, r := range a.queue {
		if !r.Barrier || r.table.active[0] == r {
			a.queue = slices.Delete(a.queue, i, i+1)
			r.begun = true
			return r
		}
	}
	return nil
}

// aioKick sees that there are workers for what can begin; aio.mu is held.
func (s *System) aioKick() {
	a := &s.aio
	for a.workers < int(a.threads.Load()) {
		r := a.next()
		if r == nil {
			return
		}
		a.workers++
		go func() {
			for ; r != nil; r = s.aioNext() {
				s.aioWork(r)
			}
		}()
	}
}

// aioNext is a worker's next request; nil ends the worker.
func (s *System) aioNext() *AIORequest {
	a := &s.aio
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.next()
	if r == nil {
		a.workers--
	}
	return r
}

// aioWork does a request that has begun.
func (s *System) aioWork(r *AIORequest) {
	n, e := r.Do(&r.ctx)
	dropFile(&r.ctx, r.File)
	s.aio.mu.Lock()
	sig := s.aioComplete(r, n, e)
	s.aioKick() // a barrier may have become free
	s.aio.mu.Unlock()
	r.after(sig)
}

// aioComplete moves an active request to the done ones, and gives the signal to send;
// aio.mu is held.
func (s *System) aioComplete(r *AIORequest, n int64, e abi.Errno) abi.Signal {
	if e != 0 {
		n = -1
	}
	r.result, r.err = n, e
	t := r.table
	i := slices.Index(t.active, r)
	t.active = slices.Delete(t.active, i, i+1)
	t.done = append(t.done, r)
	r.Do, r.File = nil, nil
	rest := 0
	if r.leader != nil {
		r.leader.pending--
		rest = r.leader.pending
	}
	if r.silent || rest > 0 {
		return 0
	}
	return r.Signo
}

// after tells of a request that is done, without locks.
func (r *AIORequest) after(sig abi.Signal) {
	if sig != 0 {
		r.table.p.Signal(sig)
	}
	r.table.wait.WakeupAll(sched.Awakened)
}

// AIOError is aio_error: the request's error number, EINPROGRESS while it is active.
// EINVAL when there is no such request.
func (p *Proc) AIOError(cb uint64) (abi.Errno, abi.Errno) {
	t := p.Fd.aio.Load()
	if t == nil {
		return 0, abi.EINVAL
	}
	p.Sys.aio.mu.Lock()
	defer p.Sys.aio.mu.Unlock()
	r := t.find(cb)
	switch {
	case r == nil:
		return 0, abi.EINVAL
	case !r.isDone():
		return abi.EINPROGRESS, 0
	}
	return r.err, 0
}

// AIOReturn is aio_return: the request's result, which goes with it. EINVAL,
// EINPROGRESS.
func (p *Proc) AIOReturn(cb uint64) (int64, abi.Errno) {
	t := p.Fd.aio.Load()
	if t == nil {
		return 0, abi.EINVAL
	}
	a := &p.Sys.aio
	a.mu.Lock()
	defer a.mu.Unlock()
	r := t.find(cb)
	switch {
	case r == nil:
		return 0, abi.EINVAL
	case !r.isDone():
		return 0, abi.EINPROGRESS
	}
	i := slices.Index(t.done, r)
	t.done = slices.Delete(t.done, i, i+1)
	a.total--
	return r.result, 0
}

// AIOBusy says whether there is a request in the machine: some calls look first.
func (s *System) AIOBusy() bool {
	s.aio.mu.Lock()
	defer s.aio.mu.Unlock()
	return s.aio.total > 0
}

// AIOSuspend is aio_suspend: it waits until one of cbs is done; zeros are passed over.
// EAGAIN when until comes first, EINTR.
func (p *Proc) AIOSuspend(th *sched.Thread, cbs []uint64, until sched.Deadline) abi.Errno {
	t, a := p.aioTable(), &p.Sys.aio
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		for _, r := range t.done {
			if slices.Contains(cbs, r.Cb) && r.Cb != 0 {
				return 0
			}
		}
		switch sched.Sleep(th, &t.wait, &a.mu, sched.Interruptible, until) {
		case sched.Awakened:
		case sched.TimedOut:
			return abi.EAGAIN
		default:
			return abi.EINTR
		}
	}
}

// AIOListWait waits until all requests of a list are done, whose first is given. EINTR.
func (p *Proc) AIOListWait(th *sched.Thread, leader *AIORequest) abi.Errno {
	t, a := p.aioTable(), &p.Sys.aio
	a.mu.Lock()
	defer a.mu.Unlock()
	for leader.pending > 0 {
		if sched.Sleep(th, &t.wait, &a.mu, sched.Interruptible, sched.Forever) != sched.Awakened {
			return abi.EINTR
		}
	}
	return 0
}

// AIOCancel is aio_cancel: of one control block, or with 0 of all requests on fd.
// The answer is one of the numbers above; EBADF when there is no such request.
func (p *Proc) AIOCancel(fd int32, cb uint64) (int, abi.Errno) {
	t := p.Fd.aio.Load()
	if t == nil {
		return 0, abi.EBADF
	}
	want := func(r *AIORequest) bool { return r.Fd == fd && (cb == 0 || r.Cb == cb) }
	return t.cancel(want, false)
}

// cancel ends those requests that are wanted and not begun. With ending, the others are
// told not to sleep any more, and no signals are sent.
func (t *aioTable) cancel(want func(*AIORequest) bool, ending bool) (int, abi.Errno) {
	s := t.p.Sys
	a := &s.aio
	type end struct {
		r   *AIORequest
		f   *sys.OpenFile
		sig abi.Signal
	}
	var ends []end
	var running []*AIORequest
	found := false
	a.mu.Lock()
	for _, r := range slices.Clone(t.active) {
		if !want(r) {
			continue
		}
		found = true
		if ending {
			r.silent = true
		}
		if r.begun {
			running = append(running, r)
			continue
		}
		i := slices.Index(a.queue, r)
		a.queue = slices.Delete(a.queue, i, i+1)
		f := r.File
		ends = append(ends, end{r, f, s.aioComplete(r, -1, abi.ECANCELED)})
	}
	if !found {
		found = slices.ContainsFunc(t.done, want)
	}
	s.aioKick()
	a.mu.Unlock()
	for _, e := range ends {
		dropFile(&e.r.ctx, e.f)
		e.r.after(e.sig)
	}
	switch {
	case !found:
		return 0, abi.EBADF
	case len(running) > 0:
		return AIONotCanceled, 0
	case len(ends) > 0:
		return AIOCanceled, 0
	}
	return AIOAllDone, 0
}

// drain cancels what is wanted and waits for the rest.
func (t *aioTable) drain(ctx *sys.Context, want func(*AIORequest) bool, ending bool) {
	t.cancel(want, ending)
	a := &t.p.Sys.aio
	a.mu.Lock()
	defer a.mu.Unlock()
	for slices.ContainsFunc(t.active, want) {
		for _, r := range t.active {
			if want(r) && !r.abort.Swap(true) {
				r.thread.Interrupt()
			}
		}
		sched.Sleep(ctx.Thread, &t.wait, &a.mu, sched.Uninterruptible, sched.Forever)
	}
}

// aioClose ends the requests on a descriptor that goes. It costs one load when the
// process has never made one.
func (t *FileDesc) aioClose(ctx *sys.Context, fd int32, f *sys.OpenFile) {
	if a := t.aio.Load(); a != nil {
		a.drain(ctx, func(r *AIORequest) bool { return r.Fd == fd && r.File == f }, false)
	}
}

// aioExit ends all requests of p, for exec and exit.
func (p *Proc) aioExit(ctx *sys.Context) {
	t := p.Fd.aio.Load()
	if t == nil {
		return
	}
	t.drain(ctx, func(*AIORequest) bool { return true }, true)
	a := &p.Sys.aio
	a.mu.Lock()
	a.total -= len(t.done)
	t.done = nil
	a.mu.Unlock()
}

// AIOLimits are the limits that sysctl may change.
func (s *System) AIOLimits() (max, procMax, threads *atomic.Int32) {
	return &s.aio.max, &s.aio.procMax, &s.aio.threads
}
