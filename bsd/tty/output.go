package tty

import (
	"puggle/abi"
	"puggle/mach/sched"
)

// putc is ttyoutput: it puts one character on the output queue as the modes say.
// mu is held.
func (t *Tty) putc(c byte) {
	oflag := t.termios.Oflag
	if t.is(abi.FLUSHO) || t.gone {
		return
	}
	if oflag&abi.OPOST == 0 {
		t.out = append(t.out, c)
		return
	}
	switch c {
	case '\t':
		if oflag&abi.OXTABS != 0 && !t.is(abi.EXTPROC) {
			n := tabWidth - t.column%tabWidth
			for range n {
				t.out = append(t.out, ' ')
			}
			t.column += n
			return
		}
		t.column += tabWidth - t.column%tabWidth
	case 'D' & 0x1f:
		if oflag&abi.ONOEOT != 0 {
			return
		}
	case '\n':
		if oflag&abi.ONLCR != 0 && !t.is(abi.EXTPROC) {
			t.out = append(t.out, '\r')
			t.column = 0
		}
		if oflag&abi.ONLRET != 0 {
			t.column = 0
		}
	case '\r':
		if oflag&abi.OCRNL != 0 {
			t.putc('\n')
			return
		}
		if oflag&abi.ONOCR != 0 && t.column == 0 {
			return
		}
		t.column = 0
	case '\b':
		t.column = max(t.column-1, 0)
	default:
		if c >= ' ' && c != 0x7f && (c < 0x80 || c >= 0xc0 || t.termios.Iflag&abi.IUTF8 == 0) {
			t.column++
		}
	}
	t.out = append(t.out, c)
}

// emit is output of the terminal's own. A queue that nobody takes does not grow
// without end. mu is held.
func (t *Tty) emit(s string) {
	if len(t.out) > maxEcho {
		return
	}
	for i := range len(s) {
		t.putc(s[i])
	}
	t.line.start()
}

// echo shows a character of input. mu is held.
func (t *Tty) echo(c char) {
	b := byte(c)
	if !t.is(abi.ECHO) && !(t.is(abi.ECHONL) && b == '\n') || t.is(abi.EXTPROC) {
		return
	}
	t.emit(t.picture(b))
}

// picture is how a character of input looks.
func (t *Tty) picture(b byte) string {
	if t.is(abi.ECHOCTL) && (b < ' ' && b != '\t' && b != '\n' || b == 0x7f) {
		return string([]byte{'^', b ^ 0x40})
	}
	return string([]byte{b})
}

// erase takes up to n characters off the open line, and off the screen.
func (t *Tty) erase(n int) {
	for ; n > 0 && len(t.raw) > 0; n-- {
		last := len(t.raw) - 1
		if t.termios.Iflag&abi.IUTF8 != 0 {
			for last > 0 && t.raw[last]&0xc0 == 0x80 && len(t.raw)-last < 4 {
				last--
			}
		}
		c := t.raw[last]
		t.raw = t.raw[:last]
		if !t.is(abi.ECHO) {
			continue
		}
		if !t.is(abi.ECHOE) {
			t.emit(t.picture(t.termios.Cc[abi.VERASE]))
			continue
		}
		width := len(t.picture(byte(c)))
		if byte(c) == '\t' {
			width = t.tabBehind()
		}
		for range width {
			t.emit("\b \b")
		}
	}
}

// tabBehind is how wide the tab is that was just taken off the open line; the
// cursor stands behind it.
func (t *Tty) tabBehind() int {
	width, before := 0, 0
	for i := len(t.raw) - 1; i >= 0 && t.raw[i] != '\t'; i-- {
		before += len(t.picture(byte(t.raw[i])))
	}
	width = tabWidth - before%tabWidth
	return min(width, t.column)
}

// eraseWord takes blanks and then a word off the open line.
func (t *Tty) eraseWord() {
	last := func() byte { return byte(t.raw[len(t.raw)-1]) }
	blank := func(b byte) bool { return b == ' ' || b == '\t' }
	for len(t.raw) > 0 && blank(last()) {
		t.erase(1)
	}
	for len(t.raw) > 0 && !blank(last()) {
		t.erase(1)
	}
}

// reprint shows the open line again.
func (t *Tty) reprint() {
	if c := t.termios.Cc[abi.VREPRINT]; c != abi.POSIX_VDISABLE {
		t.echo(char(c))
	}
	t.emit("\n")
	for _, c := range t.raw {
		t.echo(c)
	}
}

// writable is the room for output.
func (t *Tty) writable() int { return max(outHigh-len(t.out), 0) }

// wakeWriters is for lines that take output outside drained. mu is held.
func (t *Tty) wakeWriters() {
	t.canWrite.WakeupAll(sched.Awakened)
	t.wlist.Notify(0)
}
