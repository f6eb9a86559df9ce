package vm

import "puggle/abi"

// Remap is mach_vm_remap: it maps [from, from+spec.Size) of src into m, sharing
// the memory or, with spec.Copy, as a private copy, at spec.Addr as spec.Flags
// say. spec.Cur and spec.Max are ignored: the mapping gets what all of the
// source has in common, which is returned. src may be m. KERN_INVALID_ADDRESS
// when the source has holes; else as Enter.
func (m *Map) Remap(spec MapSpec, src *Map, from Addr) (addr Addr, cur, max Prot, kr abi.KernReturn) {
	fail := func(kr abi.KernReturn) (Addr, Prot, Prot, abi.KernReturn) { return 0, 0, 0, kr }
	lo, hi, kr := src.check(from, spec.Size)
	if kr != abi.KERN_SUCCESS {
		return fail(kr)
	}
	if lo == hi {
		return fail(abi.KERN_INVALID_ARGUMENT)
	}
	cur, max, kr = src.common(lo, hi)
	if kr != abi.KERN_SUCCESS {
		return fail(kr)
	}
	flags := abi.MAP_MEM_VM_SHARE
	if spec.Copy {
		flags = abi.MAP_MEM_VM_COPY
		max = abi.VM_PROT_ALL
	}
	n, kr := src.MakeMemoryEntry(lo, uint64(hi-lo), max, flags)
	if kr != abi.KERN_SUCCESS {
		return fail(kr)
	}
	defer n.Release()
	spec.Cur, spec.Max, spec.Offset, spec.Size = cur, max, 0, uint64(hi-lo)
	addr, kr = m.EnterNamed(n, spec)
	if kr != abi.KERN_SUCCESS {
		return fail(kr)
	}
	if spec.Flags&Flags(abi.VM_FLAGS_RETURN_DATA_ADDR) != 0 {
		addr += from - lo
	}
	return addr, cur, max, abi.KERN_SUCCESS
}

// common is the protection that all entries in [lo, hi) have.
func (m *Map) common(lo, hi Addr) (cur, max Prot, kr abi.KernReturn) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if !m.covered(lo, hi) {
		return 0, 0, abi.KERN_INVALID_ADDRESS
	}
	cur, max = abi.VM_PROT_ALL, abi.VM_PROT_ALL
	for i := m.find(lo); i < len(m.entries) && m.entries[i].start < hi; i++ {
		cur &= m.entries[i].prot
		max &= m.entries[i].max
	}
	return cur, max, abi.KERN_SUCCESS
}

// CopyRange is vm_copy: it writes a copy of [from, from+size) over [to, to+size),
// both mapped already. Errors are MakeCopy's and OverwriteCopy's, which aborted is for.
func (m *Map) CopyRange(from Addr, size uint64, to Addr, aborted func() bool) abi.KernReturn {
	c, kr := m.MakeCopy(from, size, false)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	kr = m.OverwriteCopy(to, c, aborted)
	c.Discard()
	return kr
}
