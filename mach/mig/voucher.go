package mig

import (
	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/task"
)

// Vouchers carry attributes from task to task with messages. A voucher never changes;
// equal ones are one. Of the attributes only user data has a manager here: bytes that
// mean something to those who read them. Importance, bank and priorities have none,
// and making a voucher with them is KERN_INVALID_ARGUMENT, as for any key without one.

// Keys and commands of recipes (<mach/mach_voucher_types.h>).
const (
	voucherKeyAll      = 0xffffffff
	voucherKeyUserData = 7
	voucherKeys        = 8 // 1 to 8

	voucherCopy           = 1
	voucherRemove         = 2
	voucherSetValueHandle = 3
	voucherRedeem         = 10
	voucherUserDataStore  = 211

	recipeSize = 16 // without content
	// MaxRecipes is MACH_VOUCHER_ATTR_MAX_RAW_RECIPE_ARRAY_SIZE.
	MaxRecipes = 5120
	// maxVoucherBytes bounds what the vouchers of a machine hold, each with overhead.
	maxVoucherBytes = 64 << 20
	voucherOverhead = 256
)

// voucher is an ipc_voucher: its user data.
type voucher struct{ data string }

func voucherOf(p *ipc.Port) *voucher { return kobject[*voucher](p, abi.IKOT_VOUCHER) }

func validKey(key uint32) bool { return key == voucherKeyAll || key >= 1 && key <= voucherKeys }

func hasData(key uint32) bool { return key == voucherKeyAll || key == voucherKeyUserData }

// apply is ipc_execute_voucher_recipe_command. KERN_INVALID_ARGUMENT: no such key or
// command, content where there must be none; KERN_INVALID_CAPABILITY: a value can't be
// set directly.
func (v *voucher) apply(key, command uint32, previous *voucher, content []byte) kret {
	switch command {
	case voucherCopy, voucherRemove:
		if len(content) > 0 || !validKey(key) && (command == voucherRemove || previous != nil) {
			return abi.KERN_INVALID_ARGUMENT
		}
		if !hasData(key) {
			return abi.KERN_SUCCESS
		}
		switch {
		case command == voucherCopy && previous != nil:
			v.data = previous.data
		case command == voucherRemove && (previous == nil || previous.data == v.data):
			v.data = ""
		}
		return abi.KERN_SUCCESS
	case voucherSetValueHandle:
		return abi.KERN_INVALID_CAPABILITY
	}
	if !hasData(key) || key == voucherKeyAll && command != voucherRedeem {
		return abi.KERN_INVALID_ARGUMENT
	}
	switch command {
	case voucherRedeem: // what was stored is what it stands for
		v.data = ""
		if previous != nil {
			v.data = previous.data
		}
	case voucherUserDataStore:
		v.data = string(content)
	default:
		return abi.KERN_INVALID_ARGUMENT
	}
	return abi.KERN_SUCCESS
}

// CreateVoucher is host_create_mach_voucher: s is whose names the recipes hold. The
// right is the caller's; nil without recipes. KERN_INVALID_ARGUMENT as apply, and for
// a recipe that is cut off; KERN_INVALID_CAPABILITY for a previous voucher that is
// none; KERN_RESOURCE_SHORTAGE.
func (k *Kernel) CreateVoucher(s *ipc.Space, recipes []byte) (*ipc.Port, kret) {
	if len(recipes) == 0 {
		return nil, abi.KERN_SUCCESS
	}
	var v voucher
	for len(recipes) > 0 {
		if len(recipes) < recipeSize {
			return nil, abi.KERN_INVALID_ARGUMENT
		}
		key, command, size := le.Uint32(recipes), le.Uint32(recipes[4:]), le.Uint32(recipes[12:])
		name := abi.PortName(le.Uint32(recipes[8:]))
		if recipes = recipes[recipeSize:]; uint64(size) > uint64(len(recipes)) {
			return nil, abi.KERN_INVALID_ARGUMENT
		}
		var previous *voucher
		if name != abi.MACH_PORT_NULL {
			if s != nil {
				if p, kr := s.Lookup(name, abi.MACH_PORT_TYPE_SEND); kr == abi.KERN_SUCCESS {
					previous = voucherOf(p)
				}
			}
			if previous == nil {
				return nil, abi.KERN_INVALID_CAPABILITY
			}
		}
		if kr := v.apply(key, command, previous, recipes[:size]); kr != abi.KERN_SUCCESS {
			return nil, kr
		}
		recipes = recipes[size:]
	}
	return k.voucher(v.data)
}

// voucher gives a right to the one voucher with this data.
func (k *Kernel) voucher(data string) (*ipc.Port, kret) {
	k.mu.Lock()
	v := k.vouchers[data]
	if v == nil {
		if k.voucherBytes+len(data)+voucherOverhead > maxVoucherBytes {
			k.mu.Unlock()
			return nil, abi.KERN_RESOURCE_SHORTAGE
		}
		v = &voucher{data}
		k.vouchers[data] = v
		k.voucherBytes += len(data) + voucherOverhead
	}
	k.mu.Unlock()
	gone := func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.vouchers[data] == v && k.ports[v] == nil { // nobody has asked again meanwhile
			delete(k.vouchers, data)
			k.voucherBytes -= len(data) + voucherOverhead
		}
	}
	p := k.objectPort(v, abi.IKOT_VOUCHER, gone)
	if p == nil {
		gone()
		return nil, abi.KERN_RESOURCE_SHORTAGE
	}
	return p, abi.KERN_SUCCESS
}

// VoucherRecipe is mach_voucher_extract_attr_recipe: a recipe that makes an attribute
// again, nothing for one that is not set. KERN_INVALID_ARGUMENT: p is no voucher;
// KERN_NO_SPACE.
func (k *Kernel) VoucherRecipe(p *ipc.Port, key uint32, room int) ([]byte, kret) {
	v := voucherOf(p)
	switch {
	case v == nil:
		return nil, abi.KERN_INVALID_ARGUMENT
	case key != voucherKeyUserData || v.data == "":
		return nil, abi.KERN_SUCCESS
	case recipeSize+len(v.data) > room:
		return nil, abi.KERN_NO_SPACE
	}
	var b []byte
	for _, x := range []uint32{key, voucherUserDataStore, 0, uint32(len(v.data))} {
		b = le.AppendUint32(b, x)
	}
	return append(b, v.data...), abi.KERN_SUCCESS
}

func (k *Kernel) machVoucher() *MachVoucherServer {
	return &MachVoucherServer{
		MachVoucherExtractAttrContent: func(_ *Call, p *ipc.Port, key uint32, room int) ([]uint8, kret) {
			v := voucherOf(p)
			switch {
			case v == nil:
				return nil, abi.KERN_INVALID_ARGUMENT
			case key != voucherKeyUserData:
				return nil, abi.KERN_SUCCESS
			case len(v.data) > room:
				return nil, abi.KERN_NO_SPACE
			}
			return []uint8(v.data), abi.KERN_SUCCESS
		},
		MachVoucherExtractAttrRecipe: func(_ *Call, p *ipc.Port, key uint32, room int) ([]uint8, kret) {
			return k.VoucherRecipe(p, key, room)
		},
		MachVoucherExtractAllAttrRecipes: func(_ *Call, p *ipc.Port, room int) ([]uint8, kret) {
			return k.VoucherRecipe(p, voucherKeyUserData, room)
		},
		// User data takes no commands, and the other keys have nobody to take them.
		MachVoucherAttrCommand: func(_ *Call, p *ipc.Port, key, _ uint32, _ []uint8, _ int) ([]uint8, kret) {
			if voucherOf(p) == nil || key != voucherKeyUserData {
				return nil, abi.KERN_INVALID_ARGUMENT
			}
			return nil, abi.KERN_FAILURE
		},
	}
}

func (k *Kernel) hostCreateMachVoucher(c *Call, h *host.Host, recipes []uint8) (*ipc.Port, kret) {
	if h == nil {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	var s *ipc.Space
	if th := caller(c); th != nil {
		s, _ = th.Task.IPC.(*ipc.Space)
	}
	return k.CreateVoucher(s, recipes)
}

// threadGetVoucher gives nil when the thread has none.
func threadGetVoucher(_ *Call, th *task.Thread, _ uint32) (*ipc.Port, kret) {
	if th == nil {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	return th.Voucher(), abi.KERN_SUCCESS
}

// threadSetVoucher: a thread sets its own only (KERN_INVALID_ARGUMENT). A port that is
// no voucher takes the old one away.
func threadSetVoucher(c *Call, th *task.Thread, p Right) kret {
	if th == nil || caller(c) != th {
		return abi.KERN_INVALID_ARGUMENT
	}
	if voucherOf(p.Port()) == nil {
		th.SetVoucher(nil)
	} else {
		th.SetVoucher(p.Take())
	}
	return abi.KERN_SUCCESS
}
