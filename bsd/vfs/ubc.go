package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// ubcInfo is the vnode's part in the unified buffer cache.
type ubcInfo struct{}

func (v *Vnode) mapped() bool           { return false }
func (v *Vnode) resized(size int64)     {}
func (v *Vnode) flushMapped() abi.Errno { return 0 }
func (v *Vnode) readMapped(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	return v.Ops.Read(ctx, u, flags)
}
func (v *Vnode) writeMapped(ctx *sys.Context, u *sys.Uio, flags int) abi.Errno {
	return v.Ops.Write(ctx, u, flags)
}
