package tty

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// Master is the FileOps of a pty's master: what is written there is typed, what
// the terminal puts out is read there.
type Master struct {
	ptys *Ptys
	n    int
	tty  *Tty

	// Under tty.mu.
	unlocked bool // TIOCPTYUNLK
	used     bool // the terminal has been opened
	pkt      bool
	nostop   bool
	send     byte // TIOCPKT_* bits to report
	canRead  sched.WaitQueue
	canWrite sched.WaitQueue
	rlist    sys.Klist
	wlist    sys.Klist
}

// The line of the terminal.
func (m *Master) start() {
	m.used = m.used || m.tty.opens > 0
	m.canRead.WakeupAll(sched.Awakened)
	m.canWrite.WakeupAll(sched.Awakened)
	m.rlist.Notify(0)
	m.wlist.Notify(0)
}

func (m *Master) input() {
	m.canWrite.WakeupAll(sched.Awakened)
	m.wlist.Notify(0)
}

func (m *Master) connected() bool { return !m.tty.gone }

func (m *Master) packet(bits byte) {
	if m.pkt {
		m.send |= bits
		m.start()
	}
}

func (m *Master) modes() {
	t := m.tty
	stop := t.termios.Iflag&abi.IXON != 0 && t.termios.Cc[abi.VSTOP] == 'S'&0x1f && t.termios.Cc[abi.VSTART] == 'Q'&0x1f
	if m.nostop == !stop {
		return
	}
	m.nostop = !stop
	m.send &^= abi.TIOCPKT_DOSTOP | abi.TIOCPKT_NOSTOP
	if stop {
		m.packet(abi.TIOCPKT_DOSTOP)
	} else {
		m.packet(abi.TIOCPKT_NOSTOP)
	}
}

// Type is DTYPE_VNODE.
func (m *Master) Type() sys.DType { return sys.DTypeVnode }

// Stat describes /dev/ptmx.
func (m *Master) Stat(_ *sys.Context, st *abi.Stat) abi.Errno {
	*st = abi.Stat{Mode: abi.S_IFCHR | 0o666, Nlink: 1, Rdev: m.ptys.masterDev(m.n), Blksize: outHigh}
	return 0
}

// ended says that the terminal was open and is no more, and that all it wrote
// has been read. mu is held.
func (m *Master) ended() bool { return m.used && m.tty.opens == 0 && len(m.tty.out) == 0 }

// Read takes output. With TIOCPKT the first byte says what follows: 0 for
// output, else TIOCPKT_* bits alone. Nothing and no error: the terminal was
// closed. EAGAIN, EINTR.
func (m *Master) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	t := m.tty
	t.mu.Lock()
	defer t.unlock()
	for {
		switch {
		case u.Resid == 0:
			return 0
		case m.pkt && m.send != 0:
			u.CopyIn([]byte{m.send})
			if m.send&abi.TIOCPKT_IOCTL != 0 {
				var b [abi.TermiosSize]byte
				t.termios.Marshal(b[:])
				u.CopyIn(b[:])
			}
			m.send = 0
			return 0
		case len(t.out) > 0 && !t.stopped:
			if m.pkt {
				u.CopyIn([]byte{abi.TIOCPKT_DATA})
			}
			n := u.CopyIn(t.out)
			t.out = append(t.out[:0], t.out[n:]...)
			t.drained()
			return 0
		case m.ended():
			return 0
		case flags&abi.O_NONBLOCK != 0:
			return abi.EAGAIN
		}
		if sched.Sleep(ctx.Thread, &m.canRead, &t.mu, sched.Interruptible, sched.Forever) == sched.Interrupted {
			return abi.EINTR
		}
	}
}

// Write types. It waits while the input queues are full, and until somebody
// opens the terminal. EIO when it was closed; EAGAIN and EINTR when nothing
// went.
func (m *Master) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	t := m.tty
	t.mu.Lock()
	defer t.unlock()
	whole := u.Resid
	for {
		if t.opens > 0 {
			for u.Resid > 0 && t.room() {
				c := u.Next()[0] // read once
				u.Advance(1)
				t.input(c)
			}
		}
		if u.Resid == 0 {
			return 0
		}
		var err abi.Errno
		switch {
		case m.used && t.opens == 0:
			return abi.EIO
		case flags&abi.O_NONBLOCK != 0:
			err = abi.EAGAIN
		case sched.Sleep(ctx.Thread, &m.canWrite, &t.mu, sched.Interruptible, sched.Forever) == sched.Interrupted:
			err = abi.EINTR
		}
		if err != 0 {
			if u.Resid < whole {
				return 0
			}
			return err
		}
	}
}

// Ioctl knows the pty's own commands, and those of the terminal.
func (m *Master) Ioctl(ctx *sys.Context, cmd uint64, data []byte) abi.Errno {
	t := m.tty
	if len(data) < abi.IOCPARM_LEN(cmd) {
		return abi.ENOTTY
	}
	switch cmd {
	case abi.TIOCPTYGRANT:
		return m.ptys.grant(ctx, m)
	case abi.TIOCPTYGNAME:
		clear(data[:128])
		copy(data[:127], "/dev/"+t.name)
		return 0
	}
	t.mu.Lock()
	switch cmd {
	case abi.TIOCPTYUNLK:
		m.unlocked = true
	case abi.TIOCPKT:
		m.pkt, m.send = get32(data) != 0, 0
	case abi.TIOCGPGRP:
		put32(data, t.pgid)
	case abi.TIOCEXT:
		t.termios.Lflag &^= abi.EXTPROC
		if get32(data) != 0 {
			t.termios.Lflag |= abi.EXTPROC
		}
		m.packet(abi.TIOCPKT_IOCTL)
	case abi.TIOCSIG:
		// The number comes in the argument itself.
		if len(data) < 4 || get32(data) <= 0 || get32(data) >= abi.NSIG {
			t.unlock()
			return abi.EINVAL
		}
		if !t.is(abi.NOFLSH) {
			t.flush(abi.FREAD | abi.FWRITE)
		}
		t.signal(abi.Signal(get32(data)))
	case abi.FIONREAD:
		put32(data, int32(len(t.out)))
	case abi.TIOCSETA, abi.TIOCSETAW, abi.TIOCSETAF:
		// To wait for output that only this side can take would hang.
		t.out = t.out[:0]
		if cmd == abi.TIOCSETAF {
			t.flush(abi.FREAD)
		}
		err := t.setTermios(data)
		t.unlock()
		return err
	case abi.TIOCSWINSZ, abi.TIOCDRAIN:
		// Not the foreground's business, as far as this side goes.
		err := abi.Errno(0)
		if cmd == abi.TIOCSWINSZ {
			err = commands[cmd].do(t, ctx, data)
		}
		t.unlock()
		return err
	default:
		t.unlock()
		return t.ioctl(ctx, cmd, data)
	}
	t.unlock()
	return 0
}

// Close hangs the terminal up.
func (m *Master) Close(*sys.Context) abi.Errno {
	m.tty.mu.Lock()
	m.tty.hangup()
	m.tty.unlock()
	m.ptys.remove(m)
	return 0
}

// Filter is READ or WRITE.
func (m *Master) Filter(filter int16) sys.Filter {
	switch filter {
	case sys.EVFILT_READ:
		return masterRead{m}
	case sys.EVFILT_WRITE:
		return masterWrite{m}
	}
	return nil
}

type masterRead struct{ m *Master }

func (f masterRead) Attach(kn *sys.Knote) { f.m.rlist.Add(kn) }
func (f masterRead) Detach(kn *sys.Knote) { f.m.rlist.Remove(kn) }
func (f masterRead) Ready(*sys.Knote) sys.Readiness {
	m, t := f.m, f.m.tty
	t.mu.Lock()
	defer t.mu.Unlock()
	n, eof := 0, m.ended()
	if !t.stopped {
		n = len(t.out)
	}
	return sys.Readiness{Ready: n > 0 || eof || m.pkt && m.send != 0, Data: int64(n), EOF: eof}
}

type masterWrite struct{ m *Master }

func (f masterWrite) Attach(kn *sys.Knote) { f.m.wlist.Add(kn) }
func (f masterWrite) Detach(kn *sys.Knote) { f.m.wlist.Remove(kn) }
func (f masterWrite) Ready(*sys.Knote) sys.Readiness {
	m, t := f.m, f.m.tty
	t.mu.Lock()
	defer t.mu.Unlock()
	eof := m.used && t.opens == 0
	n := max(ttyHog-2-len(t.raw)-len(t.canon), 0)
	return sys.Readiness{Ready: eof || t.opens > 0 && t.room(), Data: int64(n), EOF: eof}
}
