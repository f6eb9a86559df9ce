package kpi

import (
	"container/list"
	"fmt"
	"sync"

	"puggle/abi"
	"puggle/bsd/dev"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

func init() {
	register("sys/buf.h", "1990", "bsd", []Row{
		{Name: "biowait", Proto: "int biowait(struct buf *bp)"},
		{Name: "biodone", Proto: "void biodone(struct buf *bp)"},
		{Name: "bdevvp", Since: "2002", Proto: "int bdevvp(dev_t dev, struct vnode **vpp)", Handler: bdevvp, Note: "for bread and getblk only"},
		{Name: "bread", Proto: "int bread(struct vnode *vp, daddr_t blkno, int size, struct ucred *cred, struct buf **bpp)", Handler: bread, Note: "devices of extensions; no read-ahead"},
		{Name: "getblk", Proto: "struct buf *getblk(struct vnode *vp, daddr_t blkno, int size, int slpflag, int slptimeo)", Handler: getblk},
		{Name: "bwrite", Proto: "int bwrite(struct buf *bp)", Handler: bwrite},
		{Name: "brelse", Proto: "void brelse(struct buf *bp)", Handler: brelse},
	})
}

// struct bdevsw and struct buf (<sys/conf.h>, <sys/buf.h>); rt/buf.c has the latter, too.
const (
	bdOpen     = 0
	bdClose    = 8
	bdStrategy = 16
	bdIoctl    = 24
	bdDump     = 32
	bdPsize    = 40
	bdSize     = 56

	bFlags   = 0
	bDev     = 8
	bError   = 12
	bBlkno   = 16
	bBcount  = 24
	bBufsize = 32
	bResid   = 40
	bData    = 48
	bLen     = 72

	bBUSY  = 0x10
	bCACHE = 0x20
	bDONE  = 0x200
	bERROR = 0x800
	bINVAL = 0x2000
	bPHYS  = 0x40000
	bREAD  = 0x100000
	bASYNC = 0x4

	devBsize = 512
	// maxTransfer bounds one transfer, bytes; what a process asks for is cut.
	maxTransfer = 64 << 10
	// maxBuffers is how many buffers the cache keeps.
	maxBuffers = 128
)

// kextBdev is a block device of an extension.
type kextBdev struct {
	at       Addr
	strategy Addr
	sw       *dev.Bdevsw
}

func bdevswAdd(c *Call) uint64 {
	k, at := c.K, c.Addr(1)
	var b [bdSize]byte
	if !k.Read(b[:], at) {
		return c.Panic("bdevsw_add: the entry can't be read")
	}
	fn := func(off int) Addr { return Addr(le.Uint64(b[off:])) }
	if fn(bdStrategy) == 0 {
		return ^uint64(0)
	}
	x := &kextBdev{at: at, strategy: fn(bdStrategy), sw: k.bdevsw(fn)}
	major := dev.BdevswAdd(int(c.I32(0)), x.sw)
	if major < 0 {
		return ^uint64(0)
	}
	k.devMu.Lock()
	if k.bdevs == nil {
		k.bdevs = map[int]*kextBdev{}
	}
	k.bdevs[major] = x
	k.devMu.Unlock()
	k.AddReference("block device", major, fmt.Sprintf("switch entry %d", major),
		func(*sched.Thread) { k.removeBdev(major, 0) }, at, fn(bdOpen), fn(bdClose), fn(bdStrategy), fn(bdIoctl))
	return uint64(major)
}

func (k *KernelTask) removeBdev(major int, at Addr) bool {
	k.devMu.Lock()
	x := k.bdevs[major]
	if x == nil || at != 0 && x.at != at {
		k.devMu.Unlock()
		return false
	}
	delete(k.bdevs, major)
	k.devMu.Unlock()
	if dev.BdevswRemove(major, x.sw) < 0 {
		return false
	}
	k.buffers.purge(k, major)
	k.DropReference("block device", major)
	return true
}

func bdevswRemove(c *Call) uint64 {
	if !c.K.removeBdev(int(c.I32(0)), c.Addr(1)) {
		return ^uint64(0)
	}
	return c.Arg(0)
}

func bdevswIsfree(c *Call) uint64 {
	i := int(c.I32(0))
	if i < 0 || i >= dev.Nblkdev || dev.BdevswAt(i) != nil {
		return ^uint64(0)
	}
	return uint64(i)
}

// bdevsw makes the switch entry of functions in code.
func (k *KernelTask) bdevsw(fn func(off int) Addr) *dev.Bdevsw {
	const blk = 0o060000 // S_IFBLK
	sw := &dev.Bdevsw{}
	if f := fn(bdOpen); f != 0 {
		sw.Open = func(ctx *sys.Context, d int32, flags int) abi.Errno {
			return k.callDevice(ctx, f, uint64(uint32(d)), uint64(flags), blk, k.procOf(ctx))
		}
	}
	if f := fn(bdClose); f != 0 {
		sw.Close = func(ctx *sys.Context, d int32, flags int) abi.Errno {
			return k.callDevice(ctx, f, uint64(uint32(d)), uint64(flags), blk, k.procOf(ctx))
		}
	}
	if f := fn(bdIoctl); f != 0 {
		sw.Ioctl = k.ioctl(f)
	}
	strategy := fn(bdStrategy)
	sw.Read = func(ctx *sys.Context, d int32, u *sys.Uio, _ int) abi.Errno {
		return k.physio(ctx, strategy, d, u, false)
	}
	sw.Write = func(ctx *sys.Context, d int32, u *sys.Uio, _ int) abi.Errno {
		return k.physio(ctx, strategy, d, u, true)
	}
	return sw
}

// physio moves a process's data by the strategy routine, in whole blocks: what is
// written of a block in part is read before.
func (k *KernelTask) physio(ctx *sys.Context, strategy Addr, d int32, u *sys.Uio, write bool) abi.Errno {
	if u.Offset < 0 {
		return abi.EINVAL
	}
	for u.Resid > 0 {
		first := u.Offset / devBsize
		skip := u.Offset % devBsize
		n := min(u.Resid, maxTransfer-skip)
		size := (skip + n + devBsize - 1) / devBsize * devBsize
		bp, ok := k.newBuf(d, first, size)
		if !ok {
			return abi.ENOMEM
		}
		moved, e := k.transfer(ctx, strategy, bp, size, skip, n, u, write)
		k.alloc.put(bp)
		if e != 0 {
			return e
		}
		if moved < n { // the device's end
			return 0
		}
	}
	return 0
}

// transfer moves n bytes of the blocks in bp from skip on; moved is less at the end of the
// device.
func (k *KernelTask) transfer(ctx *sys.Context, strategy, bp Addr, size, skip, n int64, u *sys.Uio, write bool) (moved int64, e abi.Errno) {
	whole := skip == 0 && n == size
	b := make([]byte, n)
	got := size
	if !write || !whole {
		if got, e = k.io(ctx, strategy, bp, bREAD|bPHYS|bBUSY); e != 0 {
			return 0, e
		}
	}
	moved = max(min(n, got-skip), 0)
	if moved == 0 {
		return 0, 0
	}
	data := bp + bLen + Addr(skip)
	if !write {
		if !k.Read(b[:moved], data) {
			return 0, abi.EFAULT
		}
		u.CopyIn(b[:moved])
		return moved, 0
	}
	u.CopyOut(b[:moved])
	if !k.Write(data, b[:moved]) {
		return 0, abi.EFAULT
	}
	if got, e = k.io(ctx, strategy, bp, bPHYS|bBUSY); e != 0 {
		return 0, e
	}
	return max(min(moved, got-skip), 0), 0
}

// io has a buffer moved, and waits; it gives how many bytes were.
func (k *KernelTask) io(ctx *sys.Context, strategy, bp Addr, flags uint64) (int64, abi.Errno) {
	k.PutU64(bp+bFlags, flags)
	k.PutU64(bp+bResid, 0)
	k.PutU32(bp+bError, 0)
	if _, err := k.CallContext(ctx, strategy, uint64(bp)); err != nil {
		return 0, abi.EIO
	}
	if e := k.callDevice(ctx, k.rtSymbol("_biowait"), uint64(bp)); e != 0 {
		return 0, e
	}
	resid, _ := k.U64(bp + bResid)
	size, _ := k.U64(bp + bBcount)
	return int64(size - min(resid, size)), 0
}

// newBuf makes a struct buf with its data behind it.
func (k *KernelTask) newBuf(d int32, blkno, size int64) (Addr, bool) {
	a, ok := k.alloc.get(bLen+uint64(size), kindKernel, nil)
	if !ok {
		return 0, false
	}
	b := make([]byte, bLen+size)
	le.PutUint32(b[bDev:], uint32(d))
	le.PutUint64(b[bBlkno:], uint64(blkno))
	le.PutUint64(b[bBcount:], uint64(size))
	le.PutUint64(b[bBufsize:], uint64(size))
	le.PutUint64(b[bData:], uint64(a+bLen))
	return a, k.Write(a, b)
}

// bufferCache is the blocks that bread has read. The structures are in code's memory and
// not believed: what counts is here.
type bufferCache struct {
	mu  sync.Mutex
	by  map[bufKey]*cachedBuf
	at  map[Addr]*cachedBuf
	lru list.List // of *cachedBuf that nobody has, the oldest first
}

type bufKey struct {
	dev   int32
	blkno int64
}

type cachedBuf struct {
	key   bufKey
	a     Addr
	size  int64
	busy  bool
	valid bool
	gone  bool // no longer in by
	el    *list.Element
}

func (bc *bufferCache) setValid(b *cachedBuf, v bool) {
	bc.mu.Lock()
	b.valid = v
	bc.mu.Unlock()
}

func (bc *bufferCache) isValid(b *cachedBuf) bool {
	bc.mu.Lock()
	defer bc.mu.Unlock()
	return b.valid
}

// devVnode is what bdevvp gives.
type devVnode struct{ dev int32 }

func bdevvp(c *Call) uint64 {
	c.K.devMu.Lock()
	known := c.K.bdevs[dev.Major(c.I32(0))] != nil
	c.K.devMu.Unlock()
	if !known {
		return uint64(abi.ENXIO)
	}
	h := c.K.handle.ref(devVnode{c.I32(0)})
	if h == 0 {
		return uint64(abi.ENOMEM)
	}
	c.Put64(c.Addr(1), uint64(h))
	return 0
}

// purge drops what is cached of a device.
func (bc *bufferCache) purge(k *KernelTask, major int) {
	bc.mu.Lock()
	defer bc.mu.Unlock()
	for _, b := range bc.by {
		if dev.Major(b.key.dev) == major {
			bc.drop(k, b)
		}
	}
}

// drop forgets a buffer; one that somebody has is freed when he releases it. mu is held.
func (bc *bufferCache) drop(k *KernelTask, b *cachedBuf) {
	if !b.gone {
		delete(bc.by, b.key)
		b.gone = true
	}
	if b.busy {
		return
	}
	if b.el != nil {
		bc.lru.Remove(b.el)
		b.el = nil
	}
	delete(bc.at, b.a)
	k.alloc.put(b.a)
}

// take gives the buffer of arguments 0 to 2 to the caller, waiting for who has it. nil if
// there is no memory; a panic for bad arguments.
func (c *Call) takeBuf() *cachedBuf {
	k, bc := c.K, &c.K.buffers
	vn, ok := k.handle.get(c.Addr(0)).(devVnode)
	size := int64(c.I32(2))
	if !ok || size <= 0 || size > maxTransfer || size%devBsize != 0 || int64(c.Arg(1)) < 0 {
		c.Panic("bread: no vnode of a block device, or a bad size or number of a block")
		return nil
	}
	if !c.maySleep() {
		return nil
	}
	key := bufKey{vn.dev, int64(c.Arg(1))}
	bc.mu.Lock()
	defer bc.mu.Unlock()
	for {
		b := bc.by[key]
		if b == nil {
			break
		}
		if b.busy {
			if !c.assert(uint64(b.a)+1, sched.Uninterruptible, sched.Forever) {
				return nil
			}
			bc.mu.Unlock()
			c.T.block_()
			bc.mu.Lock()
			continue
		}
		if b.size != size {
			bc.drop(k, b)
			break
		}
		b.busy = true
		bc.lru.Remove(b.el)
		b.el = nil
		return b
	}
	for len(bc.at) >= maxBuffers {
		old := bc.lru.Front()
		if old == nil {
			return nil // all are in somebody's hands
		}
		bc.drop(k, old.Value.(*cachedBuf))
	}
	a, ok := k.newBuf(key.dev, key.blkno, size)
	if !ok {
		return nil
	}
	if bc.by == nil {
		bc.by, bc.at = map[bufKey]*cachedBuf{}, map[Addr]*cachedBuf{}
	}
	b := &cachedBuf{key: key, a: a, size: size, busy: true}
	bc.by[key], bc.at[a] = b, b
	return b
}

// strategy of a buffer's device, 0 if it is gone.
func (c *Call) strategy(b *cachedBuf) Addr {
	c.K.devMu.Lock()
	defer c.K.devMu.Unlock()
	if x := c.K.bdevs[dev.Major(b.key.dev)]; x != nil {
		return x.strategy
	}
	return 0
}

func getblk(c *Call) uint64 {
	b := c.takeBuf()
	if b == nil {
		return 0
	}
	c.K.PutU64(b.a+bFlags, bBUSY)
	return uint64(b.a)
}

func bread(c *Call) uint64 {
	b := c.takeBuf()
	if b == nil {
		return uint64(abi.ENOMEM)
	}
	if !c.Put64(c.Addr(4), uint64(b.a)) {
		return 0
	}
	if c.K.buffers.isValid(b) {
		c.K.PutU64(b.a+bFlags, bBUSY|bCACHE|bDONE|bREAD)
		return 0
	}
	e := c.moveBuf(b, bREAD|bBUSY, true)
	c.K.buffers.setValid(b, e == 0)
	return e
}

// moveBuf calls the strategy routine and, if told, waits.
func (c *Call) moveBuf(b *cachedBuf, flags uint64, wait bool) uint64 {
	f := c.strategy(b)
	if f == 0 {
		return uint64(abi.ENXIO)
	}
	k := c.K
	k.PutU64(b.a+bFlags, flags)
	k.PutU64(b.a+bResid, 0)
	k.PutU32(b.a+bError, 0)
	if _, err := c.Up(f, uint64(b.a)); err != nil {
		return uint64(abi.EIO)
	}
	if !wait {
		return 0
	}
	v, _ := c.rt("biowait", uint64(b.a))
	return v
}

// bufAt is argument 0 as a buffer that somebody has; none is a panic.
func (c *Call) bufAt(what string) *cachedBuf {
	bc := &c.K.buffers
	bc.mu.Lock()
	defer bc.mu.Unlock()
	b := bc.at[c.Addr(0)]
	if b == nil || !b.busy {
		c.Panic(what + ": " + hex(c.Addr(0)) + " is no buffer that was given out")
		return nil
	}
	return b
}

// bwrite waits, unless B_ASYNC is set: then biodone releases the buffer.
func bwrite(c *Call) uint64 {
	b := c.bufAt("bwrite")
	if b == nil || !c.maySleep() {
		return 0
	}
	flags, _ := c.K.U64(b.a + bFlags)
	async := flags&bASYNC != 0
	c.K.buffers.setValid(b, true)
	e := c.moveBuf(b, bBUSY|flags&bASYNC, !async)
	if e != 0 {
		c.K.buffers.setValid(b, false)
	}
	if async && e == 0 {
		return 0
	}
	c.release(b)
	return e
}

func brelse(c *Call) uint64 {
	if b := c.bufAt("brelse"); b != nil {
		flags, _ := c.K.U64(b.a + bFlags)
		if flags&(bINVAL|bERROR) != 0 {
			c.K.buffers.setValid(b, false)
		}
		c.release(b)
	}
	return 0
}

func (c *Call) release(b *cachedBuf) {
	bc := &c.K.buffers
	bc.mu.Lock()
	b.busy = false
	a := b.a
	if b.gone || !b.valid {
		bc.drop(c.K, b)
	} else {
		b.el = bc.lru.PushBack(b)
	}
	bc.mu.Unlock()
	c.K.wakeup(uint64(a)+1, false, sched.Awakened)
}
