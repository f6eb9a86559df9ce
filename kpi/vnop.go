package kpi

import (
	"errors"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// vnopNames are the operations on vnodes, in the order of their places in a vector;
// rt/vnode_if.c has the same list.
var vnopNames = [...]string{"default", "lookup", "create", "whiteout", "mknod", "open", "close", "access", "getattr", "setattr", "read",
	"write", "ioctl", "select", "exchange", "revoke", "mmap", "mmap_check", "mnomap", "fsync", "remove", "link",
	"rename", "renamex", "mkdir", "rmdir", "symlink", "readdir", "readdirattr", "getattrlistbulk", "readlink",
	"inactive", "reclaim", "pathconf", "advlock", "allocate", "pagein", "pageout", "searchfs", "copyfile",
	"clonefile", "getxattr", "setxattr", "removexattr", "listxattr", "blktooff", "offtoblk", "blockmap",
	"strategy", "bwrite", "monitor"}

// vnops finds the place of an operation.
var vnops = func() map[string]int {
	m := map[string]int{}
	for i, n := range vnopNames {
		m[n] = i
	}
	return m
}()

// vnopRows are the operations' names as kernel code has them: vnop_lookup_desc.
func vnopRows() []Row {
	var l []Row
	for _, n := range vnopNames {
		r := Row{Name: "vnop_" + n + "_desc", Proto: "struct vnodeop_desc vnop_" + n + "_desc", Data: true}
		if !vnopCalled[n] {
			r.Note = "the kernel does not call it"
		}
		l = append(l, r)
	}
	return l
}

// vnopCalled are the operations that the kernel calls.
var vnopCalled = map[string]bool{"default": true, "lookup": true, "create": true, "mknod": true, "open": true, "close": true,
	"getattr": true, "setattr": true, "read": true, "write": true, "fsync": true, "remove": true, "link": true,
	"rename": true, "renamex": true, "mkdir": true, "rmdir": true, "symlink": true, "readdir": true, "readlink": true, "inactive": true,
	"reclaim": true, "pathconf": true}

// descAt finds the operation that a vnodeop_desc stands for.
func (k *KernelTask) descAt(a Addr) (int, bool) {
	for i, n := range vnopNames {
		if k.rtSymbol("_vnop_"+n+"_desc") == a {
			return i, true
		}
	}
	return 0, false
}

// vnopCall is one call of a file system: its arguments in the kernel task's memory, and the
// handles that end with it.
type vnopCall struct {
	k    *KernelTask
	ctx  *sys.Context
	at   Addr
	img  []byte
	h    []Addr
	uios []*uio
	poor bool // a handle could not be had
}

// vnopRoom is the memory of a call: 128 bytes of arguments, and what they point to.
const (
	vnopRoom = 4096
	vnopArgs = 128
)

// newVnop begins a call on behalf of ctx, which may be without a thread. ENOMEM.
func (k *KernelTask) newVnop(ctx *sys.Context) (*vnopCall, abi.Errno) {
	a, ok := k.alloc.get(vnopRoom, kindKernel, nil)
	if !ok {
		return nil, abi.ENOMEM
	}
	x := *threaded(ctx)
	return &vnopCall{k: k, ctx: &x, at: a, img: make([]byte, vnopArgs, vnopArgs+1024)}, 0
}

// done ends it.
func (a *vnopCall) done() {
	for _, u := range a.uios {
		u.end(a.ctx.Thread)
	}
	for _, h := range a.h {
		a.k.handle.drop(h)
	}
	a.k.alloc.put(a.at)
}

// room gives n bytes, zero, for the call.
func (a *vnopCall) room(n int) uint64 {
	at := len(a.img)
	a.img = append(a.img, make([]byte, (n+7)&^7)...)
	return uint64(a.at) + uint64(at)
}

func (a *vnopCall) bytes(b []byte) uint64 {
	at := a.room(len(b))
	copy(a.img[at-uint64(a.at):], b)
	return at
}

func (a *vnopCall) handle(o any) uint64 {
	h := a.k.handle.put(o)
	if h == 0 {
		a.poor = true
		return 0
	}
	a.h = append(a.h, h)
	return uint64(h)
}

// context is the vfs_context_t.
func (a *vnopCall) context() uint64 { return a.handle(&vfsContext{Context: a.ctx}) }

// uio is the uio_t of u.
func (a *vnopCall) uio(u *sys.Uio, write bool) uint64 {
	x := newUio(u, write)
	a.uios = append(a.uios, x)
	return a.handle(x)
}

// struct componentname (<sys/vnode.h>).
const (
	cnNameiop = 0
	cnFlags   = 4
	cnPnbuf   = 24
	cnPnlen   = 32
	cnNameptr = 40
	cnNamelen = 48
	cnSize    = 64

	nameLookup = 0
	nameCreate = 1
	nameDelete = 2
	nameRename = 3

	cnIsDotDot = 0x2000
	cnIsLast   = 0x8000
)

// name is a componentname: name, looked up for op.
func (a *vnopCall) name(name string, op uint32) uint64 {
	str := a.bytes(append([]byte(name), 0))
	var b [cnSize]byte
	flags := uint32(cnIsLast)
	if name == ".." {
		flags |= cnIsDotDot
	}
	le.PutUint32(b[cnNameiop:], op)
	le.PutUint32(b[cnFlags:], flags)
	le.PutUint64(b[cnPnbuf:], str)
	le.PutUint32(b[cnPnlen:], uint32(len(name)+1))
	le.PutUint64(b[cnNameptr:], str)
	le.PutUint32(b[cnNamelen:], uint32(len(name)))
	return a.bytes(b[:])
}

// vattrRoom is more than struct vnode_attr has in any generation.
const vattrRoom = 1024

// newAttr is the vnode_attr of a file that is to be made.
func (a *vnopCall) newAttr(t vfs.VType, mode uint16, rdev int32) uint64 {
	b := make([]byte, vattrRoom)
	const vaRdev, vaUID, vaGID, vaMode, vaType = 20, 68, 72, 76, 224
	active := uint64(1<<7 | 1<<9 | 1<<24)
	if t == vfs.VBLK || t == vfs.VCHR {
		active |= 1 << 0
		le.PutUint32(b[vaRdev:], uint32(rdev))
	}
	le.PutUint64(b[vaActive:], active)
	le.PutUint32(b[vaUID:], a.ctx.Cred.UID)
	le.PutUint16(b[vaMode:], mode)
	le.PutUint32(b[vaType:], uint32(t))
	return a.bytes(b)
}

// errJust is EJUSTRETURN, by which VNOP_LOOKUP says that a name isn't there but may be made.
const errJust abi.Errno = -2

// up calls fn with the words of its structure, of which the first is the operation's desc, and
// gives the errno. What the code makes of its arguments' memory get and take read. EIO when it
// has panicked.
func (a *vnopCall) up(fn Addr, desc Addr, words ...uint64) abi.Errno {
	le.PutUint64(a.img, uint64(desc))
	for i, w := range words {
		le.PutUint64(a.img[8*(i+1):], w)
	}
	return a.call(fn, uint64(a.at))
}

// call calls fn with arguments as they are.
func (a *vnopCall) call(fn Addr, args ...uint64) abi.Errno {
	if a.poor || !a.k.Write(a.at, a.img) {
		return abi.ENOMEM
	}
	v, err := a.k.CallContext(a.ctx, fn, args...)
	switch {
	case errors.Is(err, ErrNoMemory):
		return abi.ENOMEM
	case err != nil:
		return abi.EIO
	case int32(v) == int32(errJust):
		return errJust
	}
	return guestErrno(v)
}

// get reads a word that the code has stored.
func (a *vnopCall) get(at uint64) uint64 {
	v, _ := a.k.U64(Addr(at))
	return v
}
