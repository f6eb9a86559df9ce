package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// xattrName checks the name of an extended attribute: EINVAL if empty,
// ENAMETOOLONG beyond XATTR_MAXNAMELEN.
func xattrName(name string) abi.Errno {
	if name == "" {
		return abi.EINVAL
	}
	if len(name) > abi.XATTR_MAXNAMELEN {
		return abi.ENAMETOOLONG
	}
	return 0
}

// resourceFork is the one attribute that is read and written in parts.
const resourceFork = "com.apple.ResourceFork"

// Getxattr is getxattr and fgetxattr. Only a resource fork has a position.
// ENOATTR, EINVAL; the caller gives ERANGE if its buffer is too small.
func Getxattr(ctx *sys.Context, v *Vnode, name string, position uint32) ([]byte, abi.Errno) {
	if e := xattrName(name); e != 0 {
		return nil, e
	}
	if position != 0 && name != resourceFork {
		return nil, abi.EINVAL
	}
	if e := Permit(ctx, ReadExtattr, v, nil); e != 0 {
		return nil, e
	}
	b, e := v.Ops.Getxattr(ctx, name)
	if e != 0 {
		return nil, e
	}
	return b[min(int(position), len(b)):], 0
}

// Setxattr is setxattr and fsetxattr. EEXIST with XATTR_CREATE, ENOATTR with
// XATTR_REPLACE, EROFS, E2BIG, ENOTSUP where the host has none.
func Setxattr(ctx *sys.Context, v *Vnode, name string, value []byte, position uint32, flags int) abi.Errno {
	if e := xattrName(name); e != 0 {
		return e
	}
	both := abi.XATTR_CREATE | abi.XATTR_REPLACE
	if flags&both == both || position != 0 && name != resourceFork {
		return abi.EINVAL
	}
	if v.readOnly() {
		return abi.EROFS
	}
	if position != 0 {
		return abi.ENOTSUP
	}
	if e := Permit(ctx, WriteExtattr, v, nil); e != 0 {
		return e
	}
	if e := v.Ops.Setxattr(ctx, name, value, flags); e != 0 {
		return e
	}
	v.Notify(noteAttrib)
	return 0
}

// Listxattr is listxattr and flistxattr: the names, each with a zero behind it.
func Listxattr(ctx *sys.Context, v *Vnode) ([]byte, abi.Errno) {
	if e := Permit(ctx, ReadExtattr, v, nil); e != 0 {
		return nil, e
	}
	names, e := v.Ops.Listxattr(ctx)
	if e != 0 {
		return nil, e
	}
	var b []byte
	for _, n := range names {
		b = append(append(b, n...), 0)
	}
	return b, 0
}

// Removexattr is removexattr and fremovexattr.
func Removexattr(ctx *sys.Context, v *Vnode, name string) abi.Errno {
	if e := xattrName(name); e != 0 {
		return e
	}
	if v.readOnly() {
		return abi.EROFS
	}
	if e := Permit(ctx, WriteExtattr, v, nil); e != 0 {
		return e
	}
	if e := v.Ops.Removexattr(ctx, name); e != 0 {
		return e
	}
	v.Notify(noteAttrib)
	return 0
}
