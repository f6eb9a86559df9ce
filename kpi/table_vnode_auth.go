package kpi

import (
	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
)

// Bits of a kauth_action_t for vnodes that only kernel code uses (<sys/kauth.h>).
const (
	kauthCheckImmutable vfs.Rights = 1 << 26
	kauthNoImmutable    vfs.Rights = 1 << 30 // flags that forbid changes don't count

	kauthWriteRights = vfs.WriteData | vfs.AppendData | vfs.Delete | vfs.DeleteChild | vfs.WriteAttributes | vfs.WriteExtattr |
		vfs.WriteSecurity | vfs.TakeOwnership | vfs.LinkTarget | kauthCheckImmutable
)

// Flags of a file that forbid changes, and all but appending.
const (
	immutable  = abi.UF_IMMUTABLE | abi.SF_IMMUTABLE
	appendOnly = abi.UF_APPEND | abi.SF_APPEND
)

// vnodeAuthorize asks the file system and the listeners.
func vnodeAuthorize(c *Call, v *vfs.Vnode) uint64 {
	x, ok := c.vfs(3)
	if !ok {
		return 0
	}
	var dvp *vfs.Vnode
	if c.Addr(1) != 0 {
		if dvp, ok = c.vnode(1); !ok {
			return 0
		}
		defer dvp.Unref()
	}
	rights := vfs.Rights(c.U32(2))
	if e := mayUse(x, rights, v, dvp); e != 0 {
		return uint64(e)
	}
	return uint64(vfs.Permit(x, rights, v, dvp))
}

// mayUse says whether a file's mount, flags, owner and permission bits allow rights, as XNU
// without access lists. dvp is its directory, nil if unknown. EROFS; EPERM for files with
// flags against it; EACCES; EINVAL for Delete without a directory.
func mayUse(x *sys.Context, rights vfs.Rights, v, dvp *vfs.Vnode) abi.Errno {
	remove := rights&vfs.Delete != 0
	if remove && dvp == nil {
		return abi.EINVAL
	}
	if m := v.Mount; m != nil {
		node := v.Type != vfs.VREG && v.Type != vfs.VDIR && v.Type != vfs.VLNK
		if rights&kauthWriteRights != 0 && m.ReadOnly() && (!node || rights&(vfs.Delete|vfs.DeleteChild) != 0) {
			return abi.EROFS
		}
		if rights&vfs.Execute != 0 && v.Type == vfs.VREG && m.Flags&abi.MNT_NOEXEC != 0 {
			return abi.EACCES
		}
	}
	var st, dst abi.Stat
	if e := v.Ops.GetAttr(x, &st); e != 0 {
		return e
	}
	if rights&kauthNoImmutable == 0 && unchangeable(v.Type, &st, rights) {
		return abi.EPERM
	}
	if remove {
		if e := dvp.Ops.GetAttr(x, &dst); e != 0 {
			return e
		}
		if unchangeable(dvp.Type, &dst, vfs.DeleteChild) {
			return abi.EPERM
		}
		if e := dvp.Ops.Access(x, abi.W_OK|abi.X_OK); e != 0 {
			return e
		}
	}
	if cr := credOf(x); !cr.IsSuser() {
		owner := cr.UID == st.UID
		if remove && dst.Mode&abi.S_ISVTX != 0 && !owner && cr.UID != dst.UID {
			return abi.EACCES
		}
		if rights&vfs.TakeOwnership != 0 || rights&vfs.WriteSecurity != 0 && !owner {
			return abi.EACCES
		}
		if owner {
			rights &^= vfs.WriteAttributes // that, too, is the owner's
		}
	}
	if mode := accessMode(rights); mode != 0 {
		return v.Ops.Access(x, mode)
	}
	return 0
}

// unchangeable says whether a file's flags forbid rights.
func unchangeable(t vfs.VType, st *abi.Stat, rights vfs.Rights) bool {
	adds := vfs.AppendData | vfs.WriteExtattr
	switch t {
	case vfs.VDIR:
		adds |= vfs.WriteData // a file in it
	case vfs.VSOCK, vfs.VFIFO, vfs.VBLK, vfs.VCHR:
		rights &^= vfs.WriteData // that changes no file
	}
	forbids := uint32(immutable | appendOnly)
	if rights&kauthWriteRights&^adds == 0 {
		forbids = immutable
	}
	return rights&kauthWriteRights != 0 && st.Flags&forbids != 0
}

// accessMode is what rights need of R_OK, W_OK and X_OK.
func accessMode(rights vfs.Rights) (mode int) {
	if rights&(vfs.ReadData|vfs.ReadExtattr) != 0 {
		mode |= abi.R_OK
	}
	if rights&(vfs.WriteData|vfs.AppendData|vfs.DeleteChild|vfs.WriteAttributes|vfs.WriteExtattr) != 0 {
		mode |= abi.W_OK
	}
	if rights&vfs.Execute != 0 {
		mode |= abi.X_OK
	}
	return mode
}
