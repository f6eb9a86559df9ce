package kpi

import (
	"bytes"
	"strings"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

func init() {
	register("sys/vnode_if.h", "2006", "bsd", []Row{
		{Name: "VNOP_READ", Proto: "errno_t VNOP_READ(vnode_t vp, struct uio *uio, int ioflag, vfs_context_t ctx)", Handler: ofVnodeSleeping(vnopMove(false))},
		{Name: "VNOP_WRITE", Proto: "errno_t VNOP_WRITE(vnode_t vp, struct uio *uio, int ioflag, vfs_context_t ctx)", Handler: ofVnodeSleeping(vnopMove(true))},
		{Name: "VNOP_FSYNC", Proto: "errno_t VNOP_FSYNC(vnode_t vp, int waitfor, vfs_context_t ctx)", Handler: ofVnodeSleeping(func(c *Call, v *vfs.Vnode) uint64 {
			x, ok := c.vfs(2)
			if !ok {
				return 0
			}
			return uint64(v.Ops.Fsync(x, vfs.SyncFile))
		})},
	})
}

// vnopMove reads or writes any vnode that is open, by a uio that the kernel has lent.
func vnopMove(write bool) func(c *Call, v *vfs.Vnode) uint64 {
	return func(c *Call, v *vfs.Vnode) uint64 {
		u := c.uio(1)
		x, ok := c.vfs(3)
		if u == nil || !ok {
			return 0
		}
		if v.Type == vfs.VDIR {
			return uint64(abi.EISDIR)
		}
		if u.write != write {
			return uint64(abi.EINVAL)
		}
		flags := abi.FWRITE
		if c.U32(2)&ioAppend != 0 {
			flags |= abi.O_APPEND
		}
		if c.U32(2)&ioSync != 0 {
			flags |= abi.O_SYNC
		}
		var e abi.Errno
		owner := c.Owner()
		ok = u.lend(func(u *sys.Uio) {
			if write {
				e = v.Ops.Write(x, u, flags)
			} else {
				e = v.Ops.Read(x, u, abi.FREAD)
			}
		}, func() { c.K.keeps(owner, "a uio whose call is over is still being moved by a thread of its own") })
		if !ok {
			return c.Panic(hex(c.Addr(1)) + " is no uio any more, or in use already")
		}
		return uint64(e)
	}
}

// keeps is the end of an extension that keeps the kernel waiting; nil is only reported.
func (k *KernelTask) keeps(e *Extension, what string) {
	if e == nil {
		k.diagnose(what + "\n")
		return
	}
	p := &Panic{Reason: what, Extension: e}
	e.die(p)
	k.diagnose(p.Error() + "\n")
}

// none is an operation's words when it has none but the vnode and the context.
func none(*vnopCall) []uint64 { return nil }

// Open checks permission, then asks the file system.
func (n *kextNode) Open(ctx *sys.Context, flags int) (*sys.OpenFile, abi.Errno) {
	mode := 0
	if flags&abi.FREAD != 0 {
		mode |= abi.R_OK
	}
	if flags&(abi.FWRITE|abi.O_TRUNC) != 0 {
		mode |= abi.W_OK
	}
	if !vfs.Created(flags) && mode != 0 {
		if e := n.allowed(ctx, mode); e != 0 {
			return nil, e
		}
	}
	return nil, n.call(ctx, "open", func(*vnopCall) []uint64 { return []uint64{uint64(uint32(flags))} }, nil)
}

// Close ends an open.
func (n *kextNode) Close(ctx *sys.Context, flags int) abi.Errno {
	return n.call(ctx, "close", func(*vnopCall) []uint64 { return []uint64{uint64(uint32(flags))} }, nil)
}

// vnopIOFlags are IO_* of an open file's flags.
func vnopIOFlags(flags int) uint64 {
	f := uint64(ioFlags(flags))
	if flags&abi.O_APPEND != 0 {
		f |= ioAppend
	}
	if flags&abi.O_SYNC != 0 {
		f |= ioSync
	}
	return f
}

// Read reads at u.Offset.
func (n *kextNode) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	return n.move(ctx, "read", u, flags)
}

// Write writes at u.Offset, or at the end.
func (n *kextNode) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	return n.move(ctx, "write", u, flags)
}

func (n *kextNode) move(ctx *sys.Context, op string, u *sys.Uio, flags int) abi.Errno {
	resid, start := u.Resid, u.Offset
	e := n.call(ctx, op, func(a *vnopCall) []uint64 {
		return []uint64{a.uio(u, op == "write"), vnopIOFlags(flags)}
	}, nil)
	// Where the file goes on is not the file system's to say, except after appending.
	if flags&abi.O_APPEND == 0 || op == "read" || u.Offset < 0 {
		u.Offset = start + resid - u.Resid
	}
	return e
}

// Fsync writes everything out.
func (n *kextNode) Fsync(ctx *sys.Context, how vfs.SyncHow) abi.Errno {
	e := n.call(ctx, "fsync", func(*vnopCall) []uint64 { return []uint64{abi.MNT_WAIT} }, nil)
	if e == abi.ENOTSUP {
		e = 0
	}
	return e
}

// Readlink reads a link: EIO for one that is empty, too long, or has a NUL in it.
func (n *kextNode) Readlink(ctx *sys.Context) (string, abi.Errno) {
	if n.v.Type != vfs.VLNK {
		return "", abi.EINVAL
	}
	b := make([]byte, abi.MAXPATHLEN)
	u := sys.NewUio(b)
	e := n.call(ctx, "readlink", func(a *vnopCall) []uint64 { return []uint64{a.uio(u, false)} }, nil)
	if e != 0 {
		return "", e
	}
	target := string(b[:int64(len(b))-u.Resid])
	if target == "" || len(target) >= abi.MAXPATHLEN || strings.IndexByte(target, 0) >= 0 {
		return "", abi.EIO
	}
	return target, 0
}

// A position in a directory is the file system's own, at which a block of entries begins, and
// how many of them to skip above it. The latter is good only while the directory stays as it is:
// where a reader stops, the file system is asked for a position of its own.
const (
	readdirBlock = 4096
	readdirShift = 48
	readdirMax   = 1 << 18 // blocks
)

// Readdir lists. EIO for entries that are none.
func (n *kextNode) Readdir(ctx *sys.Context, off int64, emit func(*abi.Dirent) bool) abi.Errno {
	if !n.v.IsDir() {
		return abi.ENOTDIR
	}
	flags := uint64(0)
	if n.fs.typ.flags&tblReaddirExt != 0 {
		flags = 3 // VNODE_READDIR_EXTENDED | VNODE_READDIR_REQSEEKOFF
	}
	at, skip := off&(1<<readdirShift-1), off>>readdirShift
	if off < 0 {
		return abi.EINVAL
	}
	for range readdirMax {
		b, next, eof, e := n.block(ctx, at, readdirBlock, flags)
		if e != 0 {
			return e
		}
		l, ok := dirents(b, flags != 0)
		if !ok || next < 0 || next>>readdirShift != 0 || len(b) > 0 && next == at {
			return abi.EIO
		}
		for i := range l {
			if int64(i) < skip {
				continue
			}
			d := &l[i]
			counted := d.Off <= 0 || d.Off>>readdirShift != 0
			if i == len(l)-1 {
				d.Off = next
			} else if counted {
				d.Off = at | int64(i+1)<<readdirShift
			}
			if emit(&d.Dirent) {
				continue
			}
			if int64(i) > skip && l[i-1].Off>>readdirShift != 0 {
				// Just those before it once more. If they are others now, it can't be known.
				again, next, _, e := n.block(ctx, at, l[i-1].end, flags)
				if e == 0 && bytes.Equal(again, b[:l[i-1].end]) && next > 0 && next>>readdirShift == 0 {
					l[i-1].Off = next
				}
			}
			return 0
		}
		if len(b) == 0 || eof { // entries may all be deleted ones
			return 0
		}
		at, skip = next, 0
	}
	return abi.EIO
}

// block asks for entries from a position on, of up to size bytes, and gives the position behind
// them and whether they are the last.
func (n *kextNode) block(ctx *sys.Context, at int64, size int, flags uint64) (b []byte, next int64, last bool, e abi.Errno) {
	b = make([]byte, size)
	u := sys.NewUio(b)
	u.Offset = at
	var eof uint64
	e = n.call(ctx, "readdir", func(a *vnopCall) []uint64 {
		eof = a.room(16)
		return []uint64{a.uio(u, false), flags, eof, eof + 8}
	}, func(a *vnopCall) abi.Errno {
		last = uint32(a.get(eof)) != 0
		return 0
	})
	return b[:int64(len(b))-u.Resid], u.Offset, last, e
}

// dirent is an entry of a block, which ends at a byte of it. Off is what the file system says, 0 if
// nothing.
type dirent struct {
	abi.Dirent
	end int
}

// dirents are the entries in a block: struct dirent, or struct direntry (<sys/dirent.h>). Those
// without a number are deleted ones.
func dirents(b []byte, extended bool) (l []dirent, ok bool) {
	head := 8
	if extended {
		head = 21
	}
	whole := len(b)
	for len(b) > 0 {
		if len(b) < head {
			return nil, false
		}
		var d dirent
		var size, name int
		if extended {
			d.Ino, size, name, d.Type = le.Uint64(b), int(le.Uint16(b[16:])), int(le.Uint16(b[18:])), b[20]
			d.Off = int64(le.Uint64(b[8:]))
		} else {
			d.Ino, size, d.Type, name = uint64(le.Uint32(b)), int(le.Uint16(b[4:])), b[6], int(b[7])
		}
		if size < head+name+1 || size > len(b) || name == 0 || name > abi.NAME_MAX {
			return nil, false
		}
		d.Name = string(b[head : head+name])
		if strings.IndexByte(d.Name, 0) >= 0 || strings.IndexByte(d.Name, '/') >= 0 {
			return nil, false
		}
		b = b[size:]
		if d.end = whole - len(b); d.Ino != 0 {
			l = append(l, d)
		}
	}
	return l, true
}

// Pathconf asks the file system.
func (n *kextNode) Pathconf(ctx *sys.Context, name int) (v int64, e abi.Errno) {
	var at uint64
	e = n.call(ctx, "pathconf", func(a *vnopCall) []uint64 {
		at = a.room(8)
		return []uint64{uint64(uint32(name)), at}
	}, func(a *vnopCall) abi.Errno { v = int64(int32(a.get(at))); return 0 })
	if e == abi.ENOTSUP {
		e = abi.EINVAL
	}
	return v, e
}
