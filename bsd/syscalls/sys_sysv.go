package syscalls

import (
	"puggle/abi"
	"puggle/bsd/kern"
)

// shmdsSize is sizeof(struct shmid_ds) for 64-bit processes: packed to 4 bytes,
// struct ipc_perm first.
const shmdsSize = 76

func sysShmget(c *Call) abi.Errno {
	id, e := c.P.Shmget(c.I32(0), c.Arg[1], c.Int(2))
	c.Ret[0] = uint64(uint32(id))
	return e
}

func sysShmat(c *Call) abi.Errno {
	at, e := c.P.Shmat(c.I32(0), c.Arg[1], c.Int(2))
	c.Ret[0] = at
	return e
}

func sysShmdt(c *Call) abi.Errno { return c.P.Shmdt(c.Arg[0]) }

func sysShmctl(c *Call) abi.Errno {
	var b [shmdsSize]byte
	switch c.Int(1) {
	case kern.IPC_RMID:
		return c.P.ShmChange(c.I32(0), nil)
	case kern.IPC_SET:
		if e := c.CopyIn(b[:], c.Addr(2)); e != 0 {
			return e
		}
		return c.P.ShmChange(c.I32(0), &kern.ShmInfo{UID: le.Uint32(b[0:]), GID: le.Uint32(b[4:]), Mode: le.Uint16(b[16:])})
	case kern.IPC_STAT:
		s, e := c.P.ShmStat(c.I32(0))
		if e != 0 {
			return e
		}
		for i, v := range []uint32{s.UID, s.GID, s.CUID, s.CGID, uint32(s.Mode) | uint32(s.Seq)<<16, uint32(s.Key)} {
			le.PutUint32(b[4*i:], v)
		}
		le.PutUint64(b[24:], s.Size)
		le.PutUint32(b[32:], uint32(s.Lpid))
		le.PutUint32(b[36:], uint32(s.Cpid))
		le.PutUint16(b[40:], s.Attached)
		for i, v := range []int64{s.Atime, s.Dtime, s.Ctime} {
			le.PutUint64(b[44+8*i:], uint64(v))
		}
		return c.CopyOut(c.Addr(2), b[:])
	}
	return abi.EINVAL
}
