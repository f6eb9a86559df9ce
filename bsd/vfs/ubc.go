package vfs

import (
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/vm"
)

// ubcInfo is the vnode's part in the unified buffer cache: its VM object, which
// lives as long as somebody maps the file.
//
// While there is one, read and write keep in step with it: its pages are newer
// than the file where they are dirty, and what is written goes to both.
type ubcInfo struct {
	mu    sync.Mutex
	obj   atomic.Pointer[vm.Object] // no reference of ours; TryRef
	gone  chan struct{}             // closed when obj has paged out for the last time
	stamp fileStamp
}

// fileStamp tells whether a file was changed behind our back.
type fileStamp struct {
	mtime, ctime abi.Timespec
	size         int64
}

func stampOf(st *abi.Stat) fileStamp { return fileStamp{st.Mtime, st.Ctime, st.Size} }

// Object is ubc_getobject: the VM object of a regular file, with a reference, to
// be mapped. The file must have been opened for reading, and for writing if it is
// to be mapped shared and writable. ENODEV if the vnode can't be mapped.
func (v *Vnode) Object(ctx *sys.Context) (*vm.Object, abi.Errno) {
	if v.Type != VREG {
		return nil, abi.ENODEV
	}
	var st abi.Stat
	if e := v.Ops.GetAttr(ctx, &st); e != 0 {
		return nil, e
	}
	u := &v.ubc
	u.mu.Lock()
	defer u.mu.Unlock()
	for {
		o := u.obj.Load()
		if o == nil {
			break
		}
		if o.TryRef() {
			if now := stampOf(&st); now != u.stamp {
				// Somebody wrote to the file, perhaps not through us.
				u.stamp = now
				if o.Dirty() == 0 {
					o.Invalidate(0, 1<<62)
				}
			}
			return o, 0
		}
		gone := u.gone
		u.mu.Unlock()
		<-gone
		u.mu.Lock()
	}
	p := &vnodePager{v: v.Ref(), gone: make(chan struct{})}
	o := vm.NewPagerObject(p, uint64(st.Size))
	u.gone, u.stamp = p.gone, stampOf(&st)
	u.obj.Store(o)
	return o, 0
}

// ObjectVnode gives the vnode behind a VM object, nil if it is not a file's: for
// the names of mapped files. It is without a reference of the caller's own; the
// object holds one.
func ObjectVnode(o *vm.Object) *Vnode {
	if o == nil {
		return nil
	}
	return PagerVnode(o.Pager())
}

// PagerVnode is ObjectVnode for the object's pager.
func PagerVnode(pg vm.Pager) *Vnode {
	if p, ok := pg.(*vnodePager); ok {
		return p.v
	}
	return nil
}

func (v *Vnode) mapped() bool { return v.ubc.obj.Load() != nil }

// object gives the live object with a reference, nil if there is none.
func (v *Vnode) object() *vm.Object {
	if o := v.ubc.obj.Load(); o != nil && o.TryRef() {
		return o
	}
	return nil
}

// settle waits for an object that is on its way out, whose last pages must be in
// the file before it is read.
func (v *Vnode) settle() {
	u := &v.ubc
	u.mu.Lock()
	gone, going := u.gone, u.obj.Load() != nil
	u.mu.Unlock()
	if going {
		<-gone
	}
}

// with runs f on the live object if there is one, and says whether it did.
func (v *Vnode) with(f func(o *vm.Object)) bool {
	for v.mapped() {
		if o := v.object(); o != nil {
			f(o)
			o.Unref()
			return true
		}
		v.settle()
	}
	return false
}

// resized tells the object of a new size.
func (v *Vnode) resized(size int64) {
	v.with(func(o *vm.Object) { o.Resize(uint64(size)) })
}

// SetSize is ubc_setsize: the file has a new size, by the file system's own doing.
func (v *Vnode) SetSize(size int64) {
	if v.Type == VREG && size >= 0 {
		v.resized(size)
	}
}

// flushMapped pages out what is dirty. EIO.
func (v *Vnode) flushMapped() (e abi.Errno) {
	v.with(func(o *vm.Object) {
		if o.Flush(0, 1<<62) != nil {
			e = abi.EIO
		}
	})
	return e
}

// readMapped reads a file that is mapped: from the object's pages if any are
// newer than the file.
func (v *Vnode) readMapped(ctx *sys.Context, u *sys.Uio, flags int) (e abi.Errno) {
	done := false
	v.with(func(o *vm.Object) {
		if o.Dirty() == 0 {
			return
		}
		done = true
		for moved := false; u.Resid > 0; moved = true {
			b := u.Next()
			n, err := o.Read(uint64(u.Offset), b)
			u.Advance(n)
			if err != nil && !moved && n == 0 {
				e = abi.EIO
			}
			if err != nil || n < len(b) {
				return
			}
		}
	})
	if done {
		return e
	}
	return v.Ops.Read(ctx, u, flags)
}

// bounce is how much writeMapped moves at a time.
const bounce = 64 << 10

// writeMapped writes to a file that is mapped: to the file, then to the pages. The
// guest's memory is read once, so that both get the same.
func (v *Vnode) writeMapped(ctx *sys.Context, u *sys.Uio, flags int) (e abi.Errno) {
	done := false
	v.with(func(o *vm.Object) {
		if o.Resident() == 0 {
			return
		}
		done = true
		buf := make([]byte, min(u.Resid, bounce))
		for moved := false; u.Resid > 0; moved = true {
			n := copy(buf, u.Next())
			part := sys.NewUio(buf[:n])
			part.Offset = u.Offset
			err := v.Ops.Write(ctx, part, flags)
			n -= int(part.Resid)
			if n > 0 {
				// A page that can't be had now will be read from the file later.
				o.Write(uint64(part.Offset)-uint64(n), buf[:n])
				u.Offset = part.Offset - int64(n)
				u.Advance(n)
			}
			if err != 0 || part.Resid > 0 {
				if !moved && n == 0 {
					e = err
				}
				return
			}
		}
	})
	if done {
		return e
	}
	return v.Ops.Write(ctx, u, flags)
}
