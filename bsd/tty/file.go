package tty

import (
	"time"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// File is one open file on a terminal.
type File struct {
	t          *Tty
	generation int
}

// Open opens the terminal: flags are kernel flags (FREAD, O_NONBLOCK,
// O_NOCTTY). The first terminal that a session's leader opens without O_NOCTTY
// becomes the session's. Errors: EBUSY (TIOCEXCL), EIO (the other end has gone).
func (t *Tty) Open(ctx *sys.Context, flags int) (*File, abi.Errno) {
	t.mu.Lock()
	switch {
	case t.gone:
		t.mu.Unlock()
		return nil, abi.EIO
	case t.opens > 0 && t.exclusive && !ctx.Cred.IsSuser():
		t.mu.Unlock()
		return nil, abi.EBUSY
	}
	if t.opens == 0 {
		t.termios, t.stopped, t.exclusive = defaultTermios, false, false
		t.line.modes()
	}
	t.opens++
	f := &File{t, t.generation}
	free := t.sid == 0
	t.wakeAll()
	t.line.start()
	t.unlock()
	if free && flags&abi.O_NOCTTY == 0 && t.jobs.Caller(ctx).Leader && t.jobs.TTY(ctx) == nil {
		t.Acquire(ctx) // if somebody else is faster, it is his
	}
	return f, 0
}

// OpenControlling opens /dev/tty: the terminal of the caller's session. ENXIO
// when there is none.
func OpenControlling(ctx *sys.Context, jobs Jobs, flags int) (*File, abi.Errno) {
	t := jobs.TTY(ctx)
	if t == nil {
		return nil, abi.ENXIO
	}
	return t.Open(ctx, flags|abi.O_NOCTTY)
}

// Tty is the terminal.
func (f *File) Tty() *Tty { return f.t }

// Type is DTYPE_VNODE: terminals are devices.
func (f *File) Type() sys.DType { return sys.DTypeVnode }

// Stat describes a character device; the file system knows owner and times.
func (f *File) Stat(_ *sys.Context, st *abi.Stat) abi.Errno {
	*st = abi.Stat{Mode: abi.S_IFCHR | 0o620, Nlink: 1, Rdev: f.t.dev, Blksize: outHigh}
	return 0
}

// Close forgets the file. With the last one the other end sees the end of file,
// once it has taken what was written.
func (f *File) Close(*sys.Context) abi.Errno {
	t := f.t
	t.mu.Lock()
	defer t.unlock()
	if t.opens--; t.opens == 0 {
		t.raw, t.canon, t.lnext, t.stopped = nil, nil, false, false
		t.line.start()
	}
	return 0
}

// dead says that the file is good for nothing any more. mu is held.
func (f *File) dead() bool { return f.t.gone || f.generation != f.t.generation }

// Read takes input: a line, or part of one, in canonical mode; else what VMIN
// and VTIME say. Nothing and no error is the end of file: VEOF, or the other
// end has gone. Errors: EAGAIN, EINTR (also after SIGTTIN), EIO (in the
// background for good).
func (f *File) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	t := f.t
	started := false // VTIME runs between characters
	var until sched.Deadline
	seen := 0
	for {
		if err := t.mayRead(ctx); err != 0 {
			return err
		}
		t.mu.Lock()
		if f.dead() || u.Resid == 0 {
			t.mu.Unlock()
			return 0
		}
		vmin, vtime := int(t.termios.Cc[abi.VMIN]), time.Duration(t.termios.Cc[abi.VTIME])*100*time.Millisecond
		wait := sched.Forever
		if t.is(abi.ICANON) && !t.is(abi.EXTPROC) {
			if len(t.canon) > 0 {
				t.takeLine(u)
				t.unlock()
				return 0
			}
		} else {
			have := len(t.raw)
			enough := have >= max(vmin, 1) || int64(have) >= u.Resid && have > 0
			switch {
			case enough, have > 0 && flags&abi.O_NONBLOCK != 0:
				t.takeRaw(u)
				t.unlock()
				return 0
			case vmin == 0 && vtime == 0:
				t.unlock()
				return 0
			case vtime > 0 && (vmin == 0 || have > 0):
				if !started || have > seen {
					started, until, seen = true, sched.After(vtime), have
				}
				wait = until
			}
		}
		if flags&abi.O_NONBLOCK != 0 {
			t.unlock()
			return abi.EAGAIN
		}
		r := sched.Sleep(ctx.Thread, &t.canRead, &t.mu, sched.Interruptible, wait)
		switch r {
		case sched.TimedOut:
			t.takeRaw(u)
			t.unlock()
			return 0
		case sched.Interrupted:
			t.unlock()
			return abi.EINTR
		}
		t.unlock()
	}
}

// takeLine moves a line, or what there is room for, to u. mu is held.
func (t *Tty) takeLine(u *sys.Uio) {
	n := 0
	for n < len(t.canon) && u.Resid > 0 {
		c := t.canon[n]
		n++
		if c&eofMark != 0 {
			break
		}
		b := byte(c)
		u.CopyIn([]byte{b})
		if c&literal == 0 && (b == '\n' || t.cc(b, abi.VEOL) || t.cc(b, abi.VEOL2)) {
			break
		}
	}
	t.canon = append(t.canon[:0], t.canon[n:]...)
	t.line.input()
}

// takeRaw moves input to u. mu is held.
func (t *Tty) takeRaw(u *sys.Uio) {
	n := 0
	var b [256]byte
	for n < len(t.raw) && u.Resid > 0 {
		k := 0
		for k < len(b) && n+k < len(t.raw) && int64(k) < u.Resid {
			b[k] = byte(t.raw[n+k])
			k++
		}
		u.CopyIn(b[:k])
		n += k
	}
	t.raw = append(t.raw[:0], t.raw[n:]...)
	t.line.input()
}

// Write puts everything out, waiting for room. Errors: EAGAIN and EINTR when
// nothing went (EINTR also after SIGTTOU), EIO when the other end has gone.
func (f *File) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	t := f.t
	t.mu.Lock()
	tostop := t.is(abi.TOSTOP)
	t.mu.Unlock()
	if tostop {
		if err := t.mayWrite(ctx); err != 0 {
			return err
		}
	}
	whole := u.Resid
	t.mu.Lock()
	defer t.unlock()
	for {
		if f.dead() {
			return abi.EIO
		}
		for u.Resid > 0 && len(t.out) < outHigh {
			seg := u.Next()
			n := 0
			for n < len(seg) && len(t.out) < outHigh {
				t.putc(seg[n])
				n++
			}
			u.Advance(n)
		}
		t.line.start()
		if u.Resid == 0 {
			return 0
		}
		err := abi.EAGAIN
		if flags&abi.O_NONBLOCK == 0 {
			if sched.Sleep(ctx.Thread, &t.canWrite, &t.mu, sched.Interruptible, sched.Forever) != sched.Interrupted {
				continue
			}
			err = abi.EINTR
		}
		if u.Resid < whole {
			return 0
		}
		return err
	}
}

// drain waits until the output has gone. mu is held, and is when it returns.
func (t *Tty) drain(ctx *sys.Context) abi.Errno {
	for len(t.out) > 0 && !t.gone && t.line.connected() {
		if sched.Sleep(ctx.Thread, &t.canWrite, &t.mu, sched.Interruptible, sched.Forever) == sched.Interrupted {
			return abi.EINTR
		}
	}
	return 0
}

// readable is FIONREAD.
func (t *Tty) readable() int {
	if !t.is(abi.ICANON) {
		return len(t.raw)
	}
	n := 0
	for _, c := range t.canon {
		if c&eofMark == 0 {
			n++
		}
	}
	return n
}

// Filter is READ or WRITE.
func (f *File) Filter(filter int16) sys.Filter {
	switch filter {
	case sys.EVFILT_READ:
		return readFilter{f}
	case sys.EVFILT_WRITE:
		return writeFilter{f}
	}
	return nil
}

type readFilter struct{ f *File }

func (r readFilter) Attach(kn *sys.Knote) { r.f.t.rlist.Add(kn) }
func (r readFilter) Detach(kn *sys.Knote) { r.f.t.rlist.Remove(kn) }
func (r readFilter) Ready(kn *sys.Knote) sys.Readiness {
	t := r.f.t
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.readable()
	dead := r.f.dead()
	ready := n > 0
	if t.is(abi.ICANON) {
		ready = len(t.canon) > 0 // an end of file, too
	} else if kn.Sfflags&abi.NOTE_LOWAT != 0 {
		ready = int64(n) >= min(max(kn.Sdata, 1), ttyHog)
	}
	return sys.Readiness{Ready: ready || dead, Data: int64(n), EOF: dead}
}

type writeFilter struct{ f *File }

func (w writeFilter) Attach(kn *sys.Knote) { w.f.t.wlist.Add(kn) }
func (w writeFilter) Detach(kn *sys.Knote) { w.f.t.wlist.Remove(kn) }
func (w writeFilter) Ready(*sys.Knote) sys.Readiness {
	t := w.f.t
	t.mu.Lock()
	defer t.mu.Unlock()
	n, dead := t.writable(), w.f.dead()
	return sys.Readiness{Ready: n >= outHigh-outLow || dead, Data: int64(n), EOF: dead}
}
