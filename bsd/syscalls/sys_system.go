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

func sysAcct(c *Call) abi.Errno {
	if c.Arg[0] == 0 {
		return c.P.Sys.Acct(c.Ctx(), c.P.NS, nil)
	}
	path, e := c.Path(0)
	if e != 0 {
		return e
	}
	return c.P.Sys.Acct(c.Ctx(), c.P.NS, &path)
}

// sysReboot does not return: the process is killed at once, as the machine's end would do it. To wait for
// that would be to be waited for.
func sysReboot(c *Call) abi.Errno {
	if !c.P.Cred().IsSuser() || c.K.Reboot == nil {
		return abi.EPERM
	}
	c.K.Reboot(c.Int(0))
	c.U.ExitSignal(abi.SIGKILL)
	return 0
}

// sysQuotactl is quotactl: path, command and type, id, and a dqblk or a word.
func sysQuotactl(c *Call) abi.Errno {
	path, e := c.Path(0)
	if e != 0 {
		return e
	}
	var q abi.Dqblk
	cmd, typ := int(uint32(c.Arg[1])>>abi.QuotaShift), int(c.Arg[1]&(1<<abi.QuotaShift-1))
	if cmd == abi.Q_SETQUOTA {
		var b [abi.DqblkSize]byte
		if e := c.CopyIn(b[:], c.Addr(3)); e != 0 {
			return e
		}
		q = abi.UnmarshalDqblk(b[:])
	}
	if e := vfs.Quotactl(c.Ctx(), c.P.NS, path, cmd, typ, uint32(c.Arg[2]), &q); e != 0 {
		return e
	}
	switch cmd {
	case abi.Q_GETQUOTA:
		return c.CopyOut(c.Addr(3), q.Marshal())
	case abi.Q_QUOTASTAT:
		return c.CopyOut(c.Addr(3), le.AppendUint32(nil, q.ID))
	}
	return 0
}
