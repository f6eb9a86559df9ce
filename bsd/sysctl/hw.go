package sysctl

import (
	"encoding/binary"
	"math"

	"puggle/abi"
)

const pageSize = 4096

// addHW is hw.*. The fixed numbers are ints, under names with _compat; the names
// are quads with numbers of their own: Darwin has it so.
func (s *System) addHW() {
	c, cpu := &s.cfg, &s.cfg.CPU
	n := int32(c.Processors)
	cores := n
	if cpu.Cores > 0 {
		cores = min(cpu.Cores, n)
	}
	hz := cpu.Hz
	s.all(s.HW,
		TextConst(abi.HW_MACHINE, "machine", "x86_64", "Machine class"),
		TextConst(abi.HW_MODEL, "model", c.Model, "Machine model"),
		Const(abi.HW_NCPU, "ncpu", n, "Number of processors"),
		Const(abi.HW_BYTEORDER, "byteorder", 1234, "Byte order"),
		Const(abi.HW_PHYSMEM, "physmem", clamp(int64(c.MemSize)), "Bytes of memory, as far as an int goes"),
		Const(abi.HW_USERMEM, "usermem", clamp(int64(c.MemSize)), "Bytes of memory for users, as far as an int goes"),
		Const(abi.HW_EPOCH, "epoch", 0, ""),
		Const(abi.HW_VECTORUNIT, "vectorunit", 1, "Vector unit is there"),
		QuadConst(abi.HW_MEMSIZE, "memsize", int64(c.MemSize), "Bytes of memory"),
		Const(abi.HW_AVAILCPU, "activecpu", n, "Processors that run"),
		TextConst(abi.HW_TARGET, "target", c.Model, "Machine model"),
		TextConst(abi.HW_PRODUCT, "product", c.Model, "Machine model"),
		Const(abi.OID_AUTO, "physicalcpu", cores, "Cores"),
		Const(abi.OID_AUTO, "physicalcpu_max", cores, "Cores"),
		Const(abi.OID_AUTO, "logicalcpu", n, "Processors"),
		Const(abi.OID_AUTO, "logicalcpu_max", n, "Processors"),
		Const(abi.OID_AUTO, "cputype", 7, "CPU_TYPE_X86"),
		Const(abi.OID_AUTO, "cpusubtype", 8, "CPU_SUBTYPE_X86_64_H"),
		Const(abi.OID_AUTO, "cpu64bit_capable", 1, ""),
		Const(abi.OID_AUTO, "cpufamily", 0x10b282dc, "CPUFAMILY_INTEL_HASWELL: what the features amount to at least"),
		Const(abi.OID_AUTO, "packages", 1, "Packages"),
		Struct(abi.OID_AUTO, "cacheconfig", "Q", "Processors that share each level", func() []byte {
			return quads(int64(n), 1, int64(n/cores), int64(n))
		}),
		Struct(abi.OID_AUTO, "cachesize", "Q", "Size of each level", func() []byte {
			return quads(int64(c.MemSize), cpu.L1D, cpu.L2, cpu.L3)
		}),
		QuadConst(abi.OID_AUTO, "pagesize32", pageSize, "Size of a page"),
	)
	for _, q := range []struct {
		number int32
		name   string
		value  int64
	}{
		{abi.HW_PAGESIZE, "pagesize", pageSize},
		{abi.HW_CPU_FREQ, "cpufrequency", hz},
		{abi.HW_BUS_FREQ, "busfrequency", 100_000_000},
		{abi.HW_TB_FREQ, "tbfrequency", 1_000_000_000},
		{abi.HW_CACHELINE, "cachelinesize", cpu.Line},
		{abi.HW_L1ICACHESIZE, "l1icachesize", cpu.L1I},
		{abi.HW_L1DCACHESIZE, "l1dcachesize", cpu.L1D},
		{abi.HW_L2CACHESIZE, "l2cachesize", cpu.L2},
		{abi.HW_L3CACHESIZE, "l3cachesize", cpu.L3},
	} {
		if q.value == 0 {
			continue // unknown: ENOENT is honest
		}
		s.all(s.HW, Const(q.number, q.name+"_compat", clamp(q.value), ""), QuadConst(abi.OID_AUTO, q.name, q.value, ""))
	}
	if hz != 0 {
		s.all(s.HW, QuadConst(abi.OID_AUTO, "cpufrequency_min", hz, ""), QuadConst(abi.OID_AUTO, "cpufrequency_max", hz, ""))
	}
	s.HWOptional = s.must(s.HW, Node(abi.OID_AUTO, "optional", "Optional features"))
	s.all(s.HWOptional, Const(abi.OID_AUTO, "floatingpoint", 1, ""))
	for _, f := range optional {
		v := int32(0)
		if cpu.Flags[f.flag] {
			v = 1
		}
		s.all(s.HWOptional, Const(abi.OID_AUTO, f.name, v, ""))
	}
}

// addMachdep is machdep.*.
func (s *System) addMachdep() {
	cpu := &s.cfg.CPU
	node := s.must(s.Machdep, Node(abi.OID_AUTO, "cpu", "Processor"))
	s.all(node,
		TextConst(abi.OID_AUTO, "vendor", cpu.Vendor, ""),
		TextConst(abi.OID_AUTO, "brand_string", cpu.Brand, ""),
		Const(abi.OID_AUTO, "family", cpu.Family, ""),
		Const(abi.OID_AUTO, "model", cpu.Model, ""),
		Const(abi.OID_AUTO, "stepping", cpu.Stepping, ""),
		TextConst(abi.OID_AUTO, "features", featureList(features[:], cpu.Flags), ""),
		TextConst(abi.OID_AUTO, "extfeatures", featureList(extfeatures[:], cpu.Flags), ""),
		TextConst(abi.OID_AUTO, "leaf7_features", featureList(leaf7[:], cpu.Flags), ""),
		Const(abi.OID_AUTO, "core_count", max(cpu.Cores, 1), ""),
		Const(abi.OID_AUTO, "thread_count", int32(s.cfg.Processors), ""),
		Const(abi.OID_AUTO, "cores_per_package", max(cpu.Cores, 1), ""),
		Const(abi.OID_AUTO, "logical_per_package", int32(s.cfg.Processors), ""),
	)
	cache := s.must(node, Node(abi.OID_AUTO, "cache", "The second level, in KB"))
	s.all(cache, Const(abi.OID_AUTO, "linesize", clamp(cpu.Line), ""), Const(abi.OID_AUTO, "size", clamp(cpu.L2>>10), ""))
	if cpu.Hz != 0 {
		tsc := s.must(s.Machdep, Node(abi.OID_AUTO, "tsc", "Time stamp counter"))
		s.all(tsc, QuadConst(abi.OID_AUTO, "frequency", cpu.Hz, ""))
	}
}

// clamp is what an int says of a large value.
func clamp(v int64) int32 { return int32(min(v, math.MaxInt32)) }

func quads(v ...int64) []byte {
	// Both arrays have room for ten levels.
	b := make([]byte, 80)
	for i, n := range v {
		binary.LittleEndian.PutUint64(b[8*i:], uint64(n))
	}
	return b
}
