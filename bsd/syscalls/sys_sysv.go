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

const (
	semdsSize = 72  // sizeof(struct semid_ds), packed to 4 bytes
	msqdsSize = 116 // sizeof(struct msqid_ds), likewise
	sembufLen = 6   // sizeof(struct sembuf)
)

func putIPCPerm(b []byte, p *kern.IPCPerm) {
	for i, v := range []uint32{p.UID, p.GID, p.CUID, p.CGID, uint32(p.Mode) | uint32(p.Seq)<<16, uint32(p.Key)} {
		le.PutUint32(b[4*i:], v)
	}
}

func getIPCPerm(b []byte) kern.IPCPerm {
	return kern.IPCPerm{UID: le.Uint32(b[0:]), GID: le.Uint32(b[4:]), Mode: le.Uint16(b[16:])}
}

func sysSemget(c *Call) abi.Errno {
	id, e := c.P.Semget(c.I32(0), c.I32(1), c.Int(2))
	c.Ret[0] = uint64(uint32(id))
	return e
}

func sysSemop(c *Call) abi.Errno {
	n := c.I32(2)
	if n < 0 || n > kern.SemOpm {
		return abi.E2BIG
	}
	b := make([]byte, int(n)*sembufLen)
	if e := c.CopyIn(b, c.Addr(1)); e != 0 {
		return e
	}
	ops := make([]kern.SemOp, n)
	for i := range ops {
		o := b[i*sembufLen:]
		ops[i] = kern.SemOp{Num: le.Uint16(o), Op: int16(le.Uint16(o[2:])), Flg: int16(le.Uint16(o[4:]))}
	}
	return c.U.Semop(c.I32(0), ops)
}

// sysSemctl: the last argument is union semun by value, a number or an address.
func sysSemctl(c *Call) abi.Errno {
	id, num := c.I32(0), c.I32(1)
	switch cmd := c.Int(2); cmd {
	case kern.IPC_RMID:
		return c.P.SemChange(id, nil)
	case kern.IPC_SET:
		var b [semdsSize]byte
		if e := c.CopyIn(b[:], c.Addr(3)); e != 0 {
			return e
		}
		set := getIPCPerm(b[:])
		return c.P.SemChange(id, &set)
	case kern.IPC_STAT:
		s, e := c.P.SemStat(id)
		if e != 0 {
			return e
		}
		var b [semdsSize]byte
		putIPCPerm(b[:], &s.IPCPerm)
		le.PutUint16(b[28:], s.Nsems)
		le.PutUint64(b[32:], uint64(s.Otime))
		le.PutUint64(b[44:], uint64(s.Ctime))
		return c.CopyOut(c.Addr(3), b[:])
	case kern.GETNCNT, kern.GETPID, kern.GETVAL, kern.GETZCNT:
		v, e := c.P.SemGet(id, num, cmd)
		c.Ret[0] = uint64(uint32(v))
		return e
	case kern.GETALL:
		v, e := c.P.SemAll(id)
		if e != 0 {
			return e
		}
		b := make([]byte, 2*len(v))
		for i, x := range v {
			le.PutUint16(b[2*i:], x)
		}
		return c.CopyOut(c.Addr(3), b)
	case kern.SETVAL:
		v := int32(c.Arg[3])
		if v < 0 || v > kern.SemVmx {
			if _, e := c.P.SemGet(id, num, kern.GETVAL); e == abi.EINVAL {
				return e
			}
			return abi.ERANGE
		}
		return c.P.SemSet(id, num, []uint16{uint16(v)})
	case kern.SETALL:
		v, e := c.P.SemAll(id)
		if e == abi.EACCES {
			// To alter needs no right to read.
			s, _ := c.P.SemStat(id)
			v, e = make([]uint16, s.Nsems), 0
		}
		if e != 0 {
			return e
		}
		b := make([]byte, 2*len(v))
		if e := c.CopyIn(b, c.Addr(3)); e != 0 {
			return e
		}
		for i := range v {
			v[i] = le.Uint16(b[2*i:])
		}
		return c.P.SemSet(id, 0, v)
	}
	return abi.EINVAL
}

func sysMsgget(c *Call) abi.Errno {
	id, e := c.P.Msgget(c.I32(0), c.Int(1))
	c.Ret[0] = uint64(uint32(id))
	return e
}

func sysMsgsnd(c *Call) abi.Errno {
	if c.Arg[2] > kern.MsgMnb {
		return abi.EINVAL
	}
	b := make([]byte, 8+c.Arg[2])
	if e := c.CopyIn(b, c.Addr(1)); e != 0 {
		return e
	}
	return c.U.Msgsnd(c.I32(0), int64(le.Uint64(b)), b[8:], c.Int(3))
}

// sysMsgrcv takes the message first: one that can't be copied out is gone, as XNU's is.
func sysMsgrcv(c *Call) abi.Errno {
	if int64(c.Arg[2]) < 0 {
		return abi.EINVAL
	}
	typ, text, e := c.U.Msgrcv(c.I32(0), c.Arg[2], int64(c.Arg[3]), c.Int(4))
	if e != 0 {
		return e
	}
	b := make([]byte, 8, 8+len(text))
	le.PutUint64(b, uint64(typ))
	c.Ret[0] = uint64(len(text))
	return c.CopyOut(c.Addr(1), append(b, text...))
}

func sysMsgctl(c *Call) abi.Errno {
	var b [msqdsSize]byte
	switch c.Int(1) {
	case kern.IPC_RMID:
		return c.P.MsgChange(c.I32(0), nil)
	case kern.IPC_SET:
		if e := c.CopyIn(b[:], c.Addr(2)); e != 0 {
			return e
		}
		return c.P.MsgChange(c.I32(0), &kern.MsgInfo{IPCPerm: getIPCPerm(b[:]), Qbytes: le.Uint64(b[48:])})
	case kern.IPC_STAT:
		s, e := c.P.MsgStat(c.I32(0))
		if e != 0 {
			return e
		}
		putIPCPerm(b[:], &s.IPCPerm)
		for i, v := range []uint64{s.Cbytes, s.Qnum, s.Qbytes} {
			le.PutUint64(b[32+8*i:], v)
		}
		le.PutUint32(b[56:], uint32(s.Lspid))
		le.PutUint32(b[60:], uint32(s.Lrpid))
		for i, v := range []int64{s.Stime, s.Rtime, s.Ctime} {
			le.PutUint64(b[64+12*i:], uint64(v))
		}
		return c.CopyOut(c.Addr(2), b[:])
	}
	return abi.EINVAL
}
