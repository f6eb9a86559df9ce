package kqueue

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// maxKnotes bounds what one kqueue may hold (ENOMEM above): idents of timers and
// user events cost the guest nothing else.
const maxKnotes = 1 << 18

// maxAllKnotes bounds what all kqueues hold together, in this Go process.
var maxAllKnotes int64 = 1 << 19 // a variable for its test

var allKnotes atomic.Int64

// Kqueue is what kqueue(2) makes. It is the FileOps of its open file.
type Kqueue struct {
	ops    sync.Mutex // see the package comment
	knotes map[key]*knote
	kev    int32 // size of the events last used with it, for Stat

	mu      sync.Mutex // the queue and the state words of knotes
	queue   queue
	drained bool // closed: whoever waits gets EBADF
	wq      sched.WaitQueue

	klist sys.Klist // who waits for this kqueue: other kqueues, select, poll

	nest nesting // under nestMu
}

// key finds a knote. udata counts for EV_UDATA_SPECIFIC only.
type key struct {
	ident    uint64
	udata    uint64
	filter   int16
	specific bool
}

// New makes an empty kqueue.
func New() *Kqueue {
	return &Kqueue{knotes: make(map[key]*knote), kev: abi.KeventSize}
}

// Type is DTYPE_KQUEUE.
func (kq *Kqueue) Type() sys.DType { return sys.DTypeKqueue }

// Read fails with ENXIO: events are taken by kevent.
func (kq *Kqueue) Read(*sys.Context, *sys.Uio, int) abi.Errno { return abi.ENXIO }

// Write fails with ENXIO.
func (kq *Kqueue) Write(*sys.Context, *sys.Uio, int) abi.Errno { return abi.ENXIO }

// Ioctl fails with ENOTTY.
func (kq *Kqueue) Ioctl(*sys.Context, uint64, []byte) abi.Errno { return abi.ENOTTY }

// Stat gives a FIFO whose size is the number of queued events.
func (kq *Kqueue) Stat(_ *sys.Context, st *abi.Stat) abi.Errno {
	kq.ops.Lock()
	size := kq.kev
	kq.ops.Unlock()
	*st = abi.Stat{Mode: abi.S_IFIFO, Size: int64(kq.queued()), Blksize: size}
	return 0
}

// Drain makes threads that wait in Kevent return EBADF. The descriptor table
// calls it when a kqueue's descriptor is closed: those threads hold references,
// so Close alone would never come.
func (kq *Kqueue) Drain() {
	kq.mu.Lock()
	kq.drained = true
	kq.mu.Unlock()
	kq.wq.WakeupAll(sched.Restart)
}

// Close drops every registration.
func (kq *Kqueue) Close(*sys.Context) abi.Errno {
	kq.Drain()
	kq.ops.Lock()
	defer kq.ops.Unlock()
	for _, kn := range kq.knotes {
		kq.drop(kn)
	}
	return 0
}

// Filter is this kqueue's side when it is watched itself: READ only, ready
// while events are queued, data their number.
func (kq *Kqueue) Filter(filter int16) sys.Filter {
	if filter != sys.EVFILT_READ {
		return nil
	}
	return readable{kq}
}

type readable struct{ kq *Kqueue }

func (r readable) Attach(kn *sys.Knote) { r.kq.klist.Add(kn) }
func (r readable) Detach(kn *sys.Knote) { r.kq.klist.Remove(kn) }
func (r readable) Ready(*sys.Knote) sys.Readiness {
	n := r.kq.queued()
	return sys.Readiness{Ready: n > 0, Data: int64(n)}
}

func (kq *Kqueue) queued() int {
	kq.mu.Lock()
	defer kq.mu.Unlock()
	return kq.queue.n
}
