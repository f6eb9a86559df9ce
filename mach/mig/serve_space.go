package mig

import (
	"puggle/abi"
	"puggle/mach/ipc"
)

// machPortSpaceInfo is mach_port_space_info: the table of names, for debuggers. What a
// port's object is at is not told; the number is only that of the row.
func machPortSpaceInfo(_ *Call, s *ipc.Space) (info [6]uint32, table [][7]uint32, _ [][9]uint32, kr kret) {
	if s == nil {
		return info, nil, nil, abi.KERN_INVALID_TASK
	}
	names, types, kr := s.Names()
	if kr != abi.KERN_SUCCESS {
		return info, nil, nil, kr
	}
	for i, n := range names {
		refs := uint32(0)
		for _, r := range []abi.PortRight{abi.MACH_PORT_RIGHT_SEND, abi.MACH_PORT_RIGHT_SEND_ONCE, abi.MACH_PORT_RIGHT_DEAD_NAME} {
			u, _ := s.GetRefs(n, r)
			refs = max(refs, u)
		}
		table = append(table, [7]uint32{uint32(n), 0, uint32(types[i]), refs})
	}
	info[0], info[1], info[2] = 0xff, uint32(len(table)), uint32(len(table))
	return info, table, nil, abi.KERN_SUCCESS
}
