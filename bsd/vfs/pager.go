package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// vnodePager supplies a file's pages to its VM object (the vnode pager). It acts
// for the kernel: who mapped the file had the right to, then.
type vnodePager struct {
	v    *Vnode // a reference of its own
	gone chan struct{}
}

var pagerContext = &sys.Context{}

// PageIn reads; what the file has lost meanwhile is zero.
func (p *vnodePager) PageIn(offset uint64, buf []byte) error {
	u := sys.NewUio(buf)
	u.Offset = int64(offset)
	for u.Resid > 0 {
		before := u.Resid
		if e := p.v.Ops.Read(pagerContext, u, abi.FREAD); e != 0 {
			return e
		}
		if u.Resid == before {
			for u.Resid > 0 {
				b := u.Next()
				clear(b)
				u.Advance(len(b))
			}
		}
	}
	return nil
}

// PageOut writes.
func (p *vnodePager) PageOut(offset uint64, buf []byte) error {
	u := sys.NewUio(buf)
	u.Offset = int64(offset)
	for u.Resid > 0 {
		before := u.Resid
		if e := p.v.Ops.Write(pagerContext, u, abi.FWRITE); e != 0 {
			return e
		}
		if u.Resid == before {
			return abi.EIO
		}
	}
	p.v.Notify(noteWrite)
	return nil
}

// Size asks the file system each time: the host's files may change.
func (p *vnodePager) Size() uint64 {
	var st abi.Stat
	if p.v.Ops.GetAttr(nil, &st) != 0 {
		return 0
	}
	return uint64(st.Size)
}

// Terminate ends the object's life: the next mapping makes another.
func (p *vnodePager) Terminate() {
	u := &p.v.ubc
	u.mu.Lock()
	u.obj.Store(nil)
	u.mu.Unlock()
	close(p.gone)
	p.v.Unref()
}
