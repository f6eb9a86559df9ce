package tty

import (
	"puggle/abi"
	"puggle/mach/sched"
)

// room says whether the input queues take another character. A line that fills
// them without end is cut, so that a canonical terminal does not block for ever.
func (t *Tty) room() bool {
	return len(t.raw)+len(t.canon) < ttyHog-2 || len(t.canon) == 0 && t.is(abi.ICANON)
}

// input is ttyinput: one character has come from the line. mu is held.
func (t *Tty) input(c byte) {
	tio := &t.termios
	if tio.Lflag&abi.EXTPROC != 0 {
		t.keep(char(c)) // the other end does the processing
		return
	}
	if tio.Iflag&abi.ISTRIP != 0 {
		c &= 0x7f
	}
	if t.lnext {
		t.lnext = false
		t.keep(char(c) | literal)
		return
	}
	if t.is(abi.IEXTEN) && t.special(c) {
		return
	}
	if t.is(abi.ISIG) && t.signals(c) {
		return
	}
	if t.flow(c) {
		return
	}
	switch {
	case c == '\r' && tio.Iflag&abi.IGNCR != 0:
		return
	case c == '\r' && tio.Iflag&abi.ICRNL != 0:
		c = '\n'
	case c == '\n' && tio.Iflag&abi.INLCR != 0:
		c = '\r'
	}
	if t.is(abi.ICANON) && t.edit(c) {
		return
	}
	if c == 0xff && tio.Iflag&(abi.PARMRK|abi.ISTRIP) == abi.PARMRK {
		t.keep(0xff | literal) // a true 0xff is doubled
	}
	t.keep(char(c))
}

// special is VLNEXT and VDISCARD.
func (t *Tty) special(c byte) bool {
	switch {
	case t.cc(c, abi.VLNEXT):
		t.lnext = true
		if t.is(abi.ECHO) {
			if t.is(abi.ECHOE) {
				t.emit("^\b")
			} else {
				t.echo(char(c))
			}
		}
	case t.cc(c, abi.VDISCARD):
		if t.is(abi.FLUSHO) {
			t.termios.Lflag &^= abi.FLUSHO
		} else {
			t.flush(abi.FWRITE)
			t.echo(char(c))
			if len(t.raw)+len(t.canon) > 0 {
				t.reprint()
			}
			t.termios.Lflag |= abi.FLUSHO
		}
		t.line.start()
	default:
		return false
	}
	return true
}

// signals is VINTR, VQUIT and VSUSP.
func (t *Tty) signals(c byte) bool {
	var sig abi.Signal
	which := abi.FREAD | abi.FWRITE
	switch {
	case t.cc(c, abi.VINTR):
		sig = abi.SIGINT
	case t.cc(c, abi.VQUIT):
		sig = abi.SIGQUIT
	case t.cc(c, abi.VSUSP):
		sig, which = abi.SIGTSTP, abi.FREAD
	default:
		return false
	}
	if !t.is(abi.NOFLSH) {
		t.flush(which)
	}
	t.stopped = false
	t.echo(char(c))
	t.line.start()
	t.signal(sig)
	return true
}

// flow is VSTOP and VSTART.
func (t *Tty) flow(c byte) bool {
	iflag := t.termios.Iflag
	if iflag&abi.IXON != 0 {
		switch {
		case t.cc(c, abi.VSTOP) && !t.stopped:
			t.setStopped(true)
			return true
		case t.cc(c, abi.VSTOP) && !t.cc(c, abi.VSTART):
			return true
		case t.cc(c, abi.VSTART):
			t.setStopped(false)
			return true
		}
		if t.stopped && iflag&abi.IXANY != 0 {
			t.setStopped(false)
		}
	}
	return false
}

func (t *Tty) setStopped(stop bool) {
	if t.stopped == stop {
		return
	}
	t.stopped = stop
	if stop {
		t.line.packet(abi.TIOCPKT_STOP)
	} else {
		t.termios.Lflag &^= abi.FLUSHO
		t.line.packet(abi.TIOCPKT_START)
	}
	t.line.start()
}

// edit is what a canonical terminal does with a character itself.
func (t *Tty) edit(c byte) bool {
	switch {
	case t.cc(c, abi.VERASE):
		t.erase(1)
	case t.cc(c, abi.VKILL):
		if t.is(abi.ECHOKE) {
			t.erase(len(t.raw))
		} else {
			t.echo(char(c))
			if t.is(abi.ECHOK) || t.is(abi.ECHOKE) {
				t.emit("\n")
			}
			t.raw = t.raw[:0]
		}
	case t.is(abi.IEXTEN) && t.cc(c, abi.VWERASE):
		t.eraseWord()
	case t.is(abi.IEXTEN) && t.cc(c, abi.VREPRINT):
		t.reprint()
	case t.is(abi.IEXTEN) && t.cc(c, abi.VSTATUS):
		if t.is(abi.ISIG) {
			t.signal(abi.SIGINFO)
		}
	default:
		return false
	}
	t.line.input()
	return true
}

// keep puts a character on the queue and echoes it; a line's end moves the line
// to where readers look.
func (t *Tty) keep(c char) {
	if len(t.raw)+len(t.canon) >= ttyHog {
		if t.termios.Iflag&abi.IMAXBEL != 0 {
			t.emit("\a")
		}
		return
	}
	b := byte(c)
	if !t.is(abi.ICANON) || t.is(abi.EXTPROC) {
		t.raw = append(t.raw, c)
		t.echo(c)
		t.wakeReaders()
		return
	}
	switch {
	case c&literal != 0 || b != '\n' && !t.cc(b, abi.VEOF) && !t.cc(b, abi.VEOL) && !t.cc(b, abi.VEOL2):
		t.raw = append(t.raw, c)
		t.echo(c)
		return
	case t.cc(b, abi.VEOF) && b != '\n':
		// ^D does not stay on the screen.
		if t.is(abi.ECHO) && t.is(abi.ECHOCTL) {
			t.emit("^" + string(rune(b^0x40)) + "\b\b")
		}
		c = eofMark
	default:
		t.echo(c)
	}
	t.canon = append(append(t.canon, t.raw...), c)
	t.raw = t.raw[:0]
	t.wakeReaders()
}

// relocate keeps the queues right when ICANON changes: what has been typed can
// be read at once, or is a line to be finished. mu is held.
func (t *Tty) relocate(was, is bool) {
	switch {
	case was == is:
	case was:
		all := append(t.canon, t.raw...)
		t.raw, t.canon = nil, nil
		for _, c := range all {
			if c&eofMark == 0 {
				t.raw = append(t.raw, c)
			}
		}
	default:
		// Whole lines can be read as lines, and what is open becomes one, too:
		// a program that switches back does not wait for what it was given.
		t.canon, t.raw = append(t.canon, t.raw...), nil
	}
	t.canRead.WakeupAll(sched.Awakened)
	t.rlist.Notify(0)
}
