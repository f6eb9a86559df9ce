package syscalls

import (
	"math"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/kqueue"
	"puggle/bsd/sys"
	"puggle/mach/sched"
	"puggle/machine"
)

func sysKqueue(c *Call) abi.Errno {
	fd, e := c.NewFd(sys.NewOpenFile(kqueue.New(), abi.FREAD|abi.FWRITE), false)
	c.Ret[0] = uint64(fd)
	return e
}

// eventLayout is one of the three forms of an event.
type eventLayout struct {
	size int
	get  func(k *abi.Kevent, b []byte)
	put  func(k *abi.Kevent, b []byte)
}

var (
	layoutKevent = eventLayout{abi.KeventSize,
		func(k *abi.Kevent, b []byte) { k.Unmarshal((*[abi.KeventSize]byte)(b)) },
		func(k *abi.Kevent, b []byte) { k.Marshal((*[abi.KeventSize]byte)(b)) }}
	layoutKevent64 = eventLayout{abi.Kevent64Size,
		func(k *abi.Kevent, b []byte) { k.Unmarshal64((*[abi.Kevent64Size]byte)(b)) },
		func(k *abi.Kevent, b []byte) { k.Marshal64((*[abi.Kevent64Size]byte)(b)) }}
	layoutQos = eventLayout{abi.KeventQosSize,
		func(k *abi.Kevent, b []byte) { k.UnmarshalQos((*[abi.KeventQosSize]byte)(b)) },
		func(k *abi.Kevent, b []byte) { k.MarshalQos((*[abi.KeventQosSize]byte)(b)) }}
)

// kevScratch is what a thread that calls kevent keeps for the next time.
type kevScratch struct {
	events []abi.Kevent
	buf    *[16 * abi.KeventQosSize]byte
}

// kevKept is of how many events the space is kept: Go's runtime asks for 64.
const kevKept = 64

func sysKevent(c *Call) abi.Errno {
	d, e := c.timeout(c.Addr(5))
	if e != 0 {
		return e
	}
	return c.kevent(&layoutKevent, 0, d)
}

func sysKevent64(c *Call) abi.Errno {
	if e := kqueue.CheckFlags(c.Uint(5)); e != 0 {
		return e
	}
	d, e := c.timeout(c.Addr(6))
	if e != 0 {
		return e
	}
	if c.Uint(5)&abi.KEVENT_FLAG_IMMEDIATE != 0 {
		d = kqueue.Immediate
	}
	return c.kevent(&layoutKevent64, c.Uint(5), d)
}

func sysKeventQos(c *Call) abi.Errno {
	if e := kqueue.CheckFlags(c.Uint(7)); e != 0 {
		return e
	}
	d := sched.Forever
	if c.Uint(7)&abi.KEVENT_FLAG_IMMEDIATE != 0 {
		d = kqueue.Immediate
	}
	return c.kevent(&layoutQos, c.Uint(7), d)
}

// timeout reads a struct timespec that may be absent.
func (c *Call) timeout(a machine.Addr) (sched.Deadline, abi.Errno) {
	if a == 0 {
		return sched.Forever, 0
	}
	var b [16]byte
	if e := c.CopyIn(b[:], a); e != 0 {
		return 0, e
	}
	ns, e := timespec(b[:])
	if e != 0 {
		return 0, e
	}
	return relative(ns), 0
}

// relative makes a deadline for the room of kqueues: 0 looks only.
func relative(ns int64) sched.Deadline {
	if ns == 0 {
		return kqueue.Immediate
	}
	return deadlineNs(ns)
}

// kevent is the body of the three calls: descriptor, changes, their number,
// events, their number. With KEVENT_FLAG_ERROR_EVENTS only the errors of changes
// are given, so there is nothing to wait for.
func (c *Call) kevent(l *eventLayout, flags uint32, d sched.Deadline) abi.Errno {
	f, e := c.File(0)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	kq, ok := f.Ops.(*kqueue.Kqueue)
	if !ok {
		return abi.EBADF
	}
	nchanges, nevents := c.Int(2), c.Int(4)
	if nchanges < 0 || nevents < 0 {
		return abi.EINVAL
	}
	nevents = min(nevents, kqueue.MaxBatch)
	events := c.kev.events
	if nevents > cap(events) {
		events = make([]abi.Kevent, nevents)
		if nevents <= kevKept {
			c.kev.events = events
		}
	}
	events = events[:nevents]
	if c.kev.buf == nil {
		c.kev.buf = new([16 * abi.KeventQosSize]byte)
	}
	buf := c.kev.buf
	per := len(buf) / l.size

	// Changes come in batches; errors of one are reported as events.
	got := 0
	for done := 0; done < nchanges; {
		n := min(per, nchanges-done)
		b := buf[:n*l.size]
		if e := c.CopyIn(b, c.Addr(1)+machine.Addr(done*l.size)); e != 0 {
			return e
		}
		var ch [16]abi.Kevent
		n = min(n, len(ch))
		for i := range n {
			l.get(&ch[i], b[i*l.size:(i+1)*l.size])
		}
		k, e := kq.Change(c.Ctx(), c.P.Fd, ch[:n], events[got:])
		if e != 0 {
			return e
		}
		got += k
		done += n
	}
	if got == 0 && flags&abi.KEVENT_FLAG_ERROR_EVENTS == 0 {
		if got, e = kq.Scan(c.Ctx(), events, d); e != 0 {
			return e
		}
	}
	c.Ret[0] = uint64(got)
	for i := 0; i < got; {
		n := min(per, got-i)
		for j := range n {
			l.put(&events[i+j], buf[j*l.size:(j+1)*l.size])
		}
		if e := c.CopyOut(c.Addr(3)+machine.Addr(i*l.size), buf[:n*l.size]); e != 0 {
			return e
		}
		i += n
	}
	return 0
}

func sysSelect(c *Call) abi.Errno {
	d := sched.Forever
	if c.Addr(4) != 0 {
		var b [16]byte
		if e := c.CopyIn(b[:], c.Addr(4)); e != 0 {
			return e
		}
		v, ok := abi.GetTimeval(b[:])
		if !ok {
			return abi.EINVAL
		}
		d = relative(int64(v))
	}
	return c.selects(d)
}

func sysPselect(c *Call) abi.Errno {
	d, e := c.timeout(c.Addr(4))
	if e != 0 {
		return e
	}
	if c.Addr(5) == 0 {
		return c.selects(d)
	}
	set, e := c.U32(c.Addr(5))
	if e != 0 {
		return e
	}
	c.U.TempMask(kern.Sigset(set))
	e = c.selects(d)
	if e != abi.EINTR {
		c.U.RestoreMask()
	}
	return e
}

func (c *Call) selects(d sched.Deadline) abi.Errno {
	n := c.Int(0)
	if n < 0 {
		return abi.EINVAL
	}
	n = min(n, max(c.P.Fd.Size(), 1024), kern.OpenMax)
	bytes := (n + 31) / 32 * 4
	words := kqueue.FdSetWords(n)
	var sets [3][]uint64
	for i := range sets {
		a := c.Addr(1 + i)
		if a == 0 {
			continue
		}
		b := make([]byte, words*8)
		if e := c.CopyIn(b[:bytes], a); e != 0 {
			return e
		}
		sets[i] = make([]uint64, words)
		for w := range sets[i] {
			sets[i][w] = le.Uint64(b[8*w:])
		}
	}
	got, e := kqueue.Select(c.Ctx(), c.P.Fd, n, sets[0], sets[1], sets[2], d)
	if e != 0 {
		return e
	}
	for i, s := range sets {
		if s == nil {
			continue
		}
		b := make([]byte, words*8)
		for w, v := range s {
			le.PutUint64(b[8*w:], v)
		}
		if e := c.CopyOut(c.Addr(1+i), b[:bytes]); e != 0 {
			return e
		}
	}
	c.Ret[0] = uint64(got)
	return 0
}

func sysPoll(c *Call) abi.Errno {
	n := c.Uint(1)
	if uint64(n) > max(c.P.NoFile(), 256) || n > math.MaxInt16*4 {
		return abi.EINVAL
	}
	b := make([]byte, abi.PollfdSize*int(n))
	if e := c.CopyIn(b, c.Addr(0)); e != 0 {
		return e
	}
	fds := make([]abi.Pollfd, n)
	for i := range fds {
		p := b[8*i:]
		fds[i] = abi.Pollfd{Fd: int32(le.Uint32(p)), Events: int16(le.Uint16(p[4:]))}
	}
	d := sched.Forever
	if ms := c.Int(2); ms >= 0 {
		d = relative(int64(ms) * 1e6)
	}
	got, e := kqueue.Poll(c.Ctx(), c.P.Fd, fds, d)
	if e != 0 {
		return e
	}
	for i := range fds {
		le.PutUint16(b[8*i+6:], uint16(fds[i].Revents))
	}
	c.Ret[0] = uint64(got)
	return c.CopyOut(c.Addr(0), b)
}
