package vfs

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
)

// File is an open vnode: the vnops vector of fileops. It owns a reference.
type File struct {
	v     *Vnode
	dev   sys.FileOps // does the I/O of a device; nil for others
	flags int         // as opened
	of    *sys.OpenFile
	dir   sync.Mutex // directory reads, one at a time
	quiet bool       // nobody is told when it is closed
	wrote atomic.Bool
}

// VnodeOf gives the vnode of an open file, without a reference of the caller's
// own; nil if it is no vnode.
func VnodeOf(of *sys.OpenFile) *Vnode {
	if f, ok := of.Ops.(interface{ Vnode() *Vnode }); ok {
		return f.Vnode()
	}
	return nil
}

// Device gives what does the I/O of an open device (a terminal, say); nil for
// other files.
func Device(of *sys.OpenFile) sys.FileOps {
	if f, ok := of.Ops.(*File); ok {
		return f.dev
	}
	return nil
}

// Vnode gives the file's vnode.
func (f *File) Vnode() *Vnode { return f.v }

// Type is DTYPE_VNODE.
func (f *File) Type() sys.DType { return sys.DTypeVnode }

// Read reads at u.Offset: EISDIR for a directory.
func (f *File) Read(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	switch {
	case f.dev != nil:
		return f.dev.Read(ctx, u, flags)
	case f.v.Type == VDIR:
		return abi.EISDIR
	case u.Offset < 0 && f.v.Type == VREG:
		return abi.EINVAL
	case f.v.Type == VREG && f.v.mapped():
		return f.v.readMapped(ctx, u, flags)
	}
	return f.v.Ops.Read(ctx, u, flags)
}

// Write writes at u.Offset, or at the end with O_APPEND. EFBIG beyond
// ctx.FsizeLimit; what is below it is written.
func (f *File) Write(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	v := f.v
	if f.dev != nil {
		return f.dev.Write(ctx, u, flags)
	}
	if v.Type != VREG {
		return v.Ops.Write(ctx, u, flags)
	}
	if u.HasOffset {
		flags &^= abi.O_APPEND // pwrite's offset counts, as on Darwin
	}
	if u.Offset < 0 {
		return abi.EINVAL
	}
	if u.Resid == 0 {
		return 0
	}
	if flags&abi.O_APPEND != 0 {
		v.append.Lock()
		defer v.append.Unlock()
	}
	watching := watched.Load() != 0
	mapped := v.mapped()
	var st abi.Stat
	if watching || mapped || ctx.FsizeLimit > 0 {
		if e := v.Ops.GetAttr(ctx, &st); e != 0 {
			return e
		}
	}
	part := u
	if ctx.FsizeLimit > 0 {
		at := u.Offset
		if flags&abi.O_APPEND != 0 {
			at = st.Size
		}
		if at >= ctx.FsizeLimit {
			return abi.EFBIG
		}
		if u.Resid > ctx.FsizeLimit-at {
			part = head(u, ctx.FsizeLimit-at)
		}
	}
	before := part.Resid
	var e abi.Errno
	if mapped {
		e = v.writeMapped(ctx, part, flags)
	} else {
		e = v.Ops.Write(ctx, part, flags)
	}
	moved := before - part.Resid
	if part != u {
		for n := moved; n > 0; {
			step := min(n, int64(len(u.Next())))
			u.Advance(int(step))
			n -= step
		}
		u.Offset = part.Offset
	}
	if moved > 0 && !f.wrote.Load() {
		f.wrote.Store(true)
	}
	if moved > 0 && watching {
		note := uint32(noteWrite)
		if u.Offset > st.Size {
			note |= noteExtend
		}
		v.Notify(note)
	}
	return e
}

// head is a Uio for the first n bytes of u.
func head(u *sys.Uio, n int64) *sys.Uio {
	h := &sys.Uio{Offset: u.Offset, HasOffset: u.HasOffset, Resid: n}
	for _, b := range u.Iov {
		if int64(len(b)) >= n {
			h.Iov = append(h.Iov, b[:n])
			break
		}
		h.Iov = append(h.Iov, b)
		n -= int64(len(b))
	}
	return h
}

// FIONREAD (<sys/filio.h>) and its like, which every vnode understands.
const (
	fionread = 0x4004667f
	fionbio  = 0x8004667e
	fioasync = 0x8004667d
)

// Ioctl answers FIONREAD for regular files and directories and passes the
// rest to devices; ENOTTY otherwise.
func (f *File) Ioctl(ctx *sys.Context, cmd uint64, data []byte) abi.Errno {
	if f.v.Type == VREG || f.v.Type == VDIR {
		switch cmd {
		case fionread:
			var st abi.Stat
			if e := f.v.Ops.GetAttr(ctx, &st); e != 0 {
				return e
			}
			if len(data) < 4 {
				return abi.EINVAL
			}
			n := uint32(max(0, min(st.Size-f.offset(), 1<<31-1)))
			data[0], data[1], data[2], data[3] = byte(n), byte(n>>8), byte(n>>16), byte(n>>24)
			return 0
		case fionbio, fioasync:
			return 0 // the flag is the caller's to keep; it changes nothing here
		}
		return abi.ENOTTY
	}
	if f.dev != nil {
		return f.dev.Ioctl(ctx, cmd, data)
	}
	return f.v.Ops.Ioctl(ctx, cmd, data, f.of.Flags())
}

func (f *File) offset() int64 {
	f.of.OffMu.Lock()
	defer f.of.OffMu.Unlock()
	return f.of.Offset
}

// Stat is fstat.
func (f *File) Stat(ctx *sys.Context, st *abi.Stat) abi.Errno { return f.v.Ops.GetAttr(ctx, st) }

// Close ends the open: locks taken through it go, and the vnode's reference.
func (f *File) Close(ctx *sys.Context) abi.Errno {
	if f.of != nil {
		f.v.dropLocks(f.of)
	}
	if !f.quiet {
		Tell(ctx, FileClose, f.v, f.wrote.Load())
	}
	var e abi.Errno
	if f.dev != nil {
		e = f.dev.Close(ctx)
	}
	if e2 := f.v.Ops.Close(ctx, f.flags); e == 0 {
		e = e2
	}
	f.v.Unref()
	return e
}

// Lseek is lseek on an open vnode, and returns the new position: ESPIPE for
// FIFOs and terminals, EINVAL below zero or for an unknown whence, ENXIO for
// SEEK_HOLE and SEEK_DATA behind the end, EOVERFLOW.
func Lseek(ctx *sys.Context, of *sys.OpenFile, off int64, whence int) (int64, abi.Errno) {
	v := VnodeOf(of)
	if v == nil || v.Type == VFIFO {
		return 0, abi.ESPIPE
	}
	of.OffMu.Lock()
	defer of.OffMu.Unlock()
	base := int64(0)
	switch whence {
	case abi.SEEK_SET:
	case abi.SEEK_CUR:
		base = of.Offset
	case abi.SEEK_END:
		var st abi.Stat
		if e := v.Ops.GetAttr(ctx, &st); e != 0 {
			return 0, e
		}
		base = st.Size
	case abi.SEEK_HOLE, abi.SEEK_DATA:
		if v.Type != VREG {
			return 0, abi.EINVAL
		}
		if off < 0 {
			return 0, abi.ENXIO
		}
		to, e := v.Ops.Seek(ctx, off, whence)
		if e == 0 {
			of.Offset = to
		}
		return to, e
	default:
		return 0, abi.EINVAL
	}
	to := base + off
	if off > 0 && to < base {
		return 0, abi.EOVERFLOW
	}
	if to < 0 && v.Type != VCHR {
		return 0, abi.EINVAL
	}
	of.Offset = to
	return to, 0
}

// Fsync is fsync, fdatasync, F_FULLFSYNC and F_BARRIERFSYNC.
func Fsync(ctx *sys.Context, v *Vnode, how SyncHow) abi.Errno {
	if v.Type == VFIFO || v.Type == VSOCK {
		return abi.ENOTSUP
	}
	if e := v.flushMapped(); e != 0 {
		return e
	}
	return v.Ops.Fsync(ctx, how)
}
