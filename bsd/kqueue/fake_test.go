package kqueue

import (
	"sync"
	"testing"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// well is an object with a level of bytes to read; it can always be written.
type well struct {
	mu     sync.Mutex
	level  int64
	eof    bool
	klist  sys.Klist
	vnodes sys.Klist
}

func (w *well) Type() sys.DType                              { return sys.DTypePipe }
func (w *well) Read(*sys.Context, *sys.Uio, int) abi.Errno   { return abi.ENXIO }
func (w *well) Write(*sys.Context, *sys.Uio, int) abi.Errno  { return abi.ENXIO }
func (w *well) Ioctl(*sys.Context, uint64, []byte) abi.Errno { return abi.ENOTTY }
func (w *well) Stat(*sys.Context, *abi.Stat) abi.Errno       { return 0 }
func (w *well) Close(*sys.Context) abi.Errno                 { return 0 }
func (w *well) add(n int64) {
	w.mu.Lock()
	w.level += n
	w.klist.Notify(0)
	w.mu.Unlock()
}
func (w *well) take() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.level
	w.level = 0
	return n
}

type wellFilter struct {
	w      *well
	filter int16
}

func (w *well) Filter(filter int16) sys.Filter {
	switch filter {
	case sys.EVFILT_READ, sys.EVFILT_WRITE, sys.EVFILT_VNODE:
		return wellFilter{w, filter}
	}
	return nil
}
func (f wellFilter) list() *sys.Klist {
	if f.filter == sys.EVFILT_VNODE {
		return &f.w.vnodes
	}
	return &f.w.klist
}
func (f wellFilter) Attach(kn *sys.Knote) { f.list().Add(kn) }
func (f wellFilter) Detach(kn *sys.Knote) { f.list().Remove(kn) }
func (f wellFilter) Ready(kn *sys.Knote) sys.Readiness {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	switch f.filter {
	case sys.EVFILT_READ:
		return sys.Readiness{Ready: f.w.level > 0 || f.w.eof, Data: f.w.level, EOF: f.w.eof}
	case sys.EVFILT_WRITE:
		return sys.Readiness{Ready: true, Data: 100, EOF: f.w.eof}
	}
	return sys.Readiness{}
}

// table is a descriptor table.
type table struct {
	mu     sync.Mutex
	files  map[int32]*sys.OpenFile
	knotes Knotes
}

func newTable() *table { return &table{files: map[int32]*sys.OpenFile{}} }

func (t *table) Lookup(fd int32) (*sys.OpenFile, abi.Errno) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.files[fd]
	if f == nil {
		return nil, abi.EBADF
	}
	return f.Ref(), 0
}
func (t *table) Knotes() *Knotes { return &t.knotes }
func (t *table) open(fd int32, ops sys.FileOps) *sys.OpenFile {
	f := sys.NewOpenFile(ops, abi.FREAD|abi.FWRITE)
	t.mu.Lock()
	t.files[fd] = f
	t.mu.Unlock()
	return f
}
func (t *table) close(ctx *sys.Context, fd int32) {
	t.mu.Lock()
	f := t.files[fd]
	delete(t.files, fd)
	t.mu.Unlock()
	t.knotes.FdClose(fd, f)
	f.Unref(ctx)
}

func testContext(name string) *sys.Context {
	return &sys.Context{Thread: sched.NewThread(name), Cred: &sys.Cred{}, PID: 7}
}

// harness is one kqueue and what it needs.
type harness struct {
	*testing.T
	ctx *sys.Context
	tbl *table
	kq  *Kqueue
}

func newHarness(t *testing.T) *harness {
	return &harness{t, testContext("test"), newTable(), New()}
}

func (h *harness) change(want abi.Errno, ident uint64, filter int16, flags uint16, fflags uint32, data int64) {
	h.Helper()
	kev := abi.Kevent{Ident: ident, Filter: filter, Flags: flags, Fflags: fflags, Data: data, Udata: ident + 1000}
	if _, err := h.kq.Change(h.ctx, h.tbl, []abi.Kevent{kev}, nil); err != want {
		h.Fatalf("change %d/%d flags %#x: error %d, want %d", ident, filter, flags, err, want)
	}
}

func (h *harness) events(deadline sched.Deadline) []abi.Kevent {
	h.Helper()
	var buf [16]abi.Kevent
	n, err := h.kq.Scan(h.ctx, buf[:], deadline)
	if err != 0 {
		h.Fatalf("scan: %v", err)
	}
	return buf[:n]
}

// one expects one event now, none if ident is absent.
func (h *harness) one(ident uint64) abi.Kevent {
	h.Helper()
	ev := h.events(Immediate)
	if len(ev) != 1 || ev[0].Ident != ident || ev[0].Udata != ident+1000 {
		h.Fatalf("events %+v, want one of ident %d", ev, ident)
	}
	return ev[0]
}

func (h *harness) none() {
	h.Helper()
	if ev := h.events(Immediate); len(ev) != 0 {
		h.Fatalf("events %+v, want none", ev)
	}
}
