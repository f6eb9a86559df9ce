package syscalls

import (
	"puggle/abi"
	"puggle/bsd/vfs"
	"puggle/mach/vm"
	"puggle/machine"
)

// Flags of mmap and its relatives (<sys/mman.h>).
const (
	mapShared    = 0x0001
	mapPrivate   = 0x0002
	mapFixed     = 0x0010
	mapNoreserve = 0x0040
	mapNoextend  = 0x0100
	mapHassem    = 0x0200
	mapNocache   = 0x0400
	mapJIT       = 0x0800
	mapAnon      = 0x1000
	mapResilient = 0x2000 | 0x4000
	map32bit     = 0x8000
	mapUnix03    = 0x40000

	msAsync      = 0x1
	msInvalidate = 0x2
	msKillpages  = 0x4
	msDeactivate = 0x8
	msSync       = 0x10
)

// errnoOf is mach_to_bsd_errno for the calls of <sys/mman.h>.
func errnoOf(kr abi.KernReturn) abi.Errno {
	switch kr {
	case abi.KERN_SUCCESS:
		return 0
	case abi.KERN_INVALID_ADDRESS, abi.KERN_NO_SPACE, abi.KERN_RESOURCE_SHORTAGE:
		return abi.ENOMEM
	case abi.KERN_PROTECTION_FAILURE:
		return abi.EACCES
	case abi.KERN_MEMORY_ERROR:
		return abi.EIO
	case abi.KERN_NOT_SUPPORTED:
		return abi.ENOTSUP
	}
	return abi.EINVAL
}

func pageMisaligned(v uint64) bool { return v&machine.PageMask != 0 }

func sysMmap(c *Call) abi.Errno {
	addr, size, flags, pos := c.Arg[0], c.Arg[1], c.Int(3), c.Arg[5]
	prot := abi.Prot(c.Arg[2]) & abi.VM_PROT_ALL
	if prot&abi.VM_PROT_WRITE != 0 {
		prot |= abi.VM_PROT_READ
	}
	size = (size + pos&machine.PageMask + machine.PageMask) &^ machine.PageMask
	if c.Arg[1] == 0 || size < c.Arg[1] || flags&(mapShared|mapPrivate) == 0 ||
		flags&(mapShared|mapPrivate) == mapShared|mapPrivate {
		return abi.EINVAL
	}
	if flags&mapFixed != 0 && pageMisaligned(addr) || flags&mapAnon == 0 && pageMisaligned(pos) {
		return abi.EINVAL
	}
	if flags&map32bit != 0 {
		return abi.ENOTSUP
	}
	spec := vm.MapSpec{Addr: machine.Addr(addr).Trunc(), Size: size, Cur: prot, Max: abi.VM_PROT_ALL,
		Inherit: abi.VM_INHERIT_COPY, Flags: vm.Anywhere}
	if flags&mapFixed != 0 {
		spec.Flags = vm.Fixed | vm.Overwrite
	}
	if flags&mapShared != 0 {
		spec.Inherit = abi.VM_INHERIT_SHARE
	}
	if flags&mapAnon != 0 {
		if fd := c.I32(4); fd != -1 {
			spec.Flags |= vm.Flags(uint32(fd)) & abi.VM_FLAGS_ALIAS_MASK
		}
	} else if e := c.mapFile(&spec, flags, prot, pos); e != 0 {
		return e
	}
	if spec.Object != nil {
		defer spec.Object.Unref()
	}
	at, kr := c.Map().Enter(&spec)
	if kr == abi.KERN_NO_SPACE && flags&mapFixed == 0 && spec.Addr != 0 {
		// A hint that does not fit is dropped.
		spec.Addr = 0
		at, kr = c.Map().Enter(&spec)
	}
	c.Ret[0] = uint64(at)
	return errnoOf(kr)
}

// mapFile completes the mapping of a file: EBADF, EACCES for an access that the
// file was not opened for, ENODEV for what can't be mapped.
func (c *Call) mapFile(spec *vm.MapSpec, flags int, prot abi.Prot, pos uint64) abi.Errno {
	f, e := c.File(4)
	if e != 0 {
		return e
	}
	defer c.Put(f)
	if f.Flags()&abi.FREAD == 0 {
		return abi.EACCES
	}
	if flags&mapShared != 0 && f.Flags()&abi.FWRITE == 0 {
		if prot&abi.VM_PROT_WRITE != 0 {
			return abi.EACCES
		}
		spec.Max = abi.VM_PROT_READ | abi.VM_PROT_EXECUTE
	}
	spec.Offset, spec.Copy = pos, flags&mapPrivate != 0
	if o, ok := f.Ops.(interface{ MemoryObject() *vm.Object }); ok {
		// Shared memory: an object of its own.
		if spec.Object = o.MemoryObject(); spec.Object == nil {
			return abi.EINVAL
		}
		return 0
	}
	v := vfs.VnodeOf(f)
	if v == nil {
		return abi.EINVAL
	}
	if v.Type != vfs.VREG || c.K.VnodeObject == nil {
		if v.Type == vfs.VCHR {
			if z, ok := v.Ops.(interface{ IsZero() bool }); ok && z.IsZero() {
				spec.Offset, spec.Copy = 0, false
				return 0
			}
		}
		return abi.ENODEV
	}
	spec.Object, e = c.K.VnodeObject(c.Ctx(), v)
	return e
}

func sysMunmap(c *Call) abi.Errno {
	if c.Arg[1] == 0 || pageMisaligned(c.Arg[0]) {
		return abi.EINVAL
	}
	if c.Th.Unmap(c.Map(), c.Addr(0), c.Arg[1]) != 0 {
		return abi.EINVAL
	}
	return 0
}

func sysMprotect(c *Call) abi.Errno {
	if pageMisaligned(c.Arg[0]) {
		return abi.EINVAL
	}
	if c.Arg[1] == 0 {
		return 0
	}
	prot := abi.Prot(c.Arg[2]) & abi.VM_PROT_ALL
	if prot&abi.VM_PROT_WRITE != 0 {
		prot |= abi.VM_PROT_READ
	}
	return errnoOf(c.Map().Protect(c.Addr(0), c.Arg[1], prot, false))
}

// madvise's numbers and the behaviours that they mean.
var madvise = [...]vm.Behavior{
	0: abi.VM_BEHAVIOR_DEFAULT, 1: abi.VM_BEHAVIOR_RANDOM, 2: abi.VM_BEHAVIOR_SEQUENTIAL,
	3: abi.VM_BEHAVIOR_WILLNEED, 4: abi.VM_BEHAVIOR_DONTNEED, 5: abi.VM_BEHAVIOR_FREE,
	6: abi.VM_BEHAVIOR_ZERO_WIRED_PAGES, 7: abi.VM_BEHAVIOR_REUSABLE, 8: abi.VM_BEHAVIOR_REUSE,
	9: abi.VM_BEHAVIOR_CAN_REUSE, 10: abi.VM_BEHAVIOR_PAGEOUT, 11: abi.VM_BEHAVIOR_ZERO,
}

func sysMadvise(c *Call) abi.Errno {
	b := c.Uint(2)
	if b >= uint32(len(madvise)) {
		return abi.EINVAL
	}
	lo := c.Addr(0).Trunc()
	size := uint64((c.Addr(0) + c.Addr(1)).Round() - lo)
	kr := c.Map().Behavior(lo, size, madvise[b])
	if kr == abi.KERN_INVALID_ADDRESS {
		return abi.EINVAL
	}
	return errnoOf(kr)
}

func sysMinherit(c *Call) abi.Errno {
	lo := c.Addr(0).Trunc()
	return errnoOf(c.Map().Inherit(lo, uint64((c.Addr(0)+c.Addr(1)).Round()-lo), vm.Inherit(c.Uint(2))))
}

func sysMsync(c *Call) abi.Errno {
	flags := c.Int(2)
	if pageMisaligned(c.Arg[0]) || c.Arg[1] == 0 || flags&(msAsync|msSync) == msAsync|msSync ||
		flags&^(msAsync|msInvalidate|msKillpages|msDeactivate|msSync) != 0 {
		return abi.EINVAL
	}
	vf := abi.VM_SYNC_CONTIGUOUS
	if flags&msAsync != 0 {
		vf |= abi.VM_SYNC_ASYNCHRONOUS
	} else {
		vf |= abi.VM_SYNC_SYNCHRONOUS
	}
	if flags&msInvalidate != 0 {
		vf |= abi.VM_SYNC_INVALIDATE
	}
	return errnoOf(c.Map().Msync(c.Addr(0), uint64(machine.Addr(c.Arg[1]).Round()), vf))
}

func sysMlock(c *Call) abi.Errno {
	if c.Arg[1] == 0 {
		return 0
	}
	lo := c.Addr(0).Trunc()
	size := uint64((c.Addr(0) + c.Addr(1)).Round() - lo)
	kr := c.Map().Wire(lo, size, abi.VM_PROT_READ)
	if kr == abi.KERN_RESOURCE_SHORTAGE {
		return abi.EAGAIN
	}
	return errnoOf(kr)
}

func sysMunlock(c *Call) abi.Errno {
	lo := c.Addr(0).Trunc()
	return errnoOf(c.Map().Unwire(lo, uint64((c.Addr(0)+c.Addr(1)).Round()-lo)))
}

// sysMincore tells which pages are mapped; pages that are mapped are told to be
// in core.
func sysMincore(c *Call) abi.Errno {
	lo, hi := c.Addr(0).Trunc(), (c.Addr(0) + c.Addr(1)).Round()
	if hi < lo || hi > machine.UserEnd || uint64(hi-lo) > 1<<36 {
		return abi.EINVAL
	}
	out := c.Addr(2)
	b := make([]byte, 4096)
	for at := lo; at < hi; {
		n := min(int((hi-at)>>machine.PageShift), len(b))
		clear(b[:n])
		for i := 0; i < n; {
			r, kr := c.Map().Region(at + machine.Addr(i)<<machine.PageShift)
			if kr != 0 {
				break
			}
			for ; i < n; i++ {
				page := at + machine.Addr(i)<<machine.PageShift
				if page >= r.Start+machine.Addr(r.Size) {
					break
				}
				if page >= r.Start {
					b[i] = 1
				}
			}
		}
		if e := c.CopyOut(out, b[:n]); e != 0 {
			return e
		}
		at += machine.Addr(n) << machine.PageShift
		out += machine.Addr(n)
	}
	return 0
}
