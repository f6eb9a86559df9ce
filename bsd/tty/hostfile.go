package tty

import (
	"encoding/binary"
	"sync"

	"golang.org/x/sys/unix"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// HostFile is a descriptor of the host's that a guest was given: standard input
// and output of the machine, when they are no terminals. It is a stream: pipes,
// sockets and files alike are read and written where the host stands.
type HostFile struct {
	fd    int
	owned bool

	in, out watcher
}

// hostChunk is how much is written at once: a pipe that the host calls writable
// takes that much without blocking.
const hostChunk = 4096

// NewHostFile wraps fd. If owned, Close closes it.
func NewHostFile(fd int, owned bool) *HostFile {
	h := &HostFile{fd: fd, owned: owned}
	h.in.init(fd, unix.POLLIN)
	h.out.init(fd, unix.POLLOUT)
	return h
}

// watcher waits for one direction of a host descriptor, in a goroutine that
// exists only while somebody wants to know.
type watcher struct {
	fd     int
	events int16

	mu      sync.Mutex
	running bool
	cancel  [2]int // a pipe that ends the goroutine
	closed  bool
	wq      sched.WaitQueue
	klist   sys.Klist
}

func (w *watcher) init(fd int, events int16) { w.fd, w.events = fd, events }

// ready asks the host, without waiting. An error counts as ready: the read or
// write will tell.
func (w *watcher) ready() (ready, hup bool) {
	fds := []unix.PollFd{{Fd: int32(w.fd), Events: w.events}}
	for {
		_, err := unix.Poll(fds, 0)
		if err == unix.EINTR {
			continue
		}
		re := fds[0].Revents
		return err != nil || re != 0, re&(unix.POLLHUP|unix.POLLERR) != 0 && re&w.events == 0
	}
}

// watch starts the goroutine if it does not run. mu is held.
func (w *watcher) watch() {
	if w.running || w.closed || unix.Pipe2(w.cancel[:], unix.O_CLOEXEC) != nil {
		return
	}
	w.running = true
	cancel := w.cancel
	go func() {
		fds := []unix.PollFd{{Fd: int32(w.fd), Events: w.events}, {Fd: int32(cancel[0]), Events: unix.POLLIN}}
		for {
			if _, err := unix.Poll(fds, -1); err != unix.EINTR {
				break
			}
		}
		w.mu.Lock()
		w.running = false
		unix.Close(cancel[0])
		unix.Close(cancel[1])
		w.mu.Unlock()
		w.wq.WakeupAll(sched.Awakened)
		w.klist.Notify(0)
	}()
}

// wait sleeps until the host is ready. EINTR; EBADF after close.
func (w *watcher) wait(ctx *sys.Context) abi.Errno {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return abi.EBADF
	}
	w.watch()
	if sched.Sleep(ctx.Thread, &w.wq, &w.mu, sched.Interruptible, sched.Forever) == sched.Interrupted {
		return abi.EINTR
	}
	return 0
}

func (w *watcher) close() {
	w.mu.Lock()
	w.closed = true
	if w.running {
		unix.Write(w.cancel[1], []byte{0})
	}
	w.mu.Unlock()
}

// Type is DTYPE_PIPE: it can't be positioned.
func (h *HostFile) Type() sys.DType { return sys.DTypePipe }

// Read takes what the host has. EAGAIN, EINTR, EIO; ESPIPE with an offset.
func (h *HostFile) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	if u.HasOffset {
		return abi.ESPIPE
	}
	for u.Resid > 0 {
		if ready, _ := h.in.ready(); !ready {
			if flags&abi.O_NONBLOCK != 0 {
				return abi.EAGAIN
			}
			if err := h.in.wait(ctx); err != 0 {
				return err
			}
			continue
		}
		n, err := unix.Read(h.fd, u.Next())
		switch {
		case err == nil:
			u.Advance(n)
			return 0
		case err != unix.EINTR && err != unix.EAGAIN:
			return sys.HostErrno(err)
		}
	}
	return 0
}

// Write gives everything to the host. EAGAIN and EINTR when nothing went; EPIPE
// when nobody reads any more; EIO. ESPIPE with an offset.
func (h *HostFile) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	if u.HasOffset {
		return abi.ESPIPE
	}
	whole := u.Resid
	for u.Resid > 0 {
		err := abi.Errno(0)
		if ready, _ := h.out.ready(); !ready {
			if err = abi.EAGAIN; flags&abi.O_NONBLOCK == 0 {
				err = h.out.wait(ctx)
			}
		} else {
			b := u.Next()
			n, e := unix.Write(h.fd, b[:min(len(b), hostChunk)])
			switch {
			case e == nil:
				u.Advance(n)
			case e != unix.EINTR && e != unix.EAGAIN:
				return sys.HostErrno(e)
			}
		}
		if err != 0 {
			if u.Resid < whole {
				return 0
			}
			return err
		}
	}
	return 0
}

// Ioctl knows FIONREAD.
func (h *HostFile) Ioctl(_ *sys.Context, cmd uint64, data []byte) abi.Errno {
	switch cmd {
	case abi.FIONBIO, abi.FIOASYNC:
		return 0
	case abi.FIONREAD:
		n, err := unix.IoctlGetInt(h.fd, unix.TIOCINQ)
		if err != nil {
			return abi.ENOTTY
		}
		binary.LittleEndian.PutUint32(data, uint32(n))
		return 0
	}
	return abi.ENOTTY
}

// Stat gives what the host says of type, size and owner.
func (h *HostFile) Stat(_ *sys.Context, st *abi.Stat) abi.Errno {
	var s unix.Stat_t
	if err := unix.Fstat(h.fd, &s); err != nil {
		return abi.EBADF
	}
	// The bits of st_mode are the same on both systems.
	*st = abi.Stat{Dev: int32(s.Dev), Ino: s.Ino, Mode: uint16(s.Mode), Nlink: uint16(s.Nlink), UID: s.Uid, GID: s.Gid,
		Size: s.Size, Blocks: s.Blocks, Blksize: int32(s.Blksize),
		Atime: abi.Timespec{Sec: s.Atim.Sec, Nsec: s.Atim.Nsec}, Mtime: abi.Timespec{Sec: s.Mtim.Sec, Nsec: s.Mtim.Nsec},
		Ctime: abi.Timespec{Sec: s.Ctim.Sec, Nsec: s.Ctim.Nsec}, Birthtime: abi.Timespec{Sec: s.Ctim.Sec, Nsec: s.Ctim.Nsec}}
	return 0
}

// Close ends the watchers.
func (h *HostFile) Close(*sys.Context) abi.Errno {
	h.in.close()
	h.out.close()
	if h.owned {
		unix.Close(h.fd)
	}
	return 0
}

// Filter is READ or WRITE.
func (h *HostFile) Filter(filter int16) sys.Filter {
	switch filter {
	case sys.EVFILT_READ:
		return hostFilter{&h.in}
	case sys.EVFILT_WRITE:
		return hostFilter{&h.out}
	}
	return nil
}

type hostFilter struct{ w *watcher }

func (f hostFilter) Attach(kn *sys.Knote) { f.w.klist.Add(kn) }
func (f hostFilter) Detach(kn *sys.Knote) { f.w.klist.Remove(kn) }

// Ready asks the host. When it says no, the watcher goes on duty, so that the
// next change is announced.
func (f hostFilter) Ready(*sys.Knote) sys.Readiness {
	ready, hup := f.w.ready()
	if !ready {
		f.w.mu.Lock()
		f.w.watch()
		f.w.mu.Unlock()
		return sys.Readiness{}
	}
	r := sys.Readiness{Ready: true, EOF: hup, Data: hostChunk}
	if f.w.events == unix.POLLIN {
		n, err := unix.IoctlGetInt(f.w.fd, unix.TIOCINQ)
		if r.Data = int64(n); err != nil {
			r.Data = 1
		}
	}
	return r
}
