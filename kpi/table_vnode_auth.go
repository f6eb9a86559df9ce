package kpi

import (
	"puggle/abi"
	"puggle/bsd/vfs"
)

// vnodeAuthorize asks the file system and the listeners.
func vnodeAuthorize(c *Call, v *vfs.Vnode) uint64 {
	x, ok := c.vfs(3)
	if !ok || !c.maySleep() {
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
	mode := 0
	if rights&(vfs.ReadData|vfs.ReadExtattr) != 0 {
		mode |= abi.R_OK
	}
	if rights&(vfs.WriteData|vfs.AppendData|vfs.DeleteChild|vfs.WriteExtattr) != 0 {
		mode |= abi.W_OK
	}
	if rights&vfs.Execute != 0 {
		mode |= abi.X_OK
	}
	if mode != 0 {
		if e := v.Ops.Access(x, mode); e != 0 {
			return uint64(e)
		}
	}
	if rights&vfs.Delete != 0 && dvp != nil {
		if e := dvp.Ops.Access(x, abi.W_OK|abi.X_OK); e != 0 {
			return uint64(e)
		}
	}
	return uint64(vfs.Permit(x, rights, v, dvp))
}
