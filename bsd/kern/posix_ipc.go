package kern

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
	"puggle/mach/vm"
)

// POSIX named semaphores and shared memory: objects with a flat name space of
// their own, open as descriptors (a sem_t * is a descriptor's number, as on
// Darwin). An object lives while it has a name, a descriptor or a mapping.

// PosixNameMax is the longest name, in bytes (PSEMNAMLEN, PSHMNAMLEN).
const PosixNameMax = 31

const (
	semValueMax = 32767
	maxNamed    = 4096 // objects with names, of each kind
)

// posixNames has the objects of a machine by name.
type posixNames struct {
	mu   sync.Mutex
	sems map[string]*psem
	shms map[string]*pshm
}

// owner is whose an object is, and who may open it.
type owner struct {
	uid, gid uint32
	mode     uint16
}

func newOwner(ctx *sys.Context, mode uint16) owner {
	return owner{ctx.Cred.UID, ctx.Cred.GID, mode &^ uint16(ctx.Umask) & 0o777}
}

// may says whether bits (4 read, 2 write) are allowed.
func (o owner) may(c *sys.Cred, bits uint16) bool {
	switch {
	case c.IsSuser():
		return true
	case c.UID == o.uid:
		return o.mode>>6&bits == bits
	case c.IsMember(o.gid):
		return o.mode>>3&bits == bits
	}
	return o.mode&bits == bits
}

func (o owner) stat(st *abi.Stat) { st.UID, st.GID, st.Mode = o.uid, o.gid, o.mode }

type psem struct {
	owner
	name  string
	mu    sync.Mutex
	value int
	q     sched.WaitQueue
}

// psemFile is a descriptor of a semaphore; nothing but the sem calls works on it.
type psemFile struct{ s *psem }

func (f *psemFile) Type() sys.DType                               { return sys.DTypePsem }
func (f *psemFile) Read(*sys.Context, *sys.Uio, int) abi.Errno    { return abi.ENOTSUP }
func (f *psemFile) Write(*sys.Context, *sys.Uio, int) abi.Errno   { return abi.ENOTSUP }
func (f *psemFile) Ioctl(*sys.Context, uint64, []byte) abi.Errno  { return abi.ENOTSUP }
func (f *psemFile) Filter(int16) sys.Filter                       { return nil }
func (f *psemFile) Close(*sys.Context) abi.Errno                  { return 0 }
func (f *psemFile) Stat(ctx *sys.Context, st *abi.Stat) abi.Errno { f.s.stat(st); return 0 }

// Name is the semaphore's, for proc_info.
func (f *psemFile) Name() string { return f.s.name }

// SemOpen is sem_open: an open file of the semaphore. EINVAL, ENAMETOOLONG,
// EEXIST, ENOENT, EACCES, ENOSPC.
func (s *System) SemOpen(ctx *sys.Context, name string, oflag int, mode uint16, value uint32) (*sys.OpenFile, abi.Errno) {
	if e := posixName(name); e != 0 {
		return nil, e
	}
	n := &s.posix
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.sems[name]
	switch {
	case p != nil && oflag&abi.O_CREAT != 0 && oflag&abi.O_EXCL != 0:
		return nil, abi.EEXIST
	case p != nil:
		if !p.may(ctx.Cred, 6) {
			return nil, abi.EACCES
		}
	case oflag&abi.O_CREAT == 0:
		return nil, abi.ENOENT
	case value > semValueMax:
		return nil, abi.EINVAL
	case len(n.sems) >= maxNamed:
		return nil, abi.ENOSPC
	default:
		p = &psem{owner: newOwner(ctx, mode), name: name, value: int(value)}
		if n.sems == nil {
			n.sems = make(map[string]*psem)
		}
		n.sems[name] = p
	}
	return sys.NewOpenFile(&psemFile{p}, abi.FREAD|abi.FWRITE), 0
}

func posixName(name string) abi.Errno {
	switch {
	case name == "":
		return abi.EINVAL
	case len(name) > PosixNameMax:
		return abi.ENAMETOOLONG
	}
	return 0
}

// SemUnlink is sem_unlink: ENOENT, EACCES.
func (s *System) SemUnlink(ctx *sys.Context, name string) abi.Errno {
	n := &s.posix
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.sems[name]
	if p == nil {
		return abi.ENOENT
	}
	if !ctx.Cred.IsSuser() && ctx.Cred.UID != p.uid {
		return abi.EACCES
	}
	delete(n.sems, name)
	return 0
}

// SemPost is sem_post on an open file: EBADF if it is no semaphore, EOVERFLOW.
func SemPost(f *sys.OpenFile) abi.Errno {
	pf, ok := f.Ops.(*psemFile)
	if !ok {
		return abi.EBADF
	}
	p := pf.s
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.value == semValueMax {
		return abi.EOVERFLOW
	}
	p.value++
	p.q.WakeupOne(sched.Awakened)
	return 0
}

// SemWait is sem_wait, or sem_trywait if it must not sleep: EAGAIN, EINTR, EBADF.
func SemWait(t *sched.Thread, f *sys.OpenFile, try bool) abi.Errno {
	pf, ok := f.Ops.(*psemFile)
	if !ok {
		return abi.EBADF
	}
	p := pf.s
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.value == 0 {
		if try {
			return abi.EAGAIN
		}
		if sched.Sleep(t, &p.q, &p.mu, sched.Interruptible, sched.Forever) == sched.Interrupted && p.value == 0 {
			return abi.EINTR
		}
	}
	p.value--
	return 0
}

type pshm struct {
	owner
	name string
	mu   sync.Mutex
	obj  *vm.Object // nil until its size is set
	size int64
	refs int // the name's and the descriptors', guarded by posixNames.mu
}

// pshmFile is a descriptor of shared memory: it can be sized once, and mapped.
type pshmFile struct {
	n *posixNames
	p *pshm
}

func (f *pshmFile) Type() sys.DType                              { return sys.DTypePshm }
func (f *pshmFile) Read(*sys.Context, *sys.Uio, int) abi.Errno   { return abi.ENOTSUP }
func (f *pshmFile) Write(*sys.Context, *sys.Uio, int) abi.Errno  { return abi.ENOTSUP }
func (f *pshmFile) Ioctl(*sys.Context, uint64, []byte) abi.Errno { return abi.ENOTSUP }
func (f *pshmFile) Filter(int16) sys.Filter                      { return nil }

// Name is the memory's, for proc_info.
func (f *pshmFile) Name() string { return f.p.name }

func (f *pshmFile) Stat(ctx *sys.Context, st *abi.Stat) abi.Errno {
	f.p.mu.Lock()
	defer f.p.mu.Unlock()
	f.p.stat(st)
	st.Size = f.p.size
	return 0
}

func (f *pshmFile) Close(*sys.Context) abi.Errno {
	f.n.mu.Lock()
	defer f.n.mu.Unlock()
	f.p.drop()
	return 0
}

// drop gives a reference back; posixNames.mu is held. Mappings have references
// of their own to the memory.
func (p *pshm) drop() {
	if p.refs--; p.refs == 0 {
		p.mu.Lock()
		if p.obj != nil {
			p.obj.Unref()
			p.obj = nil
		}
		p.mu.Unlock()
	}
}

// shmMax bounds one object: 1 TB, as sparse as physical memory allows.
const shmMax = 1 << 40

// Truncate sets the size, once: EINVAL after that, ENOMEM.
func (f *pshmFile) Truncate(size int64) abi.Errno {
	f.p.mu.Lock()
	defer f.p.mu.Unlock()
	switch {
	case f.p.obj != nil || size <= 0:
		return abi.EINVAL
	case size > shmMax:
		return abi.ENOMEM
	}
	f.p.obj, f.p.size = vm.NewObject(uint64(size)), size
	return 0
}

// MemoryObject is what mmap maps, with a reference; nil before Truncate.
func (f *pshmFile) MemoryObject() *vm.Object {
	f.p.mu.Lock()
	defer f.p.mu.Unlock()
	if f.p.obj == nil {
		return nil
	}
	return f.p.obj.Ref()
}

// ShmOpen is shm_open. Errors as SemOpen's; EINVAL for O_WRONLY, and for O_TRUNC of what has a size.
func (s *System) ShmOpen(ctx *sys.Context, name string, oflag int, mode uint16) (*sys.OpenFile, abi.Errno) {
	if e := posixName(name); e != 0 {
		return nil, e
	}
	fflags, bits := abi.FREAD, uint16(4)
	switch oflag & 3 {
	case abi.O_RDONLY:
	case abi.O_RDWR:
		fflags, bits = abi.FREAD|abi.FWRITE, 6
	default:
		return nil, abi.EINVAL
	}
	n := &s.posix
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.shms[name]
	switch {
	case p != nil && oflag&abi.O_CREAT != 0 && oflag&abi.O_EXCL != 0:
		return nil, abi.EEXIST
	case p != nil:
		if !p.may(ctx.Cred, bits) {
			return nil, abi.EACCES
		}
		p.mu.Lock()
		sized := p.obj != nil
		p.mu.Unlock()
		if sized && oflag&abi.O_TRUNC != 0 {
			return nil, abi.EINVAL
		}
	case oflag&abi.O_CREAT == 0:
		return nil, abi.ENOENT
	case len(n.shms) >= maxNamed:
		return nil, abi.ENOSPC
	default:
		p = &pshm{owner: newOwner(ctx, mode), name: name, refs: 1}
		if n.shms == nil {
			n.shms = make(map[string]*pshm)
		}
		n.shms[name] = p
	}
	p.refs++
	return sys.NewOpenFile(&pshmFile{n, p}, fflags), 0
}

// ShmUnlink is shm_unlink: ENOENT, EACCES.
func (s *System) ShmUnlink(ctx *sys.Context, name string) abi.Errno {
	n := &s.posix
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.shms[name]
	if p == nil {
		return abi.ENOENT
	}
	if !ctx.Cred.IsSuser() && ctx.Cred.UID != p.uid {
		return abi.EACCES
	}
	delete(n.shms, name)
	p.drop()
	return 0
}
