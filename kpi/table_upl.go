package kpi

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/bsd/vfs"
	"puggle/mach/sched"
	"puggle/mach/vm"
	"puggle/machine"
)

func init() {
	register("sys/ubc.h", "2002", "bsd", []Row{
		{Name: "ubc_create_upl", Proto: "int ubc_create_upl(vnode_t vp, off_t offset, int size, upl_t *upl, upl_page_info_t **pl, int flags)", Handler: ubcCreateUPL},
		{Name: "ubc_upl_map", Proto: "int ubc_upl_map(upl_t upl, vm_offset_t *addr)", Handler: ofUPL(uplMap)},
		{Name: "ubc_upl_unmap", Proto: "int ubc_upl_unmap(upl_t upl)", Handler: ofUPL(uplUnmap)},
		{Name: "ubc_upl_commit", Proto: "int ubc_upl_commit(upl_t upl)", Handler: ofUPL(func(c *Call, u *upl) uint64 { return c.endUPL(u, 0, u.Size(), 0, true, false) })},
		{Name: "ubc_upl_commit_range", Proto: "int ubc_upl_commit_range(upl_t upl, upl_offset_t offset, upl_size_t size, int flags)", Handler: ofUPL(func(c *Call, u *upl) uint64 {
			return c.endUPL(u, uint64(c.U32(1)), uint64(c.U32(2)), c.I32(3), c.I32(3)&abi.UPL_COMMIT_FREE_ON_EMPTY != 0, false)
		})},
		{Name: "ubc_upl_abort", Proto: "int ubc_upl_abort(upl_t upl, int error)", Handler: ofUPL(func(c *Call, u *upl) uint64 { return c.endUPL(u, 0, u.Size(), c.I32(1), true, true) })},
		{Name: "ubc_upl_abort_range", Proto: "int ubc_upl_abort_range(upl_t upl, upl_offset_t offset, upl_size_t size, int error)", Handler: ofUPL(func(c *Call, u *upl) uint64 {
			return c.endUPL(u, uint64(c.U32(1)), uint64(c.U32(2)), c.I32(3), c.I32(3)&abi.UPL_ABORT_FREE_ON_EMPTY != 0, true)
		})},
		{Name: "ubc_upl_pageinfo", Proto: "upl_page_info_t *ubc_upl_pageinfo(upl_t upl)", Handler: ofUPL(func(_ *Call, u *upl) uint64 { return uint64(u.info) })},
		{Name: "ubc_upl_maxbufsize", Since: "2006", Proto: "upl_size_t ubc_upl_maxbufsize(void)", Handler: func(*Call) uint64 { return abi.MAX_UPL_SIZE_BYTES }},
		{Name: "ubc_getsize", Proto: "off_t ubc_getsize(vnode_t vp)", Handler: ofVnodeSleeping(func(c *Call, v *vfs.Vnode) uint64 {
			var st abi.Stat
			if v.Type != vfs.VREG || c.attributes(v, noArg, &st) != 0 {
				return 0
			}
			return uint64(st.Size)
		})},
	})
	register("mach/upl.h", "2002", "mach unsupported", []Row{
		{Name: "vm_map_get_upl", Proto: "kern_return_t vm_map_get_upl(vm_map_t map, vm_offset_t addr, upl_size_t *size, upl_t *upl, upl_page_info_t *pl, unsigned int *count, int *flags, int force)", Handler: vmMapGetUPL, Note: "kernel_map, and current_map() of a process"},
		{Name: "current_map", Header: "vm/vm_kern.h", Proto: "vm_map_t current_map(void)", Handler: currentMap},
		{Name: "upl_commit", Proto: "kern_return_t upl_commit(upl_t upl, upl_page_info_t *pl, unsigned int count)", Handler: ofUPL(func(c *Call, u *upl) uint64 { return c.endUPL(u, 0, u.Size(), 0, false, false) })},
		{Name: "upl_commit_range", Proto: "kern_return_t upl_commit_range(upl_t upl, upl_offset_t offset, upl_size_t size, int flags, upl_page_info_t *pl, unsigned int count, boolean_t *empty)", Handler: ofUPL(func(c *Call, u *upl) uint64 {
			return c.endRange(u, c.I32(3)&^abi.UPL_COMMIT_FREE_ON_EMPTY, c.Addr(6), false)
		})},
		{Name: "upl_abort", Proto: "kern_return_t upl_abort(upl_t upl, int error)", Handler: ofUPL(func(c *Call, u *upl) uint64 { return c.endUPL(u, 0, u.Size(), c.I32(1), false, true) })},
		{Name: "upl_abort_range", Proto: "kern_return_t upl_abort_range(upl_t upl, upl_offset_t offset, upl_size_t size, int error, boolean_t *empty)", Handler: ofUPL(func(c *Call, u *upl) uint64 {
			return c.endRange(u, c.I32(3)&^abi.UPL_ABORT_FREE_ON_EMPTY, c.Addr(4), true)
		})},
		{Name: "upl_deallocate", Proto: "void upl_deallocate(upl_t upl)", Handler: ofUPL(func(c *Call, u *upl) uint64 { c.K.freeUPL(u); return 0 })},
		{Name: "upl_page_present", Proto: "boolean_t upl_page_present(upl_page_info_t *pl, int index)"},
		{Name: "upl_valid_page", Proto: "boolean_t upl_valid_page(upl_page_info_t *pl, int index)"},
		{Name: "upl_dirty_page", Proto: "boolean_t upl_dirty_page(upl_page_info_t *pl, int index)"},
		{Name: "upl_phys_page", Proto: "ppnum_t upl_phys_page(upl_page_info_t *pl, int index)", Note: "the page's number in the machine's memory and 1; 0 for none"},
	})
}

// struct upl_page_info: the page's number, and bits.
const (
	uplInfoSize   = 8
	uplAbsent     = 1 << 1
	uplDirty      = 1 << 2
	maxUPLs       = 1024
	uplWindowFull = abi.VM_PROT_READ | abi.VM_PROT_WRITE
)

// upl is a upl_t in the hands of code.
type upl struct {
	*vm.UPL
	h    Addr
	info Addr // its page list

	mu     sync.Mutex
	window Addr // where it is mapped, 0 if it isn't
	gone   bool
	file   *sys.OpenFile // what ubc_create_upl opened, until the list is freed
}

func ofUPL(f func(c *Call, u *upl) uint64) func(*Call) uint64 {
	return func(c *Call) uint64 {
		u, ok := c.K.handle.get(c.Addr(0)).(*upl)
		if !ok {
			return c.Panic(table[rowOf(c)].Name + ": " + hex(c.Addr(0)) + " is no UPL, or one that was freed")
		}
		if !c.maySleep() {
			return 0
		}
		return f(c, u)
	}
}

// newUPL hands a list to code, with its page list in the kernel's memory. file goes with it;
// without success it stays the caller's.
func (c *Call) newUPL(list *vm.UPL, file *sys.OpenFile) (*upl, bool) {
	k := c.K
	u := &upl{UPL: list, file: file}
	pages := list.Pages()
	info, ok := k.alloc.get(uint64(len(pages)*uplInfoSize), kindKernel, nil)
	if ok && k.uplCount.Add(1) > maxUPLs {
		k.uplCount.Add(-1)
		k.alloc.put(info)
		ok = false
	}
	if !ok {
		list.Free()
		return nil, false
	}
	b := make([]byte, len(pages)*uplInfoSize)
	for i, p := range pages {
		if p.Phys == machine.NoPhys {
			continue
		}
		bits := uint32(0)
		if !p.Valid {
			bits |= uplAbsent
		}
		if p.Dirty {
			bits |= uplDirty
		}
		// Page 0 is a page like others: numbers begin with 1, as 0 says that there is none.
		le.PutUint32(b[i*uplInfoSize:], uint32(p.Phys>>machine.PageShift)+1)
		le.PutUint32(b[i*uplInfoSize+4:], bits)
	}
	k.Write(info, b)
	u.info = info
	if u.h = k.handle.put(u); u.h == 0 {
		u.file = nil // the caller closes it
		k.freeUPL(u)
		return nil, false
	}
	k.AddReference("upl", u.h, hex(u.h), func(*sched.Thread) { k.freeUPL(u) }, c.Caller())
	return u, true
}

// freeUPL ends a list: what is still held is aborted.
func (k *KernelTask) freeUPL(u *upl) {
	u.mu.Lock()
	if u.gone {
		u.mu.Unlock()
		return
	}
	u.gone = true
	k.unmapUPL(u)
	u.mu.Unlock()
	k.handle.drop(u.h)
	k.DropReference("upl", u.h)
	u.Free()
	k.alloc.put(u.info)
	k.uplCount.Add(-1)
	if u.file != nil {
		u.file.Unref(&sys.Context{Thread: sched.NewThread("upl"), Cred: rootCred})
	}
}

// unmapUPL takes the list's mapping away. u.mu is held.
func (k *KernelTask) unmapUPL(u *upl) bool {
	if u.window == 0 {
		return false
	}
	k.Map.Deallocate(u.window, u.Size())
	u.window = 0
	return true
}

// ubcCreateUPL makes a list of a file's pages. KERN_INVALID_ARGUMENT for what is no
// regular file and for a range that is not whole pages.
func ubcCreateUPL(c *Call) uint64 {
	v, ok := c.vnode(0)
	if !ok {
		return 0
	}
	defer v.Unref()
	x, _ := c.vfs(noArg)
	off, size, flags := c.Arg(1), uint64(c.U32(2)), int(c.U32(5))
	if !c.maySleep() {
		return 0
	}
	if v.Type != vfs.VREG || c.names(x) == nil || int64(off) < 0 {
		return uint64(abi.KERN_INVALID_ARGUMENT)
	}
	// What is dirty is written by the file's pager, which needs the file open.
	mode := abi.FREAD | abi.FWRITE
	of, e := vfs.OpenQuiet(x, c.names(x), v, mode)
	if e != 0 {
		if of, e = vfs.OpenQuiet(x, c.names(x), v, abi.FREAD); e != 0 {
			return uint64(abi.KERN_INVALID_ARGUMENT)
		}
	}
	o, e := v.Object(x)
	if e != 0 {
		of.Unref(x)
		return uint64(abi.KERN_INVALID_ARGUMENT)
	}
	list, kr := o.UPLRequest(off, size, flags)
	o.Unref()
	if kr != 0 {
		of.Unref(x)
		return uint64(kr)
	}
	u, ok := c.newUPL(list, of)
	if !ok {
		of.Unref(x)
		return uint64(abi.KERN_RESOURCE_SHORTAGE)
	}
	if pl := c.Addr(4); pl != 0 && !c.Put64(pl, uint64(u.info)) {
		return 0
	}
	c.Put64(c.Addr(3), uint64(u.h))
	return 0
}

// currentMap is the process's map, or the kernel's own.
func currentMap(c *Call) uint64 {
	if m := c.T.userMap(); m != nil {
		return uint64(c.borrow(m))
	}
	return uint64(c.K.taskHandle)
}

// vmMapGetUPL makes a list of the memory at an address: of its first object only, *size
// becomes what that covers.
func vmMapGetUPL(c *Call) uint64 {
	m, ok := c.K.handle.get(c.Addr(0)).(*vm.Map)
	if !ok {
		if c.Addr(0) != c.K.taskHandle {
			return c.Panic("vm_map_get_upl: " + hex(c.Addr(0)) + " is no map")
		}
		m = c.K.Map
	}
	size, ok1 := c.K.U32(c.Addr(2))
	flags, ok2 := c.K.U32(c.Addr(6))
	if !ok1 || !ok2 {
		return c.Panic("vm_map_get_upl: an argument can't be read")
	}
	if !c.maySleep() {
		return 0
	}
	if size == 0 || c.Addr(1)&machine.PageMask != 0 {
		return uint64(abi.KERN_INVALID_ARGUMENT)
	}
	list, done, kr := m.GetUPL(c.Addr(1), uint64(size), int(flags))
	if kr != 0 {
		return uint64(kr)
	}
	u, ok := c.newUPL(list, nil)
	if !ok {
		return uint64(abi.KERN_RESOURCE_SHORTAGE)
	}
	// The caller's own page list, as far as it goes.
	if at, n := c.Addr(4), c.Addr(5); at != 0 && n != 0 {
		room, _ := c.K.U32(n)
		have := uint32(done >> machine.PageShift)
		c.K.copy(at, u.info, uint64(min(room, have))*uplInfoSize)
		c.Put32(n, have)
	}
	c.Put32(c.Addr(2), uint32(done))
	c.Put64(c.Addr(3), uint64(u.h))
	return 0
}

// uplMap maps the list's pages in the kernel, in one piece. KERN_FAILURE when it is mapped
// already, or not all pages of it are held.
func uplMap(c *Call, u *upl) uint64 {
	k := c.K
	u.mu.Lock()
	defer u.mu.Unlock()
	pages := u.Pages()
	if u.window != 0 || u.gone {
		return uint64(abi.KERN_FAILURE)
	}
	for _, p := range pages {
		if p.Phys == machine.NoPhys {
			return uint64(abi.KERN_FAILURE)
		}
	}
	base, kr := k.Map.Enter(&vm.MapSpec{Size: u.Size(), Flags: vm.Anywhere, Inherit: abi.VM_INHERIT_NONE})
	if kr != 0 {
		return uint64(kr)
	}
	mem := k.cfg.Tasks.Machine.Memory()
	for i := 0; i < len(pages); {
		j := i + 1
		for j < len(pages) && pages[j].Phys == pages[j-1].Phys+machine.PageSize {
			j++
		}
		n := uint64(j-i) << machine.PageShift
		o := vm.NewDeviceObject(mem, pages[i].Phys, n, 0, nil)
		at := base + Addr(i)<<machine.PageShift
		_, kr := k.Map.Enter(&vm.MapSpec{Addr: at, Size: n, Flags: vm.Fixed | vm.Overwrite, Object: o, Cur: uplWindowFull, Max: uplWindowFull,
			Inherit: abi.VM_INHERIT_NONE})
		o.Unref()
		if kr != 0 {
			k.Map.Deallocate(base, u.Size())
			return uint64(kr)
		}
		i = j
	}
	u.window = base
	if !c.Put64(c.Addr(1), uint64(base)) {
		return 0
	}
	return 0
}

func uplUnmap(c *Call, u *upl) uint64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !c.K.unmapUPL(u) {
		return uint64(abi.KERN_FAILURE)
	}
	return 0
}

// endUPL commits or aborts a range; free frees the list when nothing is held any more.
func (c *Call) endUPL(u *upl, off, size uint64, flags int32, free, abort bool) uint64 {
	_, kr := c.end(u, off, size, flags, free, abort)
	return uint64(kr)
}

// endRange is endUPL for those that say whether anything is left.
func (c *Call) endRange(u *upl, flags int32, at Addr, abort bool) uint64 {
	empty, kr := c.end(u, uint64(c.U32(1)), uint64(c.U32(2)), flags, false, abort)
	if kr == 0 && at != 0 {
		c.Put32(at, uint32(boolean(empty)))
	}
	return uint64(kr)
}

func (c *Call) end(u *upl, off, size uint64, flags int32, free, abort bool) (bool, abi.KernReturn) {
	var empty bool
	var kr abi.KernReturn
	// The list itself is freed by freeUPL, after its mapping is gone.
	if abort {
		empty, kr = u.AbortRange(off, size, int(flags)&^abi.UPL_ABORT_FREE_ON_EMPTY)
	} else {
		empty, kr = u.CommitRange(off, size, int(flags)&^abi.UPL_COMMIT_FREE_ON_EMPTY)
	}
	if kr == 0 && empty && free {
		c.K.freeUPL(u)
	}
	return empty, kr
}
