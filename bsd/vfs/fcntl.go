package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Preallocate is F_PREALLOCATE: it reserves length bytes, from the end of the file
// (F_PEOFPOSMODE) or at offset (F_VOLPOSMODE), and says how many it reserved. The
// size does not change. EINVAL, EBADF (not open for writing), ENOSPC, ENOTSUP.
func Preallocate(ctx *sys.Context, of *sys.OpenFile, flags uint32, posmode int32, offset, length int64) (int64, abi.Errno) {
	v := VnodeOf(of)
	switch {
	case v == nil || of.Flags()&abi.FWRITE == 0:
		return 0, abi.EBADF
	case v.Type != VREG || length < 0 || offset < 0 || flags&^(abi.F_ALLOCATECONTIG|abi.F_ALLOCATEALL) != 0:
		return 0, abi.EINVAL
	case v.readOnly():
		return 0, abi.EROFS
	}
	switch posmode {
	case abi.F_PEOFPOSMODE:
		if offset != 0 {
			return 0, abi.EINVAL
		}
		var st abi.Stat
		if e := v.Ops.GetAttr(ctx, &st); e != 0 {
			return 0, e
		}
		offset = max(st.Size, st.Blocks*512)
	case abi.F_VOLPOSMODE:
	default:
		return 0, abi.EINVAL
	}
	if length == 0 {
		return 0, 0
	}
	if offset+length < offset {
		return 0, abi.EFBIG
	}
	if e := v.Ops.Allocate(ctx, offset, length); e != 0 {
		return 0, e
	}
	return length, 0
}

// PunchHole is F_PUNCHHOLE; offset and length must be multiples of 4096.
func PunchHole(ctx *sys.Context, of *sys.OpenFile, offset, length int64) abi.Errno {
	v := VnodeOf(of)
	switch {
	case v == nil || of.Flags()&abi.FWRITE == 0:
		return abi.EBADF
	case v.Type != VREG || offset < 0 || length <= 0 || offset+length < offset || offset%4096 != 0 || length%4096 != 0:
		return abi.EINVAL
	case v.readOnly():
		return abi.EROFS
	}
	if e := v.flushMapped(); e != 0 {
		return e
	}
	if e := v.Ops.PunchHole(ctx, offset, length); e != 0 {
		return e
	}
	if o := v.object(); o != nil {
		o.Invalidate(uint64(offset), uint64(length))
		o.Unref()
	}
	v.Notify(noteWrite)
	return 0
}

// ReadAdvise is F_RDADVISE: EFBIG for a negative offset as Darwin has it.
func ReadAdvise(ctx *sys.Context, of *sys.OpenFile, offset int64, count int32) abi.Errno {
	v := VnodeOf(of)
	if v == nil {
		return abi.EBADF
	}
	if offset < 0 || count < 0 {
		return abi.EINVAL
	}
	if v.Type != VREG {
		return 0
	}
	return v.Ops.Advise(ctx, offset, int64(count))
}

// Log2phys is F_LOG2PHYS: no device is behind our files, so ENOTSUP.
func Log2phys(ctx *sys.Context, of *sys.OpenFile) abi.Errno { return abi.ENOTSUP }
