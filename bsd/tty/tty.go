package tty

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

const (
	ttyHog   = 1024 // TTYHOG: most input that is kept
	outHigh  = 4096 // writers wait above
	outLow   = 1024 // and go on below
	maxEcho  = outHigh + 2*ttyHog
	noPID    = 100000 // NO_PID
	tabWidth = 8
)

// line is what a Tty's output goes to. Its methods are called with Tty.mu held.
type line interface {
	// start is called when there is output that may go, or the queue is empty.
	start()
	// input is called when there is room for input again.
	input()
	// modes is called after the termios changed.
	modes()
	// packet notes a TIOCPKT_* event.
	packet(bits byte)
	// output is whether somebody at the other end takes output at all.
	connected() bool
}

// char is a byte of input; literal ones mean nothing special, eof is the mark
// that VEOF leaves.
type char uint16

const (
	literal char = 1 << 8
	eofMark char = 1 << 9
)

// Tty is a terminal. Make it with newTty.
type Tty struct {
	jobs Jobs
	line line
	name string // "ttys000", "console"
	dev  int32

	mu         sync.Mutex
	termios    abi.Termios
	winsize    abi.Winsize
	sid, pgid  int32 // session and foreground group, 0 none
	opens      int   // files
	exclusive  bool
	generation int  // files of an older one are revoked
	gone       bool // the other end has gone: hung up

	raw     []char // input that is not a line yet; all input when not canonical
	canon   []char // complete lines
	out     []byte
	column  int  // of the cursor
	lnext   bool // the next character is literal
	stopped bool // ^S

	canRead  sched.WaitQueue
	canWrite sched.WaitQueue // room for output; drained
	rlist    sys.Klist
	wlist    sys.Klist

	pending []pendingSignal // to be sent by unlock
}

type pendingSignal struct {
	pgid int32
	sid  int32 // instead of pgid: the session's leader
	sig  abi.Signal
}

// defaultTermios are TTYDEF_* and the default control characters.
var defaultTermios = abi.Termios{
	Iflag: abi.BRKINT | abi.ICRNL | abi.IMAXBEL | abi.IXON | abi.IXANY,
	Oflag: abi.OPOST | abi.ONLCR,
	Cflag: abi.CREAD | abi.CS8 | abi.HUPCL,
	Lflag: abi.ECHO | abi.ICANON | abi.ISIG | abi.IEXTEN | abi.ECHOE | abi.ECHOKE | abi.ECHOCTL,
	Cc: [abi.NCCS]uint8{
		abi.VEOF: 'D' & 0x1f, abi.VEOL: 0xff, abi.VEOL2: 0xff, abi.VERASE: 0x7f,
		abi.VWERASE: 'W' & 0x1f, abi.VKILL: 'U' & 0x1f, abi.VREPRINT: 'R' & 0x1f, 7: 0xff,
		abi.VINTR: 'C' & 0x1f, abi.VQUIT: '\\' & 0x1f, abi.VSUSP: 'Z' & 0x1f, abi.VDSUSP: 'Y' & 0x1f,
		abi.VSTART: 'Q' & 0x1f, abi.VSTOP: 'S' & 0x1f, abi.VLNEXT: 'V' & 0x1f, abi.VDISCARD: 'O' & 0x1f,
		abi.VMIN: 1, abi.VTIME: 0, abi.VSTATUS: 'T' & 0x1f, 19: 0xff,
	},
	Ispeed: 9600, Ospeed: 9600,
}

func newTty(jobs Jobs, name string, dev int32) *Tty {
	return &Tty{jobs: jobs, name: name, dev: dev, termios: defaultTermios}
}

// Name is the device's name, without /dev/.
func (t *Tty) Name() string { return t.name }

// Dev is the device number.
func (t *Tty) Dev() int32 { return t.dev }

// Place gives the session and the foreground group, 0 for none.
func (t *Tty) Place() (sid, pgid int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sid, t.pgid
}

// signal notes a signal for the foreground group. mu is held.
func (t *Tty) signal(sig abi.Signal) {
	if t.pgid != 0 {
		t.pending = append(t.pending, pendingSignal{pgid: t.pgid, sig: sig})
	}
}

// unlock releases mu and sends what signals have arisen.
func (t *Tty) unlock() {
	pending := t.pending
	t.pending = nil
	t.mu.Unlock()
	for _, p := range pending {
		if p.sid != 0 {
			t.jobs.SignalLeader(p.sid, p.sig)
		} else {
			t.jobs.SignalPgrp(p.pgid, p.sig)
		}
	}
}

// wakeAll has every sleeper look again. mu is held.
func (t *Tty) wakeAll() {
	t.canRead.WakeupAll(sched.Awakened)
	t.canWrite.WakeupAll(sched.Awakened)
	t.rlist.Notify(0)
	t.wlist.Notify(0)
}

// wakeReaders announces input. mu is held.
func (t *Tty) wakeReaders() {
	t.canRead.WakeupAll(sched.Awakened)
	t.rlist.Notify(0)
}

// drained is called by the line when it took output. mu is held.
func (t *Tty) drained() {
	if len(t.out) <= outLow {
		t.canWrite.WakeupAll(sched.Awakened)
		t.wlist.Notify(0)
	}
}

// hangup is the loss of the carrier: the other end has gone. mu is held.
func (t *Tty) hangup() {
	if t.gone {
		return
	}
	t.gone = true
	if t.sid != 0 {
		t.pending = append(t.pending, pendingSignal{sid: t.sid, sig: abi.SIGHUP})
		t.signal(abi.SIGCONT)
	}
	t.flush(abi.FREAD | abi.FWRITE)
	t.wakeAll()
}

// flush throws queues away. mu is held.
func (t *Tty) flush(which int) {
	var bits byte
	if which&abi.FREAD != 0 {
		t.raw, t.canon, t.lnext = t.raw[:0], t.canon[:0], false
		bits |= abi.TIOCPKT_FLUSHREAD
		t.line.input()
	}
	if which&abi.FWRITE != 0 {
		t.out = t.out[:0]
		bits |= abi.TIOCPKT_FLUSHWRITE
		t.drained()
	}
	t.line.packet(bits)
}

func (t *Tty) is(lflag uint64) bool { return t.termios.Lflag&lflag != 0 }

// cc says whether c is control character i.
func (t *Tty) cc(c byte, i int) bool {
	return t.termios.Cc[i] == c && c != abi.POSIX_VDISABLE
}
