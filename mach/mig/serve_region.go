package mig

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/vm"
)

// Flavours of vm_region (<mach/vm_region.h>).
const (
	VM_REGION_BASIC_INFO_64        = 9
	VM_REGION_BASIC_INFO           = 10
	VM_REGION_TOP_INFO             = 12
	VM_REGION_EXTENDED_INFO        = 13
	VM_REGION_SUBMAP_INFO_V0_COUNT = 16
	VM_REGION_SUBMAP_SHORT_COUNT   = 12
)

// regionWords makes the answers, by flavour; the least room is their length.
var regionWords = map[int32]func(r *vm.RegionInfo) []uint32{
	VM_REGION_BASIC_INFO_64: func(r *vm.RegionInfo) []uint32 {
		return []uint32{uint32(r.Prot), uint32(r.Max), uint32(r.Inherit), Boolean(r.Shared), 0,
			uint32(r.Offset), uint32(r.Offset >> 32), uint32(r.Behavior), uint32(uint16(r.Wired))}
	},
	VM_REGION_BASIC_INFO: func(r *vm.RegionInfo) []uint32 {
		return []uint32{uint32(r.Prot), uint32(r.Max), uint32(r.Inherit), Boolean(r.Shared), 0,
			uint32(r.Offset), uint32(r.Behavior), uint32(uint16(r.Wired))}
	},
	VM_REGION_EXTENDED_INFO: func(r *vm.RegionInfo) []uint32 {
		return []uint32{uint32(r.Prot), uint32(r.Tag), uint32(r.Resident), 0, 0, uint32(r.Dirty), uint32(r.RefCount), shape(r), 0}
	},
	VM_REGION_TOP_INFO: func(r *vm.RegionInfo) []uint32 {
		private, shared := uint32(r.Resident), uint32(0)
		if r.Shared {
			private, shared = shared, private
		}
		return []uint32{uint32(r.ObjectID), uint32(r.RefCount), private, shared, uint32(r.ShareMode)}
	},
}

// shape is shadow_depth, external_pager and share_mode in one word.
func shape(r *vm.RegionInfo) uint32 {
	return uint32(uint16(r.ShadowDepth)) | Boolean(r.ExternalPager)<<16 | uint32(uint8(r.ShareMode))<<24
}

// vmRegion: the object's name is always MACH_PORT_NULL, as in XNU.
// KERN_INVALID_ARGUMENT: flavour, or too little room.
func vmRegion(_ *Call, m *vm.Map, at addr, flavor int32, room int) (addr, uint64, []uint32, *ipc.Port, kret) {
	if m == nil {
		return 0, 0, nil, nil, abi.KERN_INVALID_ARGUMENT
	}
	f := regionWords[flavor]
	if f == nil {
		return 0, 0, nil, nil, abi.KERN_INVALID_ARGUMENT
	}
	r, kr := m.Region(at)
	if kr != abi.KERN_SUCCESS {
		return 0, 0, nil, nil, kr
	}
	w := f(&r)
	if room < len(w) {
		return 0, 0, nil, nil, abi.KERN_INVALID_ARGUMENT
	}
	return r.Start, r.Size, w, nil, abi.KERN_SUCCESS
}

// vmRegionRecurse gives vm_region_submap_info_64 as far as there is room, or
// its short form.
func vmRegionRecurse(_ *Call, m *vm.Map, at addr, depth uint32, room int) (addr, uint64, uint32, []uint32, kret) {
	if m == nil || room < VM_REGION_SUBMAP_SHORT_COUNT {
		return 0, 0, 0, nil, abi.KERN_INVALID_ARGUMENT
	}
	r, kr := m.RegionRecurse(at, int(min(depth, 64)))
	if kr != abi.KERN_SUCCESS {
		return 0, 0, 0, nil, kr
	}
	w := []uint32{uint32(r.Prot), uint32(r.Max), uint32(r.Inherit), uint32(r.Offset), uint32(r.Offset >> 32), uint32(r.Tag)}
	full := room >= VM_REGION_SUBMAP_INFO_V0_COUNT
	if full {
		w = append(w, uint32(r.Resident), 0, 0, uint32(r.Dirty))
	}
	w = append(w, uint32(r.RefCount), shape(&r), Boolean(r.IsSubmap), uint32(r.Behavior), uint32(r.ObjectID), uint32(uint16(r.Wired)))
	if full {
		w = append(w, 0)
	}
	w = append(w, uint32(r.ObjectID), uint32(r.ObjectID>>32))
	if len(w) > room {
		w = w[:room]
	}
	return r.Start, r.Size, uint32(r.Depth), w, abi.KERN_SUCCESS
}

// vmRegionRecurse32 gives vm_region_submap_info: the same with an offset of 32 bits,
// and no more room. KERN_INVALID_ARGUMENT for too little.
func vmRegionRecurse32(c *Call, m *vm.Map, at addr, depth uint32, room int) (addr, uint64, uint32, []uint32, kret) {
	const words = VM_REGION_SUBMAP_INFO_V0_COUNT - 1
	if room < words {
		return 0, 0, 0, nil, abi.KERN_INVALID_ARGUMENT
	}
	at, size, depth, w, kr := vmRegionRecurse(c, m, at, depth, VM_REGION_SUBMAP_INFO_V0_COUNT)
	if kr != abi.KERN_SUCCESS {
		return 0, 0, 0, nil, kr
	}
	return at, size, depth, append(w[:4], w[5:]...), kr
}
