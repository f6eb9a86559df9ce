package pipe

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// Fifo is what the vnode of a FIFO holds: the pipe, and who waits to open it.
type Fifo struct {
	p *Pipe
	// How many opens for reading and writing there were: an open waits for the
	// other count to move, so a peer that comes and goes is not missed.
	readOpens, writeOpens uint64
	opened                sched.WaitQueue
}

// NewFifo makes the state for a FIFO's vnode.
func NewFifo() *Fifo { return &Fifo{p: newPipe()} }

// Open opens the FIFO with flags of FREAD, FWRITE and O_NONBLOCK. It waits for
// the other side, but not with both modes or O_NONBLOCK: then an open for
// writing without a reader fails with ENXIO. EINTR when a signal came; EINVAL
// with neither mode.
func (f *Fifo) Open(ctx *sys.Context, flags int) (*End, abi.Errno) {
	mode := flags & (abi.FREAD | abi.FWRITE)
	p := f.p
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case mode == 0:
		return nil, abi.EINVAL
	case mode == abi.FWRITE && flags&abi.O_NONBLOCK != 0 && p.readers == 0:
		return nil, abi.ENXIO
	}
	e := &End{p: p, mode: mode}
	if mode&abi.FREAD != 0 {
		p.readers++
		f.readOpens++
	}
	if mode&abi.FWRITE != 0 {
		p.writers++
		f.writeOpens++
	}
	f.opened.WakeupAll(sched.Awakened)
	p.changed()

	peers, opens := &p.writers, &f.writeOpens
	if mode == abi.FWRITE {
		peers, opens = &p.readers, &f.readOpens
	}
	for seen := *opens; mode != abi.FREAD|abi.FWRITE && flags&abi.O_NONBLOCK == 0 && *peers == 0 && *opens == seen; {
		if r := sched.Sleep(ctx.Thread, &f.opened, &p.mu, sched.Interruptible, sched.Forever); r == sched.Interrupted {
			if mode == abi.FREAD {
				p.readers--
			} else {
				p.writers--
			}
			p.changed()
			return nil, abi.EINTR
		}
	}
	return e, 0
}
