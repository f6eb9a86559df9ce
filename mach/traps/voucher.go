package traps

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/mig"
)

// right finds the port behind a name with a send right, of a kernel object's kind.
func (c *Call) right(n name, kotypes ...uint32) *ipc.Port {
	p, kr := c.space.Lookup(n, abi.MACH_PORT_TYPE_SEND)
	if kr != abi.KERN_SUCCESS {
		return nil
	}
	_, kt := p.Kobject()
	for _, want := range kotypes {
		if kt == want {
			return p
		}
	}
	return nil
}

// createVoucher is host_create_mach_voucher_trap: host, recipes, their size, where the
// name goes. KERN_INVALID_ARGUMENT without a host, MIG_ARRAY_TOO_LARGE,
// KERN_MEMORY_ERROR, and what CreateVoucher returns.
func createVoucher(t *Traps, c *Call) kret {
	size := c.u32(2)
	switch {
	case c.right(c.name(0), abi.IKOT_HOST, abi.IKOT_HOST_PRIV) == nil:
		return abi.MACH_SEND_INVALID_DEST
	case int32(size) < 0:
		return abi.KERN_INVALID_ARGUMENT
	case size > mig.MaxRecipes:
		return mig.MIG_ARRAY_TOO_LARGE
	}
	b := make([]byte, size)
	if size > 0 && c.in(c.addr(1), b) != abi.KERN_SUCCESS {
		return abi.KERN_MEMORY_ERROR
	}
	p, kr := t.Kernel.CreateVoucher(c.space, b)
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	return c.give(c.space, c.addr(3), c.space.CopyOut(p, abi.MACH_MSG_TYPE_PORT_SEND), kr)
}

// voucherRecipe is mach_voucher_extract_attr_recipe_trap: voucher, key, where the
// recipe goes, and where its room is, which becomes its size.
func voucherRecipe(t *Traps, c *Call) kret {
	var w [4]byte
	if c.in(c.addr(3), w[:]) != abi.KERN_SUCCESS {
		return abi.KERN_MEMORY_ERROR
	}
	room := le.Uint32(w[:])
	if room > mig.MaxRecipes {
		return mig.MIG_ARRAY_TOO_LARGE
	}
	p := c.right(c.name(0), abi.IKOT_VOUCHER)
	if p == nil {
		return abi.MACH_SEND_INVALID_DEST
	}
	b, kr := t.Kernel.VoucherRecipe(p, c.u32(1), int(room))
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	if len(b) > 0 && c.out(c.addr(2), b) != abi.KERN_SUCCESS || c.out32(c.addr(3), uint32(len(b))) != abi.KERN_SUCCESS {
		return abi.KERN_MEMORY_ERROR
	}
	return kr
}
