package tty

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/bsd/sys"
)

// command is one terminal ioctl. do runs with Tty.mu held; free runs without.
type command struct {
	change bool // asks for the foreground first (SIGTTOU)
	do     func(t *Tty, ctx *sys.Context, data []byte) abi.Errno
	free   func(t *Tty, ctx *sys.Context, data []byte) abi.Errno
}

func put32(b []byte, v int32) { binary.LittleEndian.PutUint32(b, uint32(v)) }
func get32(b []byte) int32    { return int32(binary.LittleEndian.Uint32(b)) }

// commands is the table of what every terminal knows.
var commands = map[uint64]command{
	abi.FIONBIO:  {do: nothing},
	abi.FIOASYNC: {do: nothing},
	abi.FIONREAD: {do: func(t *Tty, _ *sys.Context, data []byte) abi.Errno {
		put32(data, int32(t.readable()))
		return 0
	}},
	abi.TIOCEXCL: {do: func(t *Tty, _ *sys.Context, _ []byte) abi.Errno { t.exclusive = true; return 0 }},
	abi.TIOCNXCL: {do: func(t *Tty, _ *sys.Context, _ []byte) abi.Errno { t.exclusive = false; return 0 }},
	abi.TIOCFLUSH: {change: true, do: func(t *Tty, _ *sys.Context, data []byte) abi.Errno {
		which := int(get32(data)) & (abi.FREAD | abi.FWRITE)
		if get32(data) == 0 {
			which = abi.FREAD | abi.FWRITE
		}
		t.flush(which)
		return 0
	}},
	abi.TIOCDRAIN: {change: true, do: func(t *Tty, ctx *sys.Context, _ []byte) abi.Errno { return t.drain(ctx) }},
	abi.TIOCGETA: {do: func(t *Tty, _ *sys.Context, data []byte) abi.Errno {
		t.termios.Marshal(data)
		return 0
	}},
	abi.TIOCSETA: {change: true, do: func(t *Tty, _ *sys.Context, data []byte) abi.Errno { return t.setTermios(data) }},
	abi.TIOCSETAW: {change: true, do: func(t *Tty, ctx *sys.Context, data []byte) abi.Errno {
		if err := t.drain(ctx); err != 0 {
			return err
		}
		return t.setTermios(data)
	}},
	abi.TIOCSETAF: {change: true, do: func(t *Tty, ctx *sys.Context, data []byte) abi.Errno {
		if err := t.drain(ctx); err != 0 {
			return err
		}
		t.flush(abi.FREAD)
		return t.setTermios(data)
	}},
	abi.TIOCGETD: {do: func(_ *Tty, _ *sys.Context, data []byte) abi.Errno { put32(data, 0); return 0 }},
	abi.TIOCSETD: {change: true, do: func(_ *Tty, _ *sys.Context, data []byte) abi.Errno {
		if get32(data) != 0 {
			return abi.ENXIO // TTYDISC is the only line discipline
		}
		return 0
	}},
	abi.TIOCGWINSZ: {do: func(t *Tty, _ *sys.Context, data []byte) abi.Errno {
		for i, v := range [...]uint16{t.winsize.Row, t.winsize.Col, t.winsize.Xpixel, t.winsize.Ypixel} {
			binary.LittleEndian.PutUint16(data[2*i:], v)
		}
		return 0
	}},
	abi.TIOCSWINSZ: {change: true, do: func(t *Tty, _ *sys.Context, data []byte) abi.Errno {
		le := binary.LittleEndian
		t.setWinsize(abi.Winsize{Row: le.Uint16(data), Col: le.Uint16(data[2:]), Xpixel: le.Uint16(data[4:]), Ypixel: le.Uint16(data[6:])})
		return 0
	}},
	abi.TIOCOUTQ: {do: func(t *Tty, _ *sys.Context, data []byte) abi.Errno {
		put32(data, int32(len(t.out)))
		return 0
	}},
	abi.TIOCSTOP:  {change: true, do: func(t *Tty, _ *sys.Context, _ []byte) abi.Errno { t.setStopped(true); return 0 }},
	abi.TIOCSTART: {change: true, do: func(t *Tty, _ *sys.Context, _ []byte) abi.Errno { t.setStopped(false); return 0 }},
	abi.TIOCSTAT: {change: true, do: func(t *Tty, _ *sys.Context, _ []byte) abi.Errno {
		t.signal(abi.SIGINFO)
		return 0
	}},
	abi.TIOCSTI: {change: true, free: func(t *Tty, ctx *sys.Context, data []byte) abi.Errno {
		at := t.jobs.Caller(ctx)
		t.mu.Lock()
		defer t.unlock()
		if !ctx.Cred.IsSuser() && (t.sid == 0 || at.SID != t.sid) {
			return abi.EACCES
		}
		t.input(data[0])
		return 0
	}},
	abi.TIOCGPGRP: {free: func(t *Tty, ctx *sys.Context, data []byte) abi.Errno {
		at := t.jobs.Caller(ctx)
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.sid == 0 || at.SID != t.sid {
			return abi.ENOTTY
		}
		put32(data, noPID)
		if t.pgid != 0 {
			put32(data, t.pgid)
		}
		return 0
	}},
	abi.TIOCGSID: {free: func(t *Tty, ctx *sys.Context, data []byte) abi.Errno {
		at := t.jobs.Caller(ctx)
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.sid == 0 || at.SID != t.sid {
			return abi.ENOTTY
		}
		put32(data, t.sid)
		return 0
	}},
	abi.TIOCSPGRP: {change: true, free: func(t *Tty, ctx *sys.Context, data []byte) abi.Errno {
		return t.setPgrp(ctx, get32(data))
	}},
	abi.TIOCSCTTY: {free: func(t *Tty, ctx *sys.Context, _ []byte) abi.Errno { return t.Acquire(ctx) }},
	abi.TIOCNOTTY: {free: func(t *Tty, ctx *sys.Context, _ []byte) abi.Errno {
		// Darwin notes on the process that it has no terminal; ours have no
		// such note.
		return abi.ENOTSUP
	}},
}

func nothing(*Tty, *sys.Context, []byte) abi.Errno { return 0 }

// Ioctl does what the table says; ENOTTY for what is not there, or on a file
// that was revoked.
func (f *File) Ioctl(ctx *sys.Context, cmd uint64, data []byte) abi.Errno {
	f.t.mu.Lock()
	dead := f.dead()
	f.t.mu.Unlock()
	if dead {
		return abi.ENXIO
	}
	return f.t.ioctl(ctx, cmd, data)
}

func (t *Tty) ioctl(ctx *sys.Context, cmd uint64, data []byte) abi.Errno {
	c, ok := commands[cmd]
	if !ok || len(data) < abi.IOCPARM_LEN(cmd) {
		return abi.ENOTTY
	}
	if c.change {
		if err := t.mayWrite(ctx); err != 0 {
			return err
		}
	}
	if c.free != nil {
		return c.free(t, ctx, data)
	}
	t.mu.Lock()
	defer t.unlock()
	return c.do(t, ctx, data)
}

// setTermios installs new modes. mu is held.
func (t *Tty) setTermios(data []byte) abi.Errno {
	var tio abi.Termios
	tio.Unmarshal(data)
	was := t.is(abi.ICANON)
	if tio.Ispeed == 0 {
		tio.Ispeed = tio.Ospeed
	}
	tio.Lflag = tio.Lflag&^uint64(abi.EXTPROC) | t.termios.Lflag&abi.EXTPROC
	t.termios = tio
	t.relocate(was, t.is(abi.ICANON))
	if tio.Iflag&abi.IXON == 0 {
		t.setStopped(false)
	}
	t.line.modes()
	t.line.start()
	return 0
}

// setWinsize changes the window; the foreground group hears of it. mu is held.
func (t *Tty) setWinsize(w abi.Winsize) {
	if t.winsize != w {
		t.winsize = w
		t.signal(abi.SIGWINCH)
	}
}
