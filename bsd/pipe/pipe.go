package pipe

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

const (
	PIPE_BUF      = 512
	PIPE_SIZE     = 16 << 10
	BIG_PIPE_SIZE = 64 << 10
	pipeKVAMax    = 16 << 20 // PIPE_KVAMAX
)

// pipeSizes are the sizes that a buffer has, one after the other.
var pipeSizes = [...]int{512, 1024, 2048, 4096, 8192, PIPE_SIZE, BIG_PIPE_SIZE}

// pipeKVA is how many bytes all buffers have.
var pipeKVA atomic.Int64

// Pipe is a buffer between readers and writers.
type Pipe struct {
	ino uint64

	mu      sync.Mutex
	buf     []byte // ring
	out     int    // index of the oldest byte
	cnt     int
	readers int // open ends
	writers int
	canRead sched.WaitQueue // data or end of file has come
	canFill sched.WaitQueue // room has come, or the last reader has gone
	rlist   sys.Klist       // knotes of READ
	wlist   sys.Klist       // knotes of WRITE
}

var lastIno atomic.Uint64

func newPipe() *Pipe { return &Pipe{ino: lastIno.Add(1)} }

// limit is how large the buffer may become. mu is held.
func (p *Pipe) limit() int {
	if len(p.buf) <= PIPE_SIZE && pipeKVA.Load() > pipeKVAMax {
		return PIPE_SIZE
	}
	return BIG_PIPE_SIZE
}

// grow makes room for want more bytes, as far as the limit lets it.
func (p *Pipe) grow(want int64) {
	need := int64(p.cnt) + want
	if need <= int64(len(p.buf)) {
		return
	}
	limit, size := p.limit(), 0
	for _, size = range pipeSizes {
		if int64(size) >= need || size >= limit {
			break
		}
	}
	if size <= len(p.buf) {
		return
	}
	buf := make([]byte, size)
	n := copy(buf, p.buf[p.out:min(p.out+p.cnt, len(p.buf))])
	copy(buf[n:], p.buf[:p.cnt-n])
	pipeKVA.Add(int64(size - len(p.buf)))
	p.buf, p.out = buf, 0
}

// put moves up to n bytes from u into the buffer, n <= room.
func (p *Pipe) put(u *sys.Uio, n int) {
	for n > 0 {
		in := p.out + p.cnt
		if in >= len(p.buf) {
			in -= len(p.buf)
		}
		moved := u.CopyOut(p.buf[in:min(in+n, len(p.buf))])
		if moved == 0 {
			return
		}
		p.cnt += moved
		n -= moved
	}
}

// take moves bytes from the buffer to u.
func (p *Pipe) take(u *sys.Uio) {
	for p.cnt > 0 && u.Resid > 0 {
		n := u.CopyIn(p.buf[p.out:min(p.out+p.cnt, len(p.buf))])
		if n == 0 {
			return
		}
		p.cnt -= n
		if p.out += n; p.out == len(p.buf) {
			p.out = 0
		}
	}
	if p.cnt == 0 {
		p.out = 0
	}
}

func (p *Pipe) read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	if u.Resid == 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.cnt == 0 {
		if p.writers == 0 {
			return 0
		}
		if flags&abi.O_NONBLOCK != 0 {
			return abi.EAGAIN
		}
		if r := sched.Sleep(ctx.Thread, &p.canRead, &p.mu, sched.Interruptible, sched.Forever); r == sched.Interrupted {
			return abi.EINTR
		}
	}
	p.take(u)
	p.canFill.WakeupAll(sched.Awakened)
	p.wlist.Notify(0)
	return 0
}

func (p *Pipe) write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	p.mu.Lock()
	defer p.mu.Unlock()
	whole := u.Resid
	err := p.fill(ctx, u, flags, whole)
	if u.Resid < whole {
		p.canRead.WakeupAll(sched.Awakened)
		p.rlist.Notify(0)
		if err != abi.EPIPE {
			return 0
		}
	}
	return err
}

// fill is write without the announcement at its end. mu is held.
func (p *Pipe) fill(ctx *sys.Context, u *sys.Uio, flags int, whole int64) abi.Errno {
	for {
		if p.readers == 0 {
			return abi.EPIPE
		}
		if u.Resid == 0 {
			return 0
		}
		p.grow(u.Resid)
		room := len(p.buf) - p.cnt
		if int64(room) < u.Resid && whole <= PIPE_BUF {
			room = 0
		}
		if room > 0 {
			p.put(u, int(min(int64(room), u.Resid)))
			continue
		}
		if flags&abi.O_NONBLOCK != 0 {
			return abi.EAGAIN
		}
		if u.Resid < whole {
			p.canRead.WakeupAll(sched.Awakened)
			p.rlist.Notify(0)
		}
		if r := sched.Sleep(ctx.Thread, &p.canFill, &p.mu, sched.Interruptible, sched.Forever); r == sched.Interrupted {
			return abi.EINTR
		}
	}
}

// changed tells everybody that an end came or went. mu is held.
func (p *Pipe) changed() {
	p.canRead.WakeupAll(sched.Awakened)
	p.canFill.WakeupAll(sched.Awakened)
	p.rlist.Notify(0)
	p.wlist.Notify(0)
	if p.readers == 0 {
		// Nobody will read what is left, in a FIFO not even a later reader.
		p.cnt, p.out = 0, 0
	}
	if p.readers == 0 && p.writers == 0 {
		pipeKVA.Add(-int64(len(p.buf)))
		p.buf = nil
	}
}
