package syscalls

import (
	"puggle/abi"
	"puggle/bsd/vfs"
)

// mfsTypeNameLen is MFSTYPENAMELEN (<sys/mount.h>).
const mfsTypeNameLen = 16

func sysMount(c *Call) abi.Errno {
	fstype, e := c.String(c.Addr(0), mfsTypeNameLen)
	if e != 0 {
		return e
	}
	path, e := c.Path(1)
	if e != 0 {
		return e
	}
	return vfs.MountType(c.Ctx(), c.P.NS, fstype, path, uint32(c.Arg[2]), c.Arg[3])
}

func sysUnmount(c *Call) abi.Errno {
	path, e := c.Path(0)
	if e != 0 {
		return e
	}
	return vfs.UnmountPath(c.Ctx(), c.P.NS, path, uint32(c.Arg[1]))
}
