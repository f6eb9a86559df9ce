package syscalls

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
	"puggle/machine"
)

func sysExit(c *Call) abi.Errno {
	c.U.Exit(c.Int(0))
	return justReturn
}

func sysFork(c *Call) abi.Errno  { return c.fork(false) }
func sysVfork(c *Call) abi.Errno { return c.fork(true) }

func (c *Call) fork(vfork bool) abi.Errno {
	pid, e := c.U.Fork(vfork)
	c.Ret = [2]uint64{uint64(pid), 0}
	return e
}

func sysExecve(c *Call) abi.Errno {
	path, e := c.Path(0)
	if e != 0 {
		return e
	}
	args, e := c.U.CopyInVector(c.Arg[1])
	if e != 0 {
		return e
	}
	env, e := c.U.CopyInVector(c.Arg[2])
	if e != 0 {
		return e
	}
	if e := c.U.Exec(path, args, env); e != 0 {
		return e
	}
	return justReturn
}

// posix_spawn's argument record and attributes (<sys/spawn_internal.h>).
const (
	spawnAttrMin    = 16
	spawnActionSize = 1040
	spawnActionsMax = 1024
)

func sysPosixSpawn(c *Call) abi.Errno {
	path, e := c.Path(1)
	if e != 0 {
		return e
	}
	var a kern.SpawnAttr
	if d := c.Addr(2); d != 0 {
		if e := c.spawnDesc(d, &a); e != 0 {
			return e
		}
	}
	args, e := c.U.CopyInVector(c.Arg[3])
	if e != 0 {
		return e
	}
	env, e := c.U.CopyInVector(c.Arg[4])
	if e != 0 {
		return e
	}
	pid, e := c.U.Spawn(path, &a, args, env)
	if e != 0 {
		return e
	}
	if a.Flags&kern.POSIX_SPAWN_SETEXEC != 0 {
		return justReturn
	}
	return c.PutU32(c.Addr(0), uint32(pid))
}

func (c *Call) spawnDesc(at machine.Addr, a *kern.SpawnAttr) abi.Errno {
	var d [32]byte
	if e := c.CopyIn(d[:], at); e != 0 {
		return e
	}
	if size, p := le.Uint64(d[0:]), le.Uint64(d[8:]); p != 0 && size >= spawnAttrMin {
		var b [spawnAttrMin]byte
		if e := c.CopyIn(b[:], machine.Addr(p)); e != 0 {
			return e
		}
		a.Flags = le.Uint16(b[0:])
		a.SigDefault = kern.Sigset(le.Uint32(b[4:]))
		a.SigMask = kern.Sigset(le.Uint32(b[8:]))
		a.Pgroup = int32(le.Uint32(b[12:]))
	}
	size, p := le.Uint64(d[16:]), le.Uint64(d[24:])
	if p == 0 || size < 8 {
		return 0
	}
	n, e := c.U32(machine.Addr(p + 4))
	if e != 0 {
		return e
	}
	if n > spawnActionsMax || size < 8+uint64(n)*spawnActionSize {
		return abi.EINVAL
	}
	b := make([]byte, spawnActionSize)
	for i := range uint64(n) {
		if e := c.CopyIn(b, machine.Addr(p+8+i*spawnActionSize)); e != 0 {
			return e
		}
		a.Actions = append(a.Actions, spawnAction(b))
	}
	return 0
}

// spawnAction reads a struct _psfa_action: type, descriptor, then a union of
// flags, mode and path (open), a descriptor (dup2), a path (chdir).
func spawnAction(b []byte) kern.FileAction {
	x := kern.FileAction{Type: int32(le.Uint32(b[0:])), Fd: int32(le.Uint32(b[4:]))}
	switch x.Type {
	case kern.PSFA_OPEN:
		x.Oflag = int32(le.Uint32(b[8:]))
		x.Mode = le.Uint16(b[12:])
		x.Path = cstr(b[14:])
	case kern.PSFA_DUP2:
		x.NewFd = int32(le.Uint32(b[8:]))
	case kern.PSFA_CHDIR:
		x.Path = cstr(b[8:])
	}
	return x
}

func cstr(b []byte) string {
	for i, ch := range b {
		if ch == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

func sysWait4(c *Call) abi.Errno {
	pid, opt := c.I32(0), c.Int(2)
	if opt&^(abi.WNOHANG|abi.WUNTRACED|abi.WCONTINUED) != 0 {
		return abi.EINVAL
	}
	typ, id := abi.P_ALL, int32(0)
	switch {
	case pid > 0:
		typ, id = abi.P_PID, pid
	case pid == 0:
		typ, id = abi.P_PGID, c.P.PgrpID()
	case pid < -1:
		typ, id = abi.P_PGID, -pid
	}
	r, e := c.U.Wait(typ, id, opt|abi.WEXITED|kern.WaitTraced)
	if e != 0 {
		return e
	}
	c.Ret[0] = uint64(r.PID)
	if r.PID == 0 {
		return 0
	}
	if e := c.PutU32(c.Addr(1), r.Status); e != 0 {
		return e
	}
	if c.Addr(3) != 0 {
		var b [abi.RusageSize]byte
		r.Rusage.Marshal(&b)
		return c.CopyOut(c.Addr(3), b[:])
	}
	return 0
}

func sysWaitid(c *Call) abi.Errno {
	typ, id, opt := c.Int(0), c.I32(1), c.Int(3)
	if opt&^(abi.WNOHANG|abi.WEXITED|abi.WSTOPPED|abi.WCONTINUED|abi.WNOWAIT) != 0 ||
		opt&(abi.WEXITED|abi.WSTOPPED|abi.WCONTINUED) == 0 || typ < abi.P_ALL || typ > abi.P_PGID {
		return abi.EINVAL
	}
	if typ == abi.P_PGID && id == 0 {
		id = c.P.PgrpID()
	}
	r, e := c.U.Wait(typ, id, opt)
	if e != 0 || c.Addr(2) == 0 {
		return e
	}
	var si abi.Siginfo
	if r.PID != 0 {
		si = abi.Siginfo{Signo: int32(abi.SIGCHLD), Code: r.Code, PID: r.PID, UID: r.UID, Status: waitidStatus(r.Status)}
		if r.Code == abi.CLD_EXITED {
			si.Status = r.ExitCode
		}
	}
	var b [abi.SiginfoSize]byte
	si.Marshal(&b)
	return c.CopyOut(c.Addr(2), b[:])
}

// ptrace's errno of 0 with -1 as the result does not occur: no request gives data.
func sysPtrace(c *Call) abi.Errno {
	return c.U.Ptrace(c.I32(0), c.I32(1), c.Arg[2], c.I32(3), c.threadByPort)
}

// waitidStatus is si_status: the exit code, or the signal.
func waitidStatus(st uint32) int32 {
	if sig := st & 0x7f; sig != 0 && sig != 0x7f {
		return int32(sig)
	}
	return int32(st >> 8)
}

func sysGetpid(c *Call) abi.Errno  { c.Ret[0] = uint64(c.P.PID); return 0 }
func sysGetppid(c *Call) abi.Errno { c.Ret[0] = uint64(c.P.PPID()); return 0 }
func sysGetpgrp(c *Call) abi.Errno { c.Ret[0] = uint64(c.P.PgrpID()); return 0 }
func sysGetuid(c *Call) abi.Errno {
	cr := c.P.Cred()
	c.Ret = [2]uint64{uint64(cr.RUID), uint64(cr.UID)}
	return 0
}
func sysGeteuid(c *Call) abi.Errno { c.Ret[0] = uint64(c.P.Cred().UID); return 0 }
func sysGetgid(c *Call) abi.Errno {
	cr := c.P.Cred()
	c.Ret = [2]uint64{uint64(cr.RGID), uint64(cr.GID)}
	return 0
}
func sysGetegid(c *Call) abi.Errno   { c.Ret[0] = uint64(c.P.Cred().GID); return 0 }
func sysIssetugid(c *Call) abi.Errno { c.Ret[0] = 0; return 0 }

func sysGetpgid(c *Call) abi.Errno {
	id, e := c.P.Getpgid(c.I32(0))
	c.Ret[0] = uint64(id)
	return e
}

func sysGetsid(c *Call) abi.Errno {
	id, e := c.P.Getsid(c.I32(0))
	c.Ret[0] = uint64(id)
	return e
}

func sysSetsid(c *Call) abi.Errno {
	id, e := c.P.Setsid()
	c.Ret[0] = uint64(id)
	return e
}

func sysSetpgid(c *Call) abi.Errno { return c.P.Setpgid(c.I32(0), c.I32(1)) }

func sysUmask(c *Call) abi.Errno {
	c.Ret[0] = uint64(c.P.SetUmask(uint32(c.Arg[0]) & 0o777))
	return 0
}

// The calls that change identity. Only a change to ids that the process already
// has, or any change by root, is possible; files are reached with the rights of
// the host's user all the same.
func (c *Call) setcred(allowed bool, set func(cr *sys.Cred)) abi.Errno {
	cr := *c.P.Cred()
	if !allowed && !cr.IsSuser() {
		return abi.EPERM
	}
	set(&cr)
	c.P.SetCred(&cr)
	return 0
}

func sysSetuid(c *Call) abi.Errno {
	u, cr := c.Uint(0), c.P.Cred()
	return c.setcred(u == cr.RUID || u == cr.SVUID, func(n *sys.Cred) {
		n.UID, n.RUID, n.SVUID = u, u, u
	})
}

func sysSeteuid(c *Call) abi.Errno {
	u, cr := c.Uint(0), c.P.Cred()
	return c.setcred(u == cr.RUID || u == cr.SVUID, func(n *sys.Cred) { n.UID = u })
}

func sysSetgid(c *Call) abi.Errno {
	g, cr := c.Uint(0), c.P.Cred()
	return c.setcred(g == cr.RGID || g == cr.SVGID, func(n *sys.Cred) {
		n.GID, n.RGID, n.SVGID = g, g, g
	})
}

func sysSetegid(c *Call) abi.Errno {
	g, cr := c.Uint(0), c.P.Cred()
	return c.setcred(g == cr.RGID || g == cr.SVGID, func(n *sys.Cred) { n.GID = g })
}

const noID = ^uint32(0)

func sysSetreuid(c *Call) abi.Errno {
	r, u, cr := c.Uint(0), c.Uint(1), c.P.Cred()
	ok := (r == noID || r == cr.RUID || r == cr.UID) &&
		(u == noID || u == cr.RUID || u == cr.UID || u == cr.SVUID)
	return c.setcred(ok, func(n *sys.Cred) {
		if r != noID {
			n.RUID = r
		}
		if u != noID {
			n.UID = u
		}
		if r != noID {
			n.SVUID = n.UID
		}
	})
}

func sysSetregid(c *Call) abi.Errno {
	r, g, cr := c.Uint(0), c.Uint(1), c.P.Cred()
	ok := (r == noID || r == cr.RGID || r == cr.GID) &&
		(g == noID || g == cr.RGID || g == cr.GID || g == cr.SVGID)
	return c.setcred(ok, func(n *sys.Cred) {
		if r != noID {
			n.RGID = r
		}
		if g != noID {
			n.GID = g
		}
		if r != noID {
			n.SVGID = n.GID
		}
	})
}

func sysGetgroups(c *Call) abi.Errno {
	g := c.P.Cred().Groups
	n := c.I32(0)
	c.Ret[0] = uint64(len(g))
	if n == 0 {
		return 0
	}
	if int(n) < len(g) {
		return abi.EINVAL
	}
	b := make([]byte, 0, 4*len(g))
	for _, id := range g {
		b = le.AppendUint32(b, id)
	}
	return c.CopyOut(c.Addr(1), b)
}

func sysSetgroups(c *Call) abi.Errno {
	n := c.Uint(0)
	if !c.P.Cred().IsSuser() {
		return abi.EPERM
	}
	if n > sys.NGROUPS {
		return abi.EINVAL
	}
	b := make([]byte, 4*n)
	if e := c.CopyIn(b, c.Addr(1)); e != 0 {
		return e
	}
	var g []uint32
	for i := range n {
		g = append(g, le.Uint32(b[4*i:]))
	}
	return c.setcred(true, func(cr *sys.Cred) {
		cr.Groups = g
		if len(g) > 0 {
			cr.GID = g[0]
		}
	})
}

func sysGetlogin(c *Call) abi.Errno {
	n := c.P.Login()
	size := int(c.Uint(1))
	if len(n)+1 > size {
		return abi.ERANGE
	}
	return c.CopyOut(c.Addr(0), append([]byte(n), 0))
}

func sysSetlogin(c *Call) abi.Errno {
	if !c.P.Cred().IsSuser() {
		return abi.EPERM
	}
	s, e := c.String(c.Addr(0), 255)
	if e == abi.ENAMETOOLONG {
		return abi.EINVAL
	}
	if e == 0 {
		c.P.SetLogin(s)
	}
	return e
}

func sysGetrlimit(c *Call) abi.Errno {
	l, e := c.P.Getrlimit(c.Uint(0))
	if e != 0 {
		return e
	}
	var b [16]byte
	le.PutUint64(b[0:], l.Cur)
	le.PutUint64(b[8:], l.Max)
	return c.CopyOut(c.Addr(1), b[:])
}

func sysSetrlimit(c *Call) abi.Errno {
	var b [16]byte
	if e := c.CopyIn(b[:], c.Addr(1)); e != 0 {
		return e
	}
	return c.P.Setrlimit(c.Uint(0), abi.Rlimit{Cur: le.Uint64(b[0:]), Max: le.Uint64(b[8:])})
}

func sysGetrusage(c *Call) abi.Errno {
	var r abi.Rusage
	switch c.Int(0) {
	case abi.RUSAGE_SELF:
		r = c.P.Rusage()
	case abi.RUSAGE_CHILDREN:
		r = c.P.RusageChildren()
	default:
		return abi.EINVAL
	}
	var b [abi.RusageSize]byte
	r.Marshal(&b)
	return c.CopyOut(c.Addr(1), b[:])
}

// priority's targets. Darwin's own kinds (threads, roles) are not here.
func (c *Call) prioTargets() ([]*kern.Proc, abi.Errno) {
	who := c.I32(1)
	var l []*kern.Proc
	switch c.Int(0) {
	case abi.PRIO_PROCESS:
		p := c.P
		if who != 0 {
			p = c.K.Sys.Find(who)
		}
		if p != nil {
			l = append(l, p)
		}
	case abi.PRIO_PGRP:
		if who == 0 {
			who = c.P.PgrpID()
		}
		for _, p := range c.K.Sys.Procs() {
			if p.PgrpID() == who {
				l = append(l, p)
			}
		}
	case abi.PRIO_USER:
		u := uint32(who)
		if who == 0 {
			u = c.P.Cred().UID
		}
		for _, p := range c.K.Sys.Procs() {
			if p.Cred().UID == u {
				l = append(l, p)
			}
		}
	default:
		return nil, abi.EINVAL
	}
	if len(l) == 0 {
		return nil, abi.ESRCH
	}
	return l, 0
}

func sysGetpriority(c *Call) abi.Errno {
	l, e := c.prioTargets()
	if e != 0 {
		return e
	}
	low := int32(20)
	for _, p := range l {
		low = min(low, p.Nice())
	}
	c.Ret[0] = uint64(low)
	return 0
}

func sysSetpriority(c *Call) abi.Errno {
	l, e := c.prioTargets()
	if e != 0 {
		return e
	}
	n := min(max(c.I32(2), -20), 20)
	for _, p := range l {
		if cr := c.P.Cred(); !cr.IsSuser() {
			if p.Cred().UID != cr.UID && p.Cred().RUID != cr.UID {
				return abi.EPERM
			}
			if n < p.Nice() {
				return abi.EACCES
			}
		}
		p.SetNice(n)
	}
	return 0
}
