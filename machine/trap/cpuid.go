package trap

import "golang.org/x/sys/cpu"

// hostCaps is the commpage's _cpu_capabilities for the host's processor:
// what Darwin programs look at before they use an extension.
func (m *Machine) hostCaps() uint64 {
	x := &cpu.X86
	avx512 := m.xmask&0xe0 == 0xe0
	c := uint64(0x1 | 0x2 | 0x4 | 0x20 | 0x80) // MMX SSE SSE2 64-byte lines, fast TLS
	for _, f := range []struct {
		has bool
		bit uint64
	}{
		{x.HasSSE3, 0x8}, {x.HasSSSE3, 0x100}, {x.HasSSE41, 0x400}, {x.HasSSE42, 0x800}, {x.HasAES, 0x1000},
		{x.HasAVX, 0x01000000}, {x.HasRDRAND, 0x02000000}, {x.HasERMS, 0x08000000}, {x.HasFMA, 0x10000000},
		{x.HasAVX2, 0x20000000}, {x.HasBMI1, 0x40000000}, {x.HasBMI2, 0x80000000},
		{x.HasRDSEED, 0x0000000800000000}, {x.HasADX, 0x0000000400000000},
		{avx512 && x.HasAVX512F, 0x0000004000000000}, {avx512 && x.HasAVX512CD, 0x0000008000000000},
		{avx512 && x.HasAVX512DQ, 0x0000010000000000}, {avx512 && x.HasAVX512BW, 0x0000020000000000},
		{avx512 && x.HasAVX512IFMA, 0x0000040000000000}, {avx512 && x.HasAVX512VBMI, 0x0000080000000000},
		{avx512 && x.HasAVX512VL, 0x0000100000000000},
	} {
		if f.has {
			c |= f.bit
		}
	}
	return c
}
