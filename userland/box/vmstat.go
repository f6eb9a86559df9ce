//go:build darwin

package main

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unsafe"
)

func init() { register(map[string]tool{"vm_stat": vmStat}) }

//go:cgo_import_dynamic libc_mach_host_self mach_host_self "/usr/lib/libSystem.B.dylib"
//go:cgo_import_dynamic libc_host_statistics64 host_statistics64 "/usr/lib/libSystem.B.dylib"

var mach_host_self_addr, host_statistics64_addr uintptr // vmstat_darwin_amd64.s

//go:linkname libcCall syscall.syscall6
func libcCall(fn, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err uintptr)

// vmStat shows the machine's memory in pages (host_statistics64, HOST_VM_INFO64); it does
// so once: an interval is refused.
func vmStat(args []string) int {
	if len(args) > 1 {
		return usage("vm_stat", "")
	}
	const (
		hostVMInfo64 = 4
		words        = 38 // of 4 bytes in a struct vm_statistics64
	)
	var info [words * 4]byte
	count := uint32(words)
	host, _, _ := libcCall(mach_host_self_addr, 0, 0, 0, 0, 0, 0)
	kr, _, _ := libcCall(host_statistics64_addr, host, hostVMInfo64, uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&count)), 0, 0)
	if kr != 0 {
		return (&cmd{name: "vm_stat"}).fail("failed to get statistics. error %d", kr)
	}
	le := binary.LittleEndian
	fmt.Fprintln(out, "Mach Virtual Memory Statistics: (page size of 4096 bytes)")
	for _, l := range []struct {
		name string
		off  int
		wide bool
	}{
		{"Pages free", 0, false}, {"Pages active", 4, false}, {"Pages inactive", 8, false}, {"Pages speculative", 92, false},
		{"Pages throttled", 132, false}, {"Pages wired down", 12, false}, {"Pages purgeable", 88, false},
		{"\"Translation faults\"", 48, true}, {"Pages copy-on-write", 56, true}, {"Pages zero filled", 16, true},
		{"Pages reactivated", 24, true}, {"Pages purged", 80, true}, {"File-backed pages", 136, false}, {"Anonymous pages", 140, false},
		{"Pages stored in compressor", 144, true}, {"Pages occupied by compressor", 128, false}, {"Decompressions", 96, true},
		{"Compressions", 104, true}, {"Pageins", 32, true}, {"Pageouts", 40, true}, {"Swapins", 112, true}, {"Swapouts", 120, true},
	} {
		v := uint64(le.Uint32(info[l.off:]))
		if l.wide {
			v = le.Uint64(info[l.off:])
		}
		fmt.Fprintf(out, "%s:%s%*d.\n", l.name, strings.Repeat(" ", max(0, 30-len(l.name))), 13, v)
	}
	return 0
}
