package kpi

import (
	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/bsd/sys"
)

func init() {
	register("sys/proc.h", "2006", "bsd", []Row{
		{Name: "proc_self", Proto: "proc_t proc_self(void)", Handler: procSelf},
		{Name: "proc_find", Proto: "proc_t proc_find(int pid)", Handler: procFind},
		{Name: "proc_rele", Proto: "int proc_rele(proc_t p)", Handler: procRele},
		{Name: "proc_pid", Proto: "int proc_pid(proc_t p)", Handler: ofProc(func(p *kern.Proc) uint64 { return uint64(p.PID) })},
		{Name: "proc_ppid", Proto: "int proc_ppid(proc_t p)", Handler: ofProc(func(p *kern.Proc) uint64 { return uint64(p.PPID()) })},
		{Name: "proc_pgrpid", Proto: "pid_t proc_pgrpid(proc_t p)", Handler: ofProc(func(p *kern.Proc) uint64 { return uint64(p.PgrpID()) })},
		{Name: "proc_exiting", Proto: "int proc_exiting(proc_t p)", Handler: ofProc(func(p *kern.Proc) uint64 { return boolean(p.Exiting()) })},
		{Name: "proc_is64bit", Proto: "int proc_is64bit(proc_t p)", Handler: ofProc(func(p *kern.Proc) uint64 { return 1 })},
		{Name: "proc_suser", Proto: "int proc_suser(proc_t p)", Handler: ofProc(func(p *kern.Proc) uint64 { return suserError(p.Cred()) }), Note: "0 for the super-user, else EPERM"},
		{Name: "proc_selfpid", Proto: "int proc_selfpid(void)", Handler: func(c *Call) uint64 { return c.selfOr(0, func(p *kern.Proc) uint64 { return uint64(p.PID) }) }},
		{Name: "proc_selfppid", Proto: "int proc_selfppid(void)", Handler: func(c *Call) uint64 { return c.selfOr(0, func(p *kern.Proc) uint64 { return uint64(p.PPID()) }) }},
		{Name: "proc_selfname", Proto: "void proc_selfname(char *buf, int size)", Handler: procSelfname},
		{Name: "proc_name", Proto: "void proc_name(int pid, char *buf, int size)", Handler: procName},
		{Name: "proc_signal", Proto: "void proc_signal(int pid, int signum)", Handler: procSignal},
		{Name: "proc_ucred", Proto: "kauth_cred_t proc_ucred(proc_t p)", KPI: "bsd unsupported", Handler: procUcred},
		{Name: "current_proc", Since: "2002", Proto: "proc_t current_proc(void)", Handler: currentProc},
	})
	register("sys/kauth.h", "2006", "bsd", []Row{
		{Name: "kauth_cred_get", Proto: "kauth_cred_t kauth_cred_get(void)", Handler: func(c *Call) uint64 { return uint64(c.borrow(c.T.context().Cred)) }},
		{Name: "kauth_cred_get_with_ref", Proto: "kauth_cred_t kauth_cred_get_with_ref(void)", Handler: func(c *Call) uint64 { return uint64(c.K.handle.ref(c.T.context().Cred)) }},
		{Name: "kauth_cred_proc_ref", Proto: "kauth_cred_t kauth_cred_proc_ref(proc_t p)", Handler: credProcRef},
		{Name: "kauth_cred_ref", Proto: "void kauth_cred_ref(kauth_cred_t cred)", Handler: ofCred(func(c *Call, cr *sys.Cred) uint64 { c.K.handle.ref(cr); return 0 })},
		{Name: "kauth_cred_unref", Proto: "void kauth_cred_unref(kauth_cred_t *cred)", Handler: credUnref},
		{Name: "kauth_cred_getuid", Proto: "uid_t kauth_cred_getuid(kauth_cred_t cred)", Handler: ofCred(func(_ *Call, cr *sys.Cred) uint64 { return uint64(cr.UID) })},
		{Name: "kauth_cred_getruid", Proto: "uid_t kauth_cred_getruid(kauth_cred_t cred)", Handler: ofCred(func(_ *Call, cr *sys.Cred) uint64 { return uint64(cr.RUID) })},
		{Name: "kauth_cred_getsvuid", Proto: "uid_t kauth_cred_getsvuid(kauth_cred_t cred)", Handler: ofCred(func(_ *Call, cr *sys.Cred) uint64 { return uint64(cr.SVUID) })},
		{Name: "kauth_cred_getgid", Proto: "gid_t kauth_cred_getgid(kauth_cred_t cred)", Handler: ofCred(func(_ *Call, cr *sys.Cred) uint64 { return uint64(cr.GID) })},
		{Name: "kauth_cred_getrgid", Proto: "gid_t kauth_cred_getrgid(kauth_cred_t cred)", Handler: ofCred(func(_ *Call, cr *sys.Cred) uint64 { return uint64(cr.RGID) })},
		{Name: "kauth_cred_getsvgid", Proto: "gid_t kauth_cred_getsvgid(kauth_cred_t cred)", Handler: ofCred(func(_ *Call, cr *sys.Cred) uint64 { return uint64(cr.SVGID) })},
		{Name: "kauth_cred_issuser", Proto: "int kauth_cred_issuser(kauth_cred_t cred)", Handler: ofCred(func(_ *Call, cr *sys.Cred) uint64 { return boolean(cr.IsSuser()) })},
		{Name: "kauth_cred_ismember_gid", Proto: "int kauth_cred_ismember_gid(kauth_cred_t cred, gid_t gid, int *result)", Handler: ofCred(func(c *Call, cr *sys.Cred) uint64 {
			c.Put32(c.Addr(2), uint32(boolean(cr.IsMember(c.U32(1)))))
			return 0
		})},
		{Name: "kauth_getuid", Proto: "uid_t kauth_getuid(void)", Handler: func(c *Call) uint64 { return uint64(c.T.context().Cred.UID) }},
		{Name: "kauth_getruid", Proto: "uid_t kauth_getruid(void)", Handler: func(c *Call) uint64 { return uint64(c.T.context().Cred.RUID) }},
		{Name: "kauth_getgid", Proto: "gid_t kauth_getgid(void)", Handler: func(c *Call) uint64 { return uint64(c.T.context().Cred.GID) }},
		{Name: "kauth_getrgid", Proto: "gid_t kauth_getrgid(void)", Handler: func(c *Call) uint64 { return uint64(c.T.context().Cred.RGID) }},
		{Name: "is_suser", Header: "sys/proc.h", Since: "2002", Proto: "int is_suser(void)", Handler: func(c *Call) uint64 { return boolean(c.T.context().Cred.IsSuser()) }},
		{Name: "suser", Header: "sys/proc.h", Since: "2002", Proto: "int suser(kauth_cred_t cred, u_short *acflag)", Handler: ofCred(suserFlag)},
		{Name: "next_suser", Header: "sys/user.h", Since: "1990", KPI: "next", Proto: "int suser(void)", Handler: nextSuser, Note: "suser in the headers of 1990"},
	})
}

func suserError(cr *sys.Cred) uint64 {
	if cr.IsSuser() {
		return 0
	}
	return uint64(abi.EPERM)
}

// acASU is the accounting flag of who used the super-user's rights (<sys/acct.h>).
const acASU = 2

// suserFlag is suser of the later generations: it sets ASU in *acflag, which may be null.
func suserFlag(c *Call, cr *sys.Cred) uint64 {
	e := suserError(cr)
	if at := c.Addr(1); e == 0 && at != 0 {
		var b [2]byte
		if !c.K.Read(b[:], at) {
			return c.Panic("suser: the flags can't be read")
		}
		b[0] |= acASU
		if !c.K.Write(at, b[:]) {
			return c.Panic("suser: the flags can't be written")
		}
	}
	return e
}

// nextSuser is 1, with ASU in u.u_acflag, for the super-user; else 0, and u.u_error is EPERM.
func nextSuser(c *Call) uint64 {
	if c.T.context().Cred.IsSuser() {
		flags, _ := c.K.U32(c.T.block + tbAcflag)
		c.K.PutU32(c.T.block+tbAcflag, flags|acASU)
		return 1
	}
	c.K.PutU32(c.T.block+tbError, uint32(abi.EPERM))
	return 0
}

func procSelf(c *Call) uint64 {
	if p := c.T.proc(); p != nil {
		return uint64(c.K.handle.ref(p))
	}
	return uint64(c.K.kernproc(true))
}

func currentProc(c *Call) uint64 {
	if p := c.T.proc(); p != nil {
		return uint64(c.borrow(p))
	}
	return uint64(c.K.kernproc(false))
}

// kernproc is the kernel's own process, which has no number but 0.
func (k *KernelTask) kernproc(ref bool) Addr {
	if ref {
		return k.handle.ref(kernprocKey{})
	}
	return k.procHandle
}

type kernprocKey struct{}

func procFind(c *Call) uint64 {
	if c.I32(0) == 0 {
		return uint64(c.K.kernproc(true))
	}
	if c.K.cfg.Procs == nil {
		return 0
	}
	p := c.K.cfg.Procs.Find(c.I32(0))
	if p == nil {
		return 0
	}
	return uint64(c.K.handle.ref(p))
}

func procRele(c *Call) uint64 {
	switch c.K.handle.get(c.Addr(0)).(type) {
	case *kern.Proc, kernprocKey:
		c.K.handle.unref(c.Addr(0))
		return 0
	}
	return c.Panic("proc_rele: " + hex(c.Addr(0)) + " is no process")
}

// ofProc is a question about the process of argument 0.
func ofProc(f func(p *kern.Proc) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		switch p := c.K.handle.get(c.Addr(0)).(type) {
		case *kern.Proc:
			return f(p)
		case kernprocKey:
			return 0
		}
		return c.Panic(table[rowOf(c)].Name + ": " + hex(c.Addr(0)) + " is no process")
	}
}

func (c *Call) selfOr(none uint64, f func(p *kern.Proc) uint64) uint64 {
	if p := c.T.proc(); p != nil {
		return f(p)
	}
	return none
}

// putName stores a string, cut to size bytes with its NUL.
func (c *Call) putName(a Addr, size int32, name string) uint64 {
	if size <= 0 {
		return 0
	}
	b := append([]byte(name), 0)
	if len(b) > int(size) {
		b = append(b[:size-1], 0)
	}
	if !c.K.Write(a, b) {
		c.Panic("a name can't be stored at " + hex(a))
	}
	return 0
}

func procSelfname(c *Call) uint64 {
	name := "kernel_task"
	if p := c.T.proc(); p != nil {
		name = p.Comm()
	}
	return c.putName(c.Addr(0), c.I32(1), name)
}

func procName(c *Call) uint64 {
	if c.K.cfg.Procs != nil {
		if p := c.K.cfg.Procs.Find(c.I32(0)); p != nil {
			return c.putName(c.Addr(1), c.I32(2), p.Comm())
		}
	}
	if c.I32(0) == 0 {
		return c.putName(c.Addr(1), c.I32(2), "kernel_task")
	}
	return 0
}

func procSignal(c *Call) uint64 {
	if c.K.cfg.Procs == nil {
		return 0
	}
	if p := c.K.cfg.Procs.Find(c.I32(0)); p != nil && c.I32(1) > 0 && c.I32(1) < abi.NSIG {
		p.Signal(abi.Signal(c.I32(1)))
	}
	return 0
}

func procUcred(c *Call) uint64 {
	switch p := c.K.handle.get(c.Addr(0)).(type) {
	case *kern.Proc:
		return uint64(c.borrow(p.Cred()))
	case kernprocKey:
		return uint64(c.borrow(rootCred))
	}
	return c.Panic("proc_ucred: " + hex(c.Addr(0)) + " is no process")
}

var rootCred = &sys.Cred{}

func credProcRef(c *Call) uint64 {
	switch p := c.K.handle.get(c.Addr(0)).(type) {
	case *kern.Proc:
		return uint64(c.K.handle.ref(p.Cred()))
	case kernprocKey:
		return uint64(c.K.handle.ref(rootCred))
	}
	return c.Panic("kauth_cred_proc_ref: " + hex(c.Addr(0)) + " is no process")
}

func ofCred(f func(c *Call, cr *sys.Cred) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		cr, ok := c.K.handle.get(c.Addr(0)).(*sys.Cred)
		if !ok {
			return c.Panic(table[rowOf(c)].Name + ": " + hex(c.Addr(0)) + " is no credential")
		}
		return f(c, cr)
	}
}

// credUnref drops a reference and clears the caller's pointer.
func credUnref(c *Call) uint64 {
	v, ok := c.K.U64(c.Addr(0))
	if !ok {
		return c.Panic("kauth_cred_unref: the pointer can't be read")
	}
	if _, is := c.K.handle.get(Addr(v)).(*sys.Cred); !is || !c.K.handle.unref(Addr(v)) {
		return c.Panic("kauth_cred_unref: " + hex(Addr(v)) + " is no credential")
	}
	c.Put64(c.Addr(0), 0)
	return 0
}
