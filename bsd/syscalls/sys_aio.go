package syscalls

import (
	"math"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
	"puggle/machine"
)

// The calls of asynchronous input and output. What is wrong with a control block is
// EAGAIN for all but aio_error and aio_return, as in XNU, whose calls know no better
// answer. Signals carry no value, and there is no notification by thread (EINVAL
// from lio_listio, EAGAIN from the others).

// struct aiocb (<sys/aio.h>): offsets, and values in it.
const (
	aiocbFd     = 0
	aiocbOffset = 8
	aiocbBuf    = 16
	aiocbN      = 24
	aiocbEvent  = 40
	aiocbOpcode = 72
	aiocbSize   = 80

	sigeventSize = 32
	sigevNone    = 0
	sigevSignal  = 1

	lioNop   = 0
	lioRead  = 1
	lioWrite = 2

	lioNowait = 1
	lioWaits  = 2
)

type aioOp uint8

const (
	aioNop aioOp = iota // of a list: its error is EINVAL
	aioRead
	aioWrite
	aioSync
	aioDsync
	aioList // the control block says
)

// lioWait is a wait for a list that an AST ended; the call is made again if no
// handler ran.
type lioWait struct {
	at      machine.Addr
	leader  *kern.AIORequest
	handled uint64 // the thread's Handled then
}

// sigevent says which signal a struct sigevent asks for, 0 for none. EINVAL.
func sigevent(b []byte) (abi.Signal, abi.Errno) {
	switch int32(le.Uint32(b)) {
	case sigevNone:
		return 0, 0
	case sigevSignal:
		sig := abi.Signal(int32(le.Uint32(b[4:])))
		if sig > 0 && sig < abi.NSIG && sig != abi.SIGKILL && sig != abi.SIGSTOP {
			return sig, 0
		}
	}
	return 0, abi.EINVAL
}

// aioRequest makes a request of a control block. Any error means that it can't be.
func (c *Call) aioRequest(at machine.Addr, op aioOp) (*kern.AIORequest, abi.Errno) {
	var b [aiocbSize]byte
	if e := c.CopyIn(b[:], at); e != 0 {
		return nil, e
	}
	if op == aioList {
		switch le.Uint32(b[aiocbOpcode:]) {
		case lioRead:
			op = aioRead
		case lioWrite:
			op = aioWrite
		case lioNop:
			op = aioNop
		default:
			return nil, abi.EINVAL
		}
	}
	r := &kern.AIORequest{Cb: uint64(at), Fd: int32(le.Uint32(b[aiocbFd:])), Barrier: op == aioSync}
	off, n := int64(le.Uint64(b[aiocbOffset:])), le.Uint64(b[aiocbN:])
	iov := iovec{machine.Addr(le.Uint64(b[aiocbBuf:])), n}
	if op == aioNop {
		r.Do = func(*sys.Context) (int64, abi.Errno) { return 0, abi.EINVAL }
		return r, 0
	}
	if (op == aioRead || op == aioWrite) && (n > math.MaxInt32 || iov.base == 0 || off < 0) {
		return nil, abi.EINVAL
	}
	sig, e := sigevent(b[aiocbEvent:])
	if e != 0 {
		return nil, e
	}
	r.Signo = sig
	f, e := c.P.Fd.Lookup(r.Fd)
	if e != 0 {
		return nil, e
	}
	want := abi.FWRITE
	if op == aioRead {
		want = abi.FREAD
	}
	v := vfs.VnodeOf(f)
	_, fifo := f.Ops.(interface{ IsFifo() })
	switch {
	case f.Flags()&want == 0:
		e = abi.EBADF
	case f.Ops.Type() != sys.DTypeVnode && !fifo:
		e = abi.ESPIPE
	}
	if e != 0 {
		c.Put(f)
		return nil, e
	}
	r.File = f
	if v == nil || v.Type != vfs.VREG {
		r.Sleeps, off = true, -1
	}
	if op == aioWrite && f.Flags()&abi.O_APPEND != 0 {
		off = -1
	}
	w := &Call{P: c.P, K: c.K}
	r.Do = func(ctx *sys.Context) (int64, abi.Errno) {
		w.behalf = ctx
		switch {
		case v == nil && (op == aioSync || op == aioDsync):
			return 0, abi.ENOTSUP
		case op == aioSync:
			return 0, vfs.Fsync(ctx, v, vfs.SyncFile)
		case op == aioDsync:
			return 0, vfs.Fsync(ctx, v, vfs.SyncData)
		}
		one := [1]iovec{iov}
		n, e := w.transfer(f, one[:], op == aioWrite, off)
		switch e {
		case abi.EPIPE:
			w.P.Signal(abi.SIGPIPE)
		case abi.EFBIG:
			w.P.Signal(abi.SIGXFSZ)
		}
		return n, e
	}
	return r, 0
}

// aioSubmit is the body of the calls that make one request.
func (c *Call) aioSubmit(at machine.Addr, op aioOp) abi.Errno {
	r, e := c.aioRequest(at, op)
	if e != 0 {
		return abi.EAGAIN
	}
	return c.P.AIOSubmit(c.Ctx(), []*kern.AIORequest{r}, false)
}

func sysAioRead(c *Call) abi.Errno  { return c.aioSubmit(c.Addr(0), aioRead) }
func sysAioWrite(c *Call) abi.Errno { return c.aioSubmit(c.Addr(0), aioWrite) }

func sysAioFsync(c *Call) abi.Errno {
	switch c.Int(0) {
	case abi.O_SYNC, 0:
		return c.aioSubmit(c.Addr(1), aioSync)
	case abi.O_DSYNC:
		return c.aioSubmit(c.Addr(1), aioDsync)
	}
	return abi.EINVAL
}

func sysAioError(c *Call) abi.Errno {
	got, e := c.P.AIOError(c.Arg[0])
	c.Ret[0] = uint64(got)
	return e
}

func sysAioReturn(c *Call) abi.Errno {
	n, e := c.P.AIOReturn(c.Arg[0])
	c.Ret[0] = uint64(n)
	return e
}

func sysAioCancel(c *Call) abi.Errno {
	if !c.K.Sys.AIOBusy() {
		c.Ret[0] = kern.AIOAllDone
		return 0
	}
	if at := c.Addr(1); at != 0 {
		fd, e := c.U32(at + aiocbFd)
		if e != 0 {
			return abi.EAGAIN
		}
		if int32(fd) != c.I32(0) {
			return abi.EBADF
		}
	}
	n, e := c.P.AIOCancel(c.I32(0), c.Arg[1])
	c.Ret[0] = uint64(n)
	return e
}

// addrs copies in an array of addresses.
func (c *Call) addrs(at machine.Addr, n int) ([]uint64, abi.Errno) {
	b := make([]byte, 8*n)
	if e := c.CopyIn(b, at); e != 0 {
		return nil, e
	}
	l := make([]uint64, n)
	for i := range l {
		l[i] = le.Uint64(b[8*i:])
	}
	return l, 0
}

func sysAioSuspend(c *Call) abi.Errno {
	_, procMax, _ := c.K.Sys.AIOLimits()
	if n := c.Int(1); !c.K.Sys.AIOBusy() || n < 1 || n > int(procMax.Load()) {
		return abi.EINVAL
	}
	until := sched.Forever
	if at := c.Addr(2); at != 0 {
		var b [16]byte
		if c.CopyIn(b[:], at) != 0 {
			return abi.EAGAIN
		}
		ns, e := timespec(b[:])
		if e != 0 {
			return e
		}
		until = deadlineNs(ns)
	}
	cbs, e := c.addrs(c.Addr(0), c.Int(1))
	if e != 0 {
		return abi.EAGAIN
	}
	return c.P.AIOSuspend(c.Thread(), cbs, until)
}

func sysLioListio(c *Call) abi.Errno {
	mode, at, n := c.Int(0), c.Addr(1), c.Int(2)
	again := c.lio
	c.lio = lioWait{}
	if mode != lioNowait && mode != lioWaits || n < 1 || n > kern.AIOListMax {
		return abi.EINVAL
	}
	if again.leader != nil && again.at == at && again.handled == c.U.Handled() && mode == lioWaits {
		return c.lioWaitFor(again)
	}
	var sig abi.Signal
	if p := c.Addr(3); p != 0 {
		var b [sigeventSize]byte
		if c.CopyIn(b[:], p) != 0 {
			return abi.EAGAIN
		}
		var e abi.Errno
		if sig, e = sigevent(b[:]); e != 0 {
			return e
		}
	}
	cbs, e := c.addrs(at, n)
	if e != 0 {
		return abi.EAGAIN
	}
	var reqs []*kern.AIORequest
	for _, cb := range cbs {
		if cb == 0 {
			continue
		}
		r, e := c.aioRequest(machine.Addr(cb), aioList)
		if e != 0 {
			for _, r := range reqs {
				if r.File != nil {
					c.Put(r.File)
				}
			}
			return abi.EAGAIN
		}
		if mode == lioNowait {
			r.Signo = sig
		}
		reqs = append(reqs, r)
	}
	if len(reqs) == 0 {
		return 0
	}
	if e := c.P.AIOSubmit(c.Ctx(), reqs, true); e != 0 || mode == lioNowait {
		return e
	}
	return c.lioWaitFor(lioWait{at: at, leader: reqs[0]})
}

func (c *Call) lioWaitFor(w lioWait) abi.Errno {
	e := c.P.AIOListWait(c.Thread(), w.leader)
	if e == abi.EINTR {
		w.handled = c.U.Handled()
		c.lio = w
	}
	return e
}
