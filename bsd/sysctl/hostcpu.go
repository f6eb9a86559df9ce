package sysctl

import (
	"strconv"
	"strings"
	"syscall"
)

// CPU describes the host's processor, which guests run on.
type CPU struct {
	Vendor, Brand           string
	Family, Model, Stepping int32
	Cores                   int32 // physical; 0 unknown
	Hz                      int64
	L1I, L1D, L2, L3, Line  int64 // bytes; 0 unknown
	Flags                   map[string]bool
}

// HostCPU reads what Linux tells about the processor. What it doesn't tell is
// zero; it never fails.
func HostCPU() CPU {
	// Only the first processor's paragraph is wanted.
	cpu := parseCPU(hostText("/proc/cpuinfo", 8<<10))
	for i := range 8 {
		dir := "/sys/devices/system/cpu/cpu0/cache/index" + strconv.Itoa(i) + "/"
		read := func(name string) string { return strings.TrimSpace(hostText(dir+name, 64)) }
		level := read("level")
		if level == "" {
			break
		}
		kb, _ := strconv.ParseInt(strings.TrimSuffix(read("size"), "K"), 10, 64)
		size := kb << 10
		switch level + read("type") {
		case "1Data":
			cpu.L1D = size
		case "1Instruction":
			cpu.L1I = size
		case "2Unified":
			cpu.L2 = size
		case "3Unified":
			cpu.L3 = size
		}
		if n, err := strconv.ParseInt(read("coherency_line_size"), 10, 64); err == nil {
			cpu.Line = n
		}
	}
	return cpu
}

// hostText is the beginning of a small file of Linux's, empty if it can't be read. There
// are some twenty at each boot, and os.ReadFile would have the poller watch each.
func hostText(path string, most int) string {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer syscall.Close(fd)
	b := make([]byte, most)
	n := 0
	for n < most {
		k, err := syscall.Read(fd, b[n:])
		if err == syscall.EINTR {
			continue
		}
		if err != nil || k <= 0 {
			break
		}
		n += k
	}
	return string(b[:n])
}

// parseCPU reads the first processor of a /proc/cpuinfo.
func parseCPU(text string) CPU {
	cpu := CPU{Flags: map[string]bool{}, Line: 64}
	text, _, _ = strings.Cut(text, "\n\n")
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		n, _ := strconv.ParseFloat(value, 64)
		switch strings.TrimSpace(name) {
		case "vendor_id":
			cpu.Vendor = value
		case "model name":
			cpu.Brand = value
		case "cpu family":
			cpu.Family = int32(n)
		case "model":
			cpu.Model = int32(n)
		case "stepping":
			cpu.Stepping = int32(n)
		case "cpu cores":
			cpu.Cores = int32(n)
		case "cpu MHz":
			cpu.Hz = int64(n * 1e6)
		case "flags":
			for _, f := range strings.Fields(value) {
				cpu.Flags[f] = true
			}
		}
	}
	return cpu
}

// optional maps the names below hw.optional to Linux's flags.
var optional = [...]struct{ name, flag string }{
	{"mmx", "mmx"}, {"sse", "sse"}, {"sse2", "sse2"}, {"sse3", "pni"},
	{"supplementalsse3", "ssse3"}, {"sse4_1", "sse4_1"}, {"sse4_2", "sse4_2"},
	{"x86_64", "lm"}, {"aes", "aes"}, {"avx1_0", "avx"}, {"rdrand", "rdrand"},
	{"f16c", "f16c"}, {"enfstrg", "erms"}, {"fma", "fma"}, {"avx2_0", "avx2"},
	{"bmi1", "bmi1"}, {"bmi2", "bmi2"}, {"rtm", "rtm"}, {"hle", "hle"},
	{"adx", "adx"}, {"mpx", "mpx"}, {"sgx", "sgx"}, {"avx512f", "avx512f"},
	{"avx512cd", "avx512cd"}, {"avx512dq", "avx512dq"}, {"avx512bw", "avx512bw"},
	{"avx512vl", "avx512vl"}, {"avx512ifma", "avx512ifma"}, {"avx512vbmi", "avx512vbmi"},
}

// features, extfeatures and leaf7 are the names of machdep.cpu.features and so on.
var features = [...]struct{ name, flag string }{
	{"FPU", "fpu"}, {"VME", "vme"}, {"DE", "de"}, {"PSE", "pse"}, {"TSC", "tsc"},
	{"MSR", "msr"}, {"PAE", "pae"}, {"CX8", "cx8"}, {"CMOV", "cmov"}, {"CLFSH", "clflush"},
	{"MMX", "mmx"}, {"FXSR", "fxsr"}, {"SSE", "sse"}, {"SSE2", "sse2"}, {"SSE3", "pni"},
	{"PCLMULQDQ", "pclmulqdq"}, {"SSSE3", "ssse3"}, {"FMA", "fma"}, {"CX16", "cx16"},
	{"SSE4.1", "sse4_1"}, {"SSE4.2", "sse4_2"}, {"MOVBE", "movbe"}, {"POPCNT", "popcnt"},
	{"AES", "aes"}, {"XSAVE", "xsave"}, {"OSXSAVE", "xsave"}, {"AVX1.0", "avx"},
	{"RDRAND", "rdrand"}, {"F16C", "f16c"},
}

var extfeatures = [...]struct{ name, flag string }{
	{"SYSCALL", "syscall"}, {"XD", "nx"}, {"1GBPAGE", "pdpe1gb"}, {"EM64T", "lm"}, {"LAHF", "lahf_lm"},
	{"LZCNT", "abm"}, {"PREFETCHW", "3dnowprefetch"}, {"RDTSCP", "rdtscp"}, {"TSCI", "nonstop_tsc"},
}

var leaf7 = [...]struct{ name, flag string }{
	{"RDWRFSGS", "fsgsbase"}, {"BMI1", "bmi1"}, {"AVX2", "avx2"}, {"SMEP", "smep"},
	{"BMI2", "bmi2"}, {"ERMS", "erms"}, {"INVPCID", "invpcid"}, {"RDSEED", "rdseed"},
	{"ADX", "adx"}, {"SMAP", "smap"}, {"CLFSOPT", "clflushopt"}, {"AVX512F", "avx512f"},
	{"AVX512DQ", "avx512dq"}, {"AVX512CD", "avx512cd"}, {"AVX512BW", "avx512bw"}, {"AVX512VL", "avx512vl"},
	{"SHA", "sha_ni"},
}

func featureList(table []struct{ name, flag string }, flags map[string]bool) string {
	var names []string
	for _, f := range table {
		if flags[f.flag] {
			names = append(names, f.name)
		}
	}
	return strings.Join(names, " ")
}
