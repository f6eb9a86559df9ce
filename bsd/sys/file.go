package sys

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
)

// DType says what an open file is (DTYPE_*, <sys/file_internal.h>).
type DType uint8

const (
	DTypeVnode  DType = 1
	DTypeSocket DType = 2
	DTypePshm   DType = 3
	DTypePsem   DType = 4
	DTypeKqueue DType = 5
	DTypePipe   DType = 6
)

// FileOps is struct fileops: what each kind of open file does. Methods may be
// called concurrently and may sleep on ctx.Thread. An Errno of EINTR from a
// sleep means that a signal ended it before anything was moved; partial
// transfers return success with Resid > 0.
type FileOps interface {
	Type() DType
	// Read moves data into u. Vnodes use u.Offset; streams ignore it. flags are
	// the open file's current FREAD... flags (O_NONBLOCK matters).
	Read(ctx *Context, u *Uio, flags int) abi.Errno
	Write(ctx *Context, u *Uio, flags int) abi.Errno
	// Ioctl gets the argument in data, already copied in as cmd's size says,
	// and leaves the result there, to be copied out. ENOTTY for an unknown cmd.
	Ioctl(ctx *Context, cmd uint64, data []byte) abi.Errno
	Stat(ctx *Context, st *abi.Stat) abi.Errno
	// Filter is the file's side of kevent, select and poll for one EVFILT_*;
	// nil where the filter does not apply (EINVAL).
	Filter(filter int16) Filter
	// Close is called once, when the last descriptor goes.
	Close(ctx *Context) abi.Errno
}

// OpenFile is a fileglob: what open made, shared by dup and fork.
type OpenFile struct {
	Ops  FileOps
	flag atomic.Int32 // FREAD, FWRITE, O_NONBLOCK, O_APPEND, O_ASYNC ...
	refs atomic.Int32
	fds  atomic.Int32 // descriptors, in all tables

	// OffMu serialises reads and writes that use and move Offset.
	OffMu  sync.Mutex
	Offset int64

	// Locked is set when an advisory flock was taken through this file, so
	// that the last close drops it.
	Locked atomic.Bool

	// Detach is called before Ops.Close, by whoever must forget the file (kqueues).
	detachMu sync.Mutex
	detach   []func()
}

// MaxFiles is how many files may be open in the machine (kern.maxfiles).
const MaxFiles = 98304

var openFiles atomic.Int64

// OpenFiles is how many files are open, in all machines of this Go process.
func OpenFiles() int64 { return openFiles.Load() }

// NewOpenFile makes an open file with one reference. flags are kernel flags
// (FREAD and FWRITE, not O_RDONLY).
func NewOpenFile(ops FileOps, flags int) *OpenFile {
	f := &OpenFile{Ops: ops}
	f.flag.Store(int32(flags))
	f.refs.Store(1)
	openFiles.Add(1)
	return f
}

// Flags gives the current flags.
func (f *OpenFile) Flags() int { return int(f.flag.Load()) }

// SetFlags replaces the bits in mask by those in flags.
func (f *OpenFile) SetFlags(flags, mask int) {
	for {
		old := f.flag.Load()
		if f.flag.CompareAndSwap(old, old&^int32(mask)|int32(flags&mask)) {
			return
		}
	}
}

// Ref takes a reference. The caller must hold one.
func (f *OpenFile) Ref() *OpenFile { f.refs.Add(1); return f }

// Refs is the number of references, for tests and for tools.
func (f *OpenFile) Refs() int { return int(f.refs.Load()) }

// Drainer is a file in which threads sleep for long: when its last descriptor goes
// while they do, they hold references, and Close would not come.
type Drainer interface {
	// Drain ends the sleeps, and those that begin from now on, with EBADF.
	Drain()
}

// Undrainer is a Drainer that can get a new descriptor afterwards: a socket that
// was in a message.
type Undrainer interface {
	// Undrain lets threads sleep again.
	Undrain()
}

// DescAdd notes that f has a descriptor more. A table calls it, with its lock held,
// for what it enters.
func (f *OpenFile) DescAdd() {
	if f.fds.Add(1) == 1 {
		if d, ok := f.Ops.(Undrainer); ok {
			d.Undrain()
		}
	}
}

// Described says whether f has a descriptor already.
func (f *OpenFile) Described() bool { return f.fds.Load() > 0 }

// DescDrop notes that f has a descriptor less, and drains it with the last one.
// A table calls it when it has taken the entry out, before it drops the
// reference, without locks.
func (f *OpenFile) DescDrop() {
	if f.fds.Add(-1) == 0 && f.Refs() > 1 {
		if d, ok := f.Ops.(Drainer); ok {
			d.Drain()
		}
		if u, ok := f.Ops.(Undrainer); ok && f.fds.Load() > 0 {
			u.Undrain() // it came back meanwhile
		}
	}
}

// Unref drops a reference and closes with the last one.
func (f *OpenFile) Unref(ctx *Context) abi.Errno {
	if n := f.refs.Add(-1); n > 0 {
		return 0
	} else if n < 0 {
		panic("sys: OpenFile reference count below zero")
	}
	openFiles.Add(-1)
	f.detachMu.Lock()
	d := f.detach
	f.detach = nil
	f.detachMu.Unlock()
	for _, fn := range d {
		fn()
	}
	return f.Ops.Close(ctx)
}

// OnLastClose has fn called before the file is closed for good.
func (f *OpenFile) OnLastClose(fn func()) {
	f.detachMu.Lock()
	f.detach = append(f.detach, fn)
	f.detachMu.Unlock()
}
