package vfs

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// quotaFS is a file system with quotas.
type quotaFS interface {
	Quotactl(cmd, typ int, id uint32, d *abi.Dqblk) abi.Errno
}

// Quotactl is quotactl on the file system that path is on: cmd is Q_*, typ USRQUOTA or GRPQUOTA. EPERM unless
// the caller is root, or asks for its own, which the user -1 is; ENOTSUP where the file system has none.
func Quotactl(ctx *sys.Context, ns *Namespace, path string, cmd, typ int, id uint32, d *abi.Dqblk) abi.Errno {
	if typ == abi.USRQUOTA && id == ^uint32(0) {
		id = ctx.Cred.RUID
	}
	own := cmd == abi.Q_GETQUOTA && (typ == abi.USRQUOTA && id == ctx.Cred.RUID || typ == abi.GRPQUOTA && ctx.Cred.IsMember(id))
	if !own && cmd != abi.Q_SYNC && cmd != abi.Q_QUOTASTAT && !ctx.Cred.IsSuser() {
		return abi.EPERM
	}
	v, e := Lookup(ctx, ns, nil, path, true)
	if e != 0 {
		return e
	}
	defer v.Unref()
	q, ok := v.Mount.FS.(quotaFS)
	if !ok {
		return abi.ENOTSUP
	}
	return q.Quotactl(cmd, typ, id, d)
}
