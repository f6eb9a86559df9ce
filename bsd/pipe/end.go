package pipe

import (
	"encoding/binary"

	"puggle/abi"
	"puggle/bsd/sys"
)

// End is one open file on a pipe, for reading, writing, or (a FIFO) both.
type End struct {
	p    *Pipe
	mode int // abi.FREAD, abi.FWRITE
}

// New makes the two ends of a pipe.
func New() (r, w *End) {
	p := newPipe()
	p.readers, p.writers = 1, 1
	return &End{p: p, mode: abi.FREAD}, &End{p: p, mode: abi.FWRITE}
}

// Type is DTYPE_PIPE.
func (e *End) Type() sys.DType { return sys.DTypePipe }

// Read takes what there is, or waits. No bytes and no error is the end: no
// writer is left. EAGAIN, EINTR; EBADF on a writing end; ESPIPE with an offset.
func (e *End) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	switch {
	case e.mode&abi.FREAD == 0:
		return abi.EBADF
	case u.HasOffset:
		return abi.ESPIPE
	}
	return e.p.read(ctx, u, flags)
}

// Write puts all of u into the pipe, waiting for room. EPIPE without readers,
// even after a part; EAGAIN and EINTR when nothing went. EBADF, ESPIPE as Read.
func (e *End) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	switch {
	case e.mode&abi.FWRITE == 0:
		return abi.EBADF
	case u.HasOffset:
		return abi.ESPIPE
	}
	return e.p.write(ctx, u, flags)
}

// Ioctl knows FIONREAD; FIONBIO and FIOASYNC are the descriptor's business and
// succeed.
func (e *End) Ioctl(_ *sys.Context, cmd uint64, data []byte) abi.Errno {
	switch cmd {
	case abi.FIONBIO, abi.FIOASYNC:
		return 0
	case abi.FIONREAD:
		e.p.mu.Lock()
		n := e.p.cnt
		e.p.mu.Unlock()
		if e.mode&abi.FREAD == 0 {
			n = 0
		}
		binary.LittleEndian.PutUint32(data, uint32(n))
		return 0
	}
	return abi.ENOTTY
}

// Stat gives a FIFO whose size is the number of bytes in it.
func (e *End) Stat(ctx *sys.Context, st *abi.Stat) abi.Errno {
	e.p.mu.Lock()
	n, size := e.p.cnt, max(len(e.p.buf), PIPE_SIZE)
	e.p.mu.Unlock()
	*st = abi.Stat{
		Mode:    abi.S_IFIFO | 0o660,
		Ino:     e.p.ino,
		Size:    int64(n),
		Blksize: int32(size),
		Blocks:  int64((n + size - 1) / size),
	}
	if ctx.Cred != nil {
		st.UID, st.GID = ctx.Cred.UID, ctx.Cred.GID
	}
	return 0
}

// Handles are what proc_info shows in place of the addresses of this end and the
// other: opaque numbers that tell pipes apart.
func (e *End) Handles() (self, peer uint64) {
	e.p.mu.Lock()
	defer e.p.mu.Unlock()
	self = 1<<63 | e.p.ino<<8
	peer = self | 1
	if e.mode&abi.FREAD == 0 {
		self, peer = peer, self
	}
	return self, peer
}

// Close ends this side's part.
func (e *End) Close(*sys.Context) abi.Errno {
	e.p.mu.Lock()
	defer e.p.mu.Unlock()
	if e.mode&abi.FREAD != 0 {
		e.p.readers--
	}
	if e.mode&abi.FWRITE != 0 {
		e.p.writers--
	}
	e.mode = 0
	e.p.changed()
	return 0
}

// Filter is READ or WRITE. On the end that can't do it, the event is the
// departure of the other side, and nothing else.
func (e *End) Filter(filter int16) sys.Filter {
	switch filter {
	case sys.EVFILT_READ:
		return readFilter{e.p, e.mode&abi.FREAD != 0}
	case sys.EVFILT_WRITE:
		return writeFilter{e.p, e.mode&abi.FWRITE != 0}
	}
	return nil
}

type readFilter struct {
	p   *Pipe
	can bool
}

func (f readFilter) Attach(kn *sys.Knote) { f.p.rlist.Add(kn) }
func (f readFilter) Detach(kn *sys.Knote) { f.p.rlist.Remove(kn) }
func (f readFilter) Ready(kn *sys.Knote) sys.Readiness {
	f.p.mu.Lock()
	defer f.p.mu.Unlock()
	r := sys.Readiness{EOF: f.p.writers == 0}
	if !f.can {
		r.EOF = f.p.readers == 0
	} else {
		r.Data = int64(f.p.cnt)
	}
	r.Ready = r.EOF || f.can && r.Data >= lowat(kn, 1)
	return r
}

type writeFilter struct {
	p   *Pipe
	can bool
}

func (f writeFilter) Attach(kn *sys.Knote) { f.p.wlist.Add(kn) }
func (f writeFilter) Detach(kn *sys.Knote) { f.p.wlist.Remove(kn) }
func (f writeFilter) Ready(kn *sys.Knote) sys.Readiness {
	f.p.mu.Lock()
	defer f.p.mu.Unlock()
	r := sys.Readiness{EOF: f.p.readers == 0}
	if !f.can {
		r.EOF = f.p.writers == 0
	} else if !r.EOF {
		r.Data = int64(f.p.limit() - f.p.cnt)
	}
	r.Ready = r.EOF || f.can && r.Data >= lowat(kn, PIPE_BUF)
	return r
}

// lowat is the low-water mark of kn: NOTE_LOWAT's, within what is possible.
func lowat(kn *sys.Knote, least int64) int64 {
	if kn.Sfflags&abi.NOTE_LOWAT == 0 {
		return least
	}
	return min(max(kn.Sdata, least), PIPE_SIZE)
}
