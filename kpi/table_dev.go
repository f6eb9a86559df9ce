package kpi

import (
	"fmt"
	"strings"
	"sync"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/fs/devfs"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

func init() {
	register("sys/conf.h", "2002", "bsd", []Row{
		{Name: "cdevsw_add", Proto: "int cdevsw_add(int index, const struct cdevsw *sw)", Handler: cdevswAdd},
		{Name: "cdevsw_remove", Proto: "int cdevsw_remove(int index, const struct cdevsw *sw)", Handler: cdevswRemove},
		{Name: "cdevsw_isfree", Proto: "int cdevsw_isfree(int index)", Handler: cdevswIsfree},
		{Name: "bdevsw_add", Proto: "int bdevsw_add(int index, const struct bdevsw *sw)", Handler: bdevswAdd, Note: "d_dump and d_psize are not called"},
		{Name: "bdevsw_remove", Proto: "int bdevsw_remove(int index, const struct bdevsw *sw)", Handler: bdevswRemove},
		{Name: "bdevsw_isfree", Proto: "int bdevsw_isfree(int index)", Handler: bdevswIsfree},
	})
	register("miscfs/devfs/devfs.h", "2002", "bsd", []Row{
		{Name: "devfs_make_node", Proto: "void *devfs_make_node(dev_t dev, int chrblk, uid_t uid, gid_t gid, int perms, const char *fmt, ...)", Handler: devfsMakeNode, Note: "the node is the kernel's user's"},
		{Name: "devfs_remove", Proto: "void devfs_remove(void *handle)", Handler: devfsRemove},
	})
	register("sys/uio.h", "2002", "bsd", []Row{
		{Name: "uiomove", Proto: "int uiomove(const char *cp, int n, struct uio *uio)", Handler: uiomove},
		{Name: "uiomove64", Since: "2006", KPI: "unsupported", Proto: "int uiomove64(const addr64_t cp, int n, struct uio *uio)", Handler: uiomove},
		{Name: "ureadc", Proto: "int ureadc(int c, struct uio *uio)", Handler: ureadc},
		{Name: "uio_resid", Since: "2006", Proto: "user_ssize_t uio_resid(uio_t uio)", Handler: ofUio(func(_ *Call, u *uio) (uint64, string) { return uint64(u.Resid), "" })},
		{Name: "uio_setresid", Since: "2006", KPI: "bsd unsupported", Proto: "void uio_setresid(uio_t uio, user_ssize_t n)", Handler: ofUio(uioSetresid)},
		{Name: "uio_offset", Since: "2006", Proto: "off_t uio_offset(uio_t uio)", Handler: ofUio(func(_ *Call, u *uio) (uint64, string) { return uint64(u.Offset), "" })},
		{Name: "uio_setoffset", Since: "2006", Proto: "void uio_setoffset(uio_t uio, off_t offset)", Handler: ofUio(func(c *Call, u *uio) (uint64, string) { u.Offset = int64(c.Arg(1)); return 0, "" })},
		{Name: "uio_rw", Since: "2006", Proto: "int uio_rw(uio_t uio)", Handler: ofUio(func(_ *Call, u *uio) (uint64, string) { return boolean(u.write), "" })},
		{Name: "uio_iovcnt", Since: "2006", Proto: "int uio_iovcnt(uio_t uio)", Handler: ofUio(func(_ *Call, u *uio) (uint64, string) { return uint64(len(u.Iov)), "" })},
		{Name: "uio_isuserspace", Since: "2006", Proto: "int uio_isuserspace(uio_t uio)", Handler: ofUio(func(*Call, *uio) (uint64, string) { return 1, "" })},
	})
}

// struct cdevsw (<sys/conf.h>).
const (
	cdOpen   = 0
	cdClose  = 8
	cdRead   = 16
	cdWrite  = 24
	cdIoctl  = 32
	cdStop   = 40
	cdReset  = 48
	cdTtys   = 56
	cdSelect = 64
	cdMmap   = 72
	cdSize   = 112
)

// switches is what code has entered in the device switches.
type switches struct {
	devMu sync.Mutex
	cdevs map[int]*kextCdev
	bdevs map[int]*kextBdev
	nodes map[Addr]*deviceNode
}

type kextCdev struct {
	at Addr // of its struct cdevsw
	sw *dev.Cdevsw
}

// deviceNode is a node that devfs_make_node made.
type deviceNode struct{ name string }

func cdevswAdd(c *Call) uint64 {
	k, at := c.K, c.Addr(1)
	var b [cdSize]byte
	if !k.Read(b[:], at) {
		return c.Panic("cdevsw_add: the entry can't be read")
	}
	fn := func(off int) Addr { return Addr(le.Uint64(b[off:])) }
	sw := k.cdevsw(fn)
	major := dev.CdevswAdd(int(c.I32(0)), sw)
	if major < 0 {
		return ^uint64(0)
	}
	k.devMu.Lock()
	if k.cdevs == nil {
		k.cdevs = map[int]*kextCdev{}
	}
	k.cdevs[major] = &kextCdev{at, sw}
	k.devMu.Unlock()
	k.AddReference("character device", major, fmt.Sprintf("switch entry %d", major),
		func(*sched.Thread) { k.removeCdev(major, 0) },
		at, fn(cdOpen), fn(cdClose), fn(cdRead), fn(cdWrite), fn(cdIoctl), fn(cdSelect))
	return uint64(major)
}

// callDevice calls a function of a switch entry.
func (k *KernelTask) callDevice(ctx *sys.Context, f Addr, args ...uint64) abi.Errno {
	v, err := k.CallContext(ctx, f, args...)
	if err != nil {
		return abi.EIO
	}
	return guestErrno(v)
}

// procOf is the struct proc that a switch entry's functions get.
func (k *KernelTask) procOf(ctx *sys.Context) uint64 {
	t, err := k.thread(ctx.Thread)
	if err != nil || ctx.Proc == nil {
		return uint64(k.procHandle)
	}
	return uint64(k.borrow(t, ctx.Proc))
}

// ioctl makes d_ioctl of a function: the data is in the kernel's memory meanwhile.
func (k *KernelTask) ioctl(f Addr) func(*sys.Context, int32, uint64, []byte, int) abi.Errno {
	return func(ctx *sys.Context, d int32, cmd uint64, data []byte, flags int) abi.Errno {
		n := uint64(max(len(data), 8))
		a, ok := k.alloc.get(n, kindKernel, nil)
		if !ok {
			return abi.ENOMEM
		}
		defer k.alloc.put(a)
		k.Write(a, make([]byte, n))
		if !k.Write(a, data) {
			return abi.EFAULT
		}
		e := k.callDevice(ctx, f, uint64(uint32(d)), cmd, uint64(a), uint64(flags), k.procOf(ctx))
		if len(data) > 0 && !k.Read(data, a) {
			return abi.EFAULT
		}
		return e
	}
}

// cdevsw makes the switch entry of functions in code. nodev and its kin are the
// runtime's functions, and are called like others.
func (k *KernelTask) cdevsw(fn func(off int) Addr) *dev.Cdevsw {
	call, proc := k.callDevice, k.procOf
	const chr = 0o020000 // S_IFCHR
	sw := &dev.Cdevsw{}
	if f := fn(cdOpen); f != 0 {
		sw.Open = func(ctx *sys.Context, d int32, flags int) abi.Errno {
			return call(ctx, f, uint64(uint32(d)), uint64(flags), chr, proc(ctx))
		}
	}
	if f := fn(cdClose); f != 0 {
		sw.Close = func(ctx *sys.Context, d int32, flags int) abi.Errno {
			return call(ctx, f, uint64(uint32(d)), uint64(flags), chr, proc(ctx))
		}
	}
	move := func(f Addr, write bool) func(*sys.Context, int32, *sys.Uio, int) abi.Errno {
		return func(ctx *sys.Context, d int32, u *sys.Uio, flags int) abi.Errno {
			lent := newUio(u, write)
			h := k.handle.put(lent)
			if h == 0 {
				return abi.ENOMEM
			}
			defer k.handle.drop(h)
			defer lent.end(ctx.Thread)
			return call(ctx, f, uint64(uint32(d)), uint64(h), uint64(ioFlags(flags)))
		}
	}
	if f := fn(cdRead); f != 0 {
		sw.Read = move(f, false)
	}
	if f := fn(cdWrite); f != 0 {
		sw.Write = move(f, true)
	}
	if f := fn(cdIoctl); f != 0 {
		sw.Ioctl = k.ioctl(f)
	}
	if f := fn(cdSelect); f != 0 && f != k.seltrue() {
		sw.Select = k.selector(f)
	}
	return sw
}

// seltrue is the runtime's function of that name: always ready, which needs no call.
func (k *KernelTask) seltrue() Addr { return k.rtSymbol("_seltrue") }

// ioFlags are IO_* from an open file's flags.
func ioFlags(flags int) int {
	const ioNdelay = 0x10
	if flags&abi.O_NONBLOCK != 0 {
		return ioNdelay
	}
	return 0
}

// removeCdev takes an entry out; at is its struct, or 0 for any.
func (k *KernelTask) removeCdev(major int, at Addr) bool {
	k.devMu.Lock()
	x := k.cdevs[major]
	if x == nil || at != 0 && x.at != at {
		k.devMu.Unlock()
		return false
	}
	delete(k.cdevs, major)
	k.devMu.Unlock()
	if dev.CdevswRemove(major, x.sw) < 0 {
		return false
	}
	k.DropReference("character device", major)
	return true
}

func cdevswRemove(c *Call) uint64 {
	if !c.K.removeCdev(int(c.I32(0)), c.Addr(1)) {
		return ^uint64(0)
	}
	return c.Arg(0)
}

func cdevswIsfree(c *Call) uint64 {
	i := int(c.I32(0))
	if i < 0 || i >= dev.Nchrdev || dev.CdevswAt(i) != nil {
		return ^uint64(0)
	}
	return uint64(i)
}

func devfsMakeNode(c *Call) uint64 {
	k := c.K
	if k.cfg.Devs == nil {
		return 0
	}
	format, ok := c.String(5, 256)
	if !ok {
		return 0
	}
	// The name's arguments begin with the seventh of the call.
	name, ok := c.format(format, 6)
	if !ok {
		return 0
	}
	if name == "" || len(name) > 255 || strings.Contains(name, "..") {
		return 0
	}
	n := devfs.Node{Name: name, Mode: uint16(c.U32(4) & 0o777), Dev: c.I32(0), Block: c.U32(1) == 1}
	if e := k.cfg.Devs.Make(n); e != 0 {
		k.print("devfs_make_node: " + name + ": " + e.Error() + "\n")
		return 0
	}
	x := &deviceNode{name}
	h := k.handle.put(x)
	if h == 0 {
		k.cfg.Devs.Remove(name)
		return 0
	}
	major := dev.Major(n.Dev)
	k.devMu.Lock()
	var at Addr
	if cd := k.cdevs[major]; cd != nil && !n.Block {
		at = cd.at
	}
	if bd := k.bdevs[major]; bd != nil && n.Block {
		at = bd.at
	}
	k.devMu.Unlock()
	k.AddReference("device node", h, "/dev/"+name, func(*sched.Thread) { k.removeNode(h) }, at)
	return uint64(h)
}

func (k *KernelTask) removeNode(h Addr) bool {
	x, ok := k.handle.get(h).(*deviceNode)
	if !ok {
		return false
	}
	k.handle.drop(h)
	k.cfg.Devs.Remove(x.name)
	k.DropReference("device node", h)
	return true
}

func devfsRemove(c *Call) uint64 {
	if c.Addr(0) != 0 && !c.K.removeNode(c.Addr(0)) {
		return c.Panic("devfs_remove: " + hex(c.Addr(0)) + " is no node")
	}
	return 0
}

// format is the kernel's printf for names: the arguments of the call from i on.
func (c *Call) format(f string, i int) (string, bool) {
	var b strings.Builder
	for len(f) > 0 {
		p := strings.IndexByte(f, '%')
		if p < 0 || p+1 >= len(f) {
			b.WriteString(f)
			break
		}
		b.WriteString(f[:p])
		f = f[p+1:]
		spec := "%"
		for len(f) > 0 && strings.IndexByte("0123456789.-lhqz", f[0]) >= 0 {
			if strings.IndexByte("lhqz", f[0]) < 0 {
				spec += f[:1]
			}
			f = f[1:]
		}
		if len(f) == 0 || len(spec) > 8 {
			break
		}
		verb := f[0]
		f = f[1:]
		switch verb {
		case '%':
			b.WriteByte('%')
			continue
		case 's':
			s, ok := c.K.String(c.Addr(i), 256)
			if !ok {
				c.Panic("a string argument can't be read")
				return "", false
			}
			fmt.Fprintf(&b, spec+"s", s)
		case 'd', 'i':
			fmt.Fprintf(&b, spec+"d", c.I32(i))
		case 'c':
			b.WriteByte(byte(c.Arg(i)))
		case 'x', 'X', 'o':
			fmt.Fprintf(&b, spec+string(verb), c.U32(i))
		default:
			fmt.Fprintf(&b, spec+"d", c.U32(i))
		}
		i++
	}
	return b.String(), true
}
