package kpi

import (
	"errors"
	"sync"

	"puggle/abi"
	"puggle/bsd/sysctl"
	"puggle/mach/sched"
)

func init() {
	register("sys/sysctl.h", "2002", "bsd", []Row{
		{Name: "sysctl_register_oid", Proto: "void sysctl_register_oid(struct sysctl_oid *oid)", Handler: sysctlRegister},
		{Name: "sysctl_unregister_oid", Proto: "void sysctl_unregister_oid(struct sysctl_oid *oid)", Handler: sysctlUnregister},
		{Name: "sysctl_register_set", Proto: "void sysctl_register_set(const char *set)", None: true, Note: "linker sets are no more"},
		{Name: "kpi_sysctl_old", Header: "-", KPI: "runtime", Proto: "int kpi_sysctl_old(struct sysctl_req *req, const void *p, size_t n)", Handler: sysctlOld},
		{Name: "kpi_sysctl_new", Header: "-", KPI: "runtime", Proto: "int kpi_sysctl_new(struct sysctl_req *req, void *p, size_t n)", Handler: sysctlNew},
	})
	var rows []Row
	for _, n := range childLists {
		rows = append(rows, Row{Name: n.symbol(), Proto: "struct sysctl_oid_list " + n.symbol(), Data: true})
	}
	register("sys/sysctl.h", "2002", "bsd", rows)
}

// childList names a node of the system's tree that code can add to.
type childList string

func (n childList) symbol() string {
	if n == "" {
		return "sysctl__children"
	}
	s := "sysctl__"
	for _, c := range n {
		if c == '.' {
			c = '_'
		}
		s += string(c)
	}
	return s + "_children"
}

// childLists are those of the runtime; "" is the root.
var childLists = []childList{"", "kern", "kern.ipc", "vm", "vfs", "net", "net.inet", "net.inet.ip", "net.inet.tcp", "net.inet.udp",
	"debug", "hw", "machdep", "user"}

// struct sysctl_oid (<sys/sysctl.h>).
const (
	oidParent  = 0
	oidLink    = 8
	oidNumber  = 16
	oidKind    = 20
	oidArg1    = 24
	oidArg2    = 32
	oidName    = 40
	oidHandler = 48
	oidFmt     = 56
	oidDescr   = 64
	oidVersion = 72
	oidSize    = 80
)

// struct sysctl_req.
const (
	reqProc    = 0
	reqLock    = 8
	reqOldptr  = 16
	reqOldlen  = 24
	reqOldidx  = 32
	reqOldfunc = 40
	reqNewptr  = 48
	reqNewlen  = 56
	reqNewidx  = 64
	reqNewfunc = 72
	reqSize    = 80
)

// oidTable is what code registered, by the address of its struct sysctl_oid.
type oidTable struct {
	mu    sync.Mutex
	oids  map[Addr]*kextOID
	lists map[Addr]*sysctl.OID // where children of a list go; nil OID is the root
	reqs  map[Addr]*sysctl.Req
}

type kextOID struct {
	oid  *sysctl.OID
	list Addr // of a node's children
}

func (t *oidTable) init() {
	t.oids, t.lists, t.reqs = map[Addr]*kextOID{}, map[Addr]*sysctl.OID{}, map[Addr]*sysctl.Req{}
}

// adopt connects the runtime's lists with the system's nodes, and adds the kernel
// task's own values.
func (t *oidTable) adopt(k *KernelTask) error {
	tree := k.cfg.Sysctl
	if tree == nil {
		return nil
	}
	for _, n := range childLists {
		at := k.rtSymbol("_" + n.symbol())
		if n == "" {
			t.lists[at] = tree.Root()
		} else if o := tree.Lookup(string(n)); o != nil {
			t.lists[at] = o
		}
	}
	debug := tree.Lookup("debug")
	for _, o := range []*sysctl.OID{
		sysctl.Proc(abi.OID_AUTO, "lck_grp", abi.CTLTYPE_STRING|abi.CTLFLAG_RD, "A", "Lock groups: locks, acquisitions, misses, waiting",
			func(_ *sysctl.OID, _ []int32, req *sysctl.Req) abi.Errno { return req.OutString(k.LockGroups()) }),
		sysctl.Proc(abi.OID_AUTO, "msgbuf", abi.CTLTYPE_STRING|abi.CTLFLAG_RD, "A", "The message buffer",
			func(_ *sysctl.OID, _ []int32, req *sysctl.Req) abi.Errno { return req.OutString(k.Messages.String()) }),
	} {
		if err := tree.Register(debug, o); err != nil && !errors.Is(err, sysctl.ErrExists) {
			return err
		}
	}
	return nil
}

func sysctlRegister(c *Call) uint64 {
	k, a := c.K, c.Addr(0)
	if k.cfg.Sysctl == nil {
		return c.Panic("sysctl_register_oid: this kernel has no sysctl tree")
	}
	if !c.maySleep() {
		return 0
	}
	var b [oidSize]byte
	if !k.Read(b[:], a) {
		return c.Panic("sysctl_register_oid: the OID can't be read")
	}
	str := func(off int) string {
		p := Addr(le.Uint64(b[off:]))
		if p == 0 {
			return ""
		}
		s, ok := k.String(p, 1024)
		if !ok {
			c.Panic("sysctl_register_oid: a string of the OID can't be read")
		}
		return s
	}
	list, arg1 := Addr(le.Uint64(b[oidParent:])), Addr(le.Uint64(b[oidArg1:]))
	handler := Addr(le.Uint64(b[oidHandler:]))
	oid := &sysctl.OID{Number: int32(le.Uint32(b[oidNumber:])), Kind: le.Uint32(b[oidKind:]),
		Name: str(oidName), Fmt: str(oidFmt), Descr: str(oidDescr)}
	if c.failed != nil {
		return 0
	}
	node := oid.Kind&abi.CTLTYPE == abi.CTLTYPE_NODE
	switch {
	case oid.Name == "":
		return c.Panic("sysctl_register_oid: the OID has no name")
	case !node && handler == 0:
		return c.Panic("sysctl_register_oid: " + oid.Name + " has no handler")
	}
	if handler != 0 {
		oid.Handler = k.oidHandler(a)
	}
	t := &k.oids
	t.mu.Lock()
	parent, ok := t.lists[list]
	_, twice := t.oids[a]
	t.mu.Unlock()
	if !ok {
		return c.Panic("sysctl_register_oid: the parent of " + oid.Name + " is not registered")
	}
	if twice {
		k.print("sysctl_register_oid: " + oid.Name + " is registered already\n")
		return 0
	}
	if err := k.cfg.Sysctl.Register(parent, oid); err != nil {
		// As in XNU, there is nobody to tell but the log.
		k.print("sysctl_register_oid: " + oid.Name + ": " + err.Error() + "\n")
		return 0
	}
	k.PutU32(a+oidNumber, uint32(oid.Number))
	x := &kextOID{oid: oid}
	t.mu.Lock()
	if node && handler == 0 && arg1 != 0 {
		x.list = arg1
		t.lists[arg1] = oid
	}
	t.oids[a] = x
	t.mu.Unlock()
	k.AddReference("sysctl", a, oid.Name, func(th *sched.Thread) { k.removeOID(th, a) }, a, handler, arg1)
	return 0
}

// removeOID takes an OID out, and waits until its handler runs nowhere.
func (k *KernelTask) removeOID(th *sched.Thread, a Addr) error {
	t := &k.oids
	t.mu.Lock()
	x := t.oids[a]
	t.mu.Unlock()
	if x == nil {
		return sysctl.ErrNotThere
	}
	if err := k.cfg.Sysctl.Unregister(th, x.oid); err != nil {
		return err
	}
	t.mu.Lock()
	delete(t.oids, a)
	if x.list != 0 {
		delete(t.lists, x.list)
	}
	t.mu.Unlock()
	k.DropReference("sysctl", a)
	return nil
}

func sysctlUnregister(c *Call) uint64 {
	if !c.maySleep() {
		return 0
	}
	if c.T.sysctls > 0 { // it would wait for itself
		return c.Panic("sysctl_unregister_oid: called by a sysctl's handler")
	}
	if err := c.K.removeOID(c.T.th, c.Addr(0)); err != nil {
		c.K.print("sysctl_unregister_oid: " + err.Error() + "\n")
	}
	return 0
}

// oidHandler calls the handler of the OID at a. The OID's fields are read anew each time.
func (k *KernelTask) oidHandler(a Addr) sysctl.Handler {
	return func(_ *sysctl.OID, name []int32, req *sysctl.Req) abi.Errno {
		var o [oidSize]byte
		if !k.Read(o[:], a) {
			return abi.EFAULT
		}
		handler, kind := le.Uint64(o[oidHandler:]), le.Uint32(o[oidKind:])
		arg1, arg2 := le.Uint64(o[oidArg1:]), le.Uint32(o[oidArg2:])
		t, err := k.thread(req.Ctx.Thread)
		if err != nil {
			return abi.ENOMEM
		}
		r := t.takeRequest()
		if r == 0 {
			return abi.ENOMEM
		}
		defer t.dropRequest(r)
		var b [reqSize + 4*abi.CTL_MAXNAME]byte
		if req.Ctx.Proc != nil {
			le.PutUint64(b[reqProc:], uint64(k.borrow(t, req.Ctx.Proc)))
		} else {
			le.PutUint64(b[reqProc:], uint64(k.procHandle))
		}
		le.PutUint32(b[reqLock:], 1)
		// The buffers' own addresses mean nothing here: only whether there are any.
		if req.HasOld {
			le.PutUint64(b[reqOldptr:], 1)
			le.PutUint64(b[reqOldlen:], req.OldLen)
		}
		if req.HasNew {
			le.PutUint64(b[reqNewptr:], 1)
			le.PutUint64(b[reqNewlen:], uint64(len(req.New)))
		}
		le.PutUint64(b[reqOldfunc:], uint64(k.stubAddr(byName()["_kpi_sysctl_old"])))
		le.PutUint64(b[reqNewfunc:], uint64(k.stubAddr(byName()["_kpi_sysctl_new"])))
		if kind&abi.CTLTYPE == abi.CTLTYPE_NODE {
			for i, n := range name {
				le.PutUint32(b[reqSize+4*i:], uint32(n))
			}
			arg1, arg2 = uint64(r+reqSize), uint32(len(name))
		}
		if !k.Write(r, b[:]) {
			return abi.EFAULT
		}
		k.oids.mu.Lock()
		k.oids.reqs[r] = req
		k.oids.mu.Unlock()
		t.sysctls++
		v, err := k.CallContext(req.Ctx, Addr(handler), uint64(a), arg1, uint64(int64(int32(arg2))), uint64(r))
		t.sysctls--
		k.oids.mu.Lock()
		delete(k.oids.reqs, r)
		k.oids.mu.Unlock()
		if err != nil {
			return abi.EIO
		}
		return guestErrno(v)
	}
}

// takeRequest gives memory for a request, 0 if there is none: what the thread's last one had,
// unless that is in use, since handlers may read other values.
func (t *kthread) takeRequest() Addr {
	r := t.request
	if t.request = 0; r == 0 {
		r, _ = t.k.alloc.get(reqSize+4*abi.CTL_MAXNAME, kindKernel, nil)
	}
	return r
}

func (t *kthread) dropRequest(r Addr) {
	if t.gone || t.request != 0 {
		t.k.alloc.put(r)
		return
	}
	t.request = r
}

// guestErrno is an int that code returned as an error number. ERESTART becomes
// EINTR: the kernel makes the call again, if the signal's handler asks for it.
func guestErrno(v uint64) abi.Errno {
	switch e := int32(v); {
	case e == -1:
		return abi.EINTR
	case e < 0 || e > int32(abi.EOWNERDEAD):
		return abi.EIO
	default:
		return abi.Errno(e)
	}
}

// request is the request of argument 0.
func (c *Call) request() *sysctl.Req {
	c.K.oids.mu.Lock()
	defer c.K.oids.mu.Unlock()
	return c.K.oids.reqs[c.Addr(0)]
}

// maxSysctl bounds one piece of a value, bytes.
const maxSysctl = 16 << 20

func sysctlOld(c *Call) uint64 {
	r, n := c.request(), c.Arg(2)
	if r == nil {
		return c.Panic("SYSCTL_OUT: " + hex(c.Addr(0)) + " is no request")
	}
	if n > maxSysctl {
		return uint64(abi.ENOMEM)
	}
	b := make([]byte, n)
	if !c.K.Read(b, c.Addr(1)) {
		return c.Panic("SYSCTL_OUT: the value can't be read")
	}
	if idx, ok := c.K.U64(c.Addr(0) + reqOldidx); ok {
		r.Rewind(idx) // a handler may set it back
		c.K.PutU64(c.Addr(0)+reqOldidx, idx+n)
	}
	return uint64(r.Out(b))
}

func sysctlNew(c *Call) uint64 {
	r, n := c.request(), c.Arg(2)
	if r == nil {
		return c.Panic("SYSCTL_IN: " + hex(c.Addr(0)) + " is no request")
	}
	if !r.HasNew {
		return 0
	}
	if n > uint64(len(r.New)) {
		return uint64(abi.EINVAL)
	}
	b := make([]byte, n)
	if e := r.In(b); e != 0 {
		return uint64(e)
	}
	if !c.K.Write(c.Addr(1), b) {
		return c.Panic("SYSCTL_IN: the value can't be stored")
	}
	if idx, ok := c.K.U64(c.Addr(0) + reqNewidx); ok {
		c.K.PutU64(c.Addr(0)+reqNewidx, idx+n)
	}
	return 0
}
