package kern

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/kqueue"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// OpenMax is the most descriptors that a table can hold, whatever the limit
// (kern.maxfilesperproc).
const OpenMax = 10240 * 4

// Flags of a descriptor.
const (
	FDCloexec  = 1 // FD_CLOEXEC
	FDClofork  = 2 // O_CLOFORK
	fdReserved = 0x80
)

type fdent struct {
	f     *sys.OpenFile
	flags uint8
}

// FileDesc is a descriptor table (struct filedesc). Every file that it hands
// out carries a reference, so that a close by another thread does no harm.
type FileDesc struct {
	mu     sync.RWMutex
	ents   []fdent
	used   []uint64 // bit set: taken (a file, or reserved)
	open   int
	knotes kqueue.Knotes
	aio    atomic.Pointer[aioTable] // made by the first request
}

// NewFileDesc makes an empty table.
func NewFileDesc() *FileDesc { return &FileDesc{} }

// Lookup gives the open file, with a reference for the caller to drop. EBADF.
func (t *FileDesc) Lookup(fd int32) (*sys.OpenFile, abi.Errno) {
	t.mu.RLock()
	if uint32(fd) >= uint32(len(t.ents)) || t.ents[fd].f == nil {
		t.mu.RUnlock()
		return nil, abi.EBADF
	}
	f := t.ents[fd].f.Ref()
	t.mu.RUnlock()
	return f, 0
}

// Knotes is the table's list of registrations, for kqueues.
func (t *FileDesc) Knotes() *kqueue.Knotes { return &t.knotes }

// Flags gives a descriptor's flags; SetFlags sets them. EBADF.
func (t *FileDesc) Flags(fd int32) (uint8, abi.Errno) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if uint32(fd) >= uint32(len(t.ents)) || t.ents[fd].f == nil {
		return 0, abi.EBADF
	}
	return t.ents[fd].flags &^ fdReserved, 0
}

// SetFlags replaces a descriptor's flags. EBADF.
func (t *FileDesc) SetFlags(fd int32, flags uint8) abi.Errno {
	t.mu.Lock()
	defer t.mu.Unlock()
	if uint32(fd) >= uint32(len(t.ents)) || t.ents[fd].f == nil {
		return abi.EBADF
	}
	t.ents[fd].flags = flags & (FDCloexec | FDClofork)
	return 0
}

// lowest finds the lowest free descriptor that is at least from. t.mu held.
func (t *FileDesc) lowest(from int) int {
	for w := from / 64; w < len(t.used); w++ {
		free := ^t.used[w]
		if w == from/64 {
			free &= ^uint64(0) << (from % 64)
		}
		if free != 0 {
			return w*64 + bits.TrailingZeros64(free)
		}
	}
	return max(from, len(t.used)*64)
}

// grow makes room for descriptor fd. t.mu held.
func (t *FileDesc) grow(fd int) {
	if fd < len(t.ents) {
		return
	}
	n := max(fd+1, 2*len(t.ents), 32)
	t.ents = append(t.ents, make([]fdent, n-len(t.ents))...)
	if w := (n + 63) / 64; w > len(t.used) {
		t.used = append(t.used, make([]uint64, w-len(t.used))...)
	}
}

// set enters f, whose reference it takes over. t.mu held.
func (t *FileDesc) set(fd int, f *sys.OpenFile, flags uint8) {
	t.grow(fd)
	t.ents[fd] = fdent{f, flags}
	t.used[fd/64] |= 1 << (fd % 64)
	t.open++
	f.DescAdd()
}

// take removes an entry. t.mu held.
func (t *FileDesc) take(fd int) *sys.OpenFile {
	f := t.ents[fd].f
	t.ents[fd] = fdent{}
	t.used[fd/64] &^= 1 << (fd % 64)
	if f != nil {
		t.open--
	}
	return f
}

// Alloc is fdalloc: it enters f at the lowest free descriptor from min up and
// below limit, and takes over the caller's reference, also when it fails with
// EMFILE, or with ENFILE when too many files are open in the machine, only the caller
// keeps it.
func (t *FileDesc) Alloc(f *sys.OpenFile, min int, flags uint8, limit uint64) (int32, abi.Errno) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fd := t.lowest(min)
	if fd >= OpenMax || uint64(fd) >= limit {
		return -1, abi.EMFILE
	}
	if sys.OpenFiles() > sys.MaxFiles && !f.Described() {
		return -1, abi.ENFILE
	}
	t.set(fd, f, flags)
	return int32(fd), 0
}

// Close is close(2). EBADF, or what the last close of the file says.
func (t *FileDesc) Close(ctx *sys.Context, fd int32) abi.Errno {
	t.mu.Lock()
	if uint32(fd) >= uint32(len(t.ents)) || t.ents[fd].f == nil {
		t.mu.Unlock()
		return abi.EBADF
	}
	f := t.take(int(fd))
	t.mu.Unlock()
	return t.gone(ctx, fd, f)
}

// Dup2 makes to a second descriptor of from, closing what was there, with the
// given flags. EBADF.
func (t *FileDesc) Dup2(ctx *sys.Context, from, to int32, flags uint8, limit uint64) abi.Errno {
	t.mu.Lock()
	if uint32(from) >= uint32(len(t.ents)) || t.ents[from].f == nil ||
		to < 0 || to >= OpenMax || uint64(to) >= limit {
		t.mu.Unlock()
		return abi.EBADF
	}
	if from == to {
		t.mu.Unlock()
		return 0
	}
	t.grow(int(to))
	f := t.ents[from].f.Ref()
	old := t.take(int(to))
	t.set(int(to), f, flags)
	t.mu.Unlock()
	if old != nil {
		t.gone(ctx, to, old)
	}
	return 0
}

// Install enters f, whose reference it takes over also in failure, as descriptor
// fd, closing what was there. EBADF for a number out of range.
func (t *FileDesc) Install(ctx *sys.Context, fd int32, f *sys.OpenFile, limit uint64) abi.Errno {
	if fd < 0 || fd >= OpenMax || uint64(fd) >= limit {
		f.Unref(ctx)
		return abi.EBADF
	}
	t.mu.Lock()
	t.grow(int(fd))
	old := t.take(int(fd))
	t.set(int(fd), f, 0)
	t.mu.Unlock()
	if old != nil {
		t.gone(ctx, fd, old)
	}
	return 0
}

// Fork copies the table for a child: kqueues and close-on-fork descriptors
// stay behind, and so do registrations.
func (t *FileDesc) Fork() *FileDesc {
	n := NewFileDesc()
	t.mu.RLock()
	defer t.mu.RUnlock()
	n.ents = make([]fdent, len(t.ents))
	n.used = make([]uint64, len(t.used))
	for fd, e := range t.ents {
		if e.f == nil || e.flags&FDClofork != 0 || e.f.Ops.Type() == sys.DTypeKqueue {
			continue
		}
		n.ents[fd] = fdent{e.f.Ref(), e.flags}
		e.f.DescAdd()
		n.used[fd/64] |= 1 << (fd % 64)
		n.open++
	}
	return n
}

// CloseExec closes what exec does not pass on: close-on-exec descriptors, or,
// with all, every descriptor that keep does not name.
func (t *FileDesc) CloseExec(ctx *sys.Context, all bool, keep map[int32]bool) {
	t.closeIf(ctx, func(fd int32, e fdent) bool {
		return e.flags&FDCloexec != 0 || all && !keep[fd]
	})
}

// CloseAll closes everything, at exit.
func (t *FileDesc) CloseAll(ctx *sys.Context) {
	t.closeIf(ctx, func(int32, fdent) bool { return true })
}

func (t *FileDesc) closeIf(ctx *sys.Context, want func(int32, fdent) bool) {
	t.mu.Lock()
	type closing struct {
		fd int32
		f  *sys.OpenFile
	}
	var l []closing
	for fd, e := range t.ents {
		if e.f != nil && want(int32(fd), e) {
			l = append(l, closing{int32(fd), t.take(fd)})
		}
	}
	t.mu.Unlock()
	for _, c := range l {
		t.gone(ctx, c.fd, c.f)
	}
}

// Open lists the open descriptors in order, for proc_info.
func (t *FileDesc) Open() []int32 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	l := make([]int32, 0, t.open)
	for fd, e := range t.ents {
		if e.f != nil {
			l = append(l, int32(fd))
		}
	}
	return l
}

// Size is one more than the highest descriptor that the table has room for.
func (t *FileDesc) Size() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.ents)
}

// gone ends what hangs on a descriptor whose entry is out of the table, and closes it.
func (t *FileDesc) gone(ctx *sys.Context, fd int32, f *sys.OpenFile) abi.Errno {
	t.aioClose(ctx, fd, f)
	t.knotes.FdClose(fd, f)
	return closef(ctx, f)
}

// closef drops a descriptor's reference. POSIX record locks of the process go
// with any of its descriptors for the file; threads that sleep in a kqueue or a
// socket wake when the last descriptor goes.
func closef(ctx *sys.Context, f *sys.OpenFile) abi.Errno {
	vfs.LockClose(f, ctx.Proc)
	f.DescDrop()
	return f.Unref(ctx)
}
