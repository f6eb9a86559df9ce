package control

import (
	"runtime"

	"puggle/bsd/kern"
	"puggle/mach/vm"
	"puggle/machine"
)

// VMStat is the answer to "vm_stat": pages of PageSize bytes, and events of the
// processes that live.
type VMStat struct {
	PageSize int    `json:"page_size"`
	Limit    uint64 `json:"pages_limit"`    // hw.memsize
	Resident uint64 `json:"pages_resident"` // physical memory in use on the host
	Free     uint64 `json:"pages_free"`     // between the two
	Mapped   uint64 `json:"pages_mapped"`   // in the maps of processes, resident or not
	Wired    uint64 `json:"pages_wired"`
	Faults   uint64 `json:"faults"`
	Cow      uint64 `json:"copy_on_write"`
	Pageins  uint64 `json:"pageins"`
	Kernel   uint64 `json:"kernel_bytes"` // the kernel's own memory
	// Of the default pager; zero without --memory.
	Inactive      uint64 `json:"pages_inactive"`
	Out           uint64 `json:"pages_out"` // in paging files
	Pageouts      uint64 `json:"pageouts"`
	Reactivations uint64 `json:"reactivations"`
	PagingFiles   int    `json:"paging_files"`
}

func vmStat(r *request) (any, error) {
	m := r.Sys.Machine.Memory()
	v := VMStat{PageSize: machine.PageSize, Limit: m.Limit() / machine.PageSize, Resident: m.Resident() / machine.PageSize}
	if v.Limit > v.Resident {
		v.Free = v.Limit - v.Resident
	}
	if dp, ok := m.(*vm.DefaultPager); ok {
		i := dp.Info()
		v.Inactive, v.Out, v.Pageins, v.Pageouts, v.Reactivations, v.PagingFiles = i.Inactive, i.Out, i.Pageins, i.Pageouts, i.Reactivations, i.Files
	}
	for _, p := range r.Sys.Procs.Procs() {
		mp := p.Map()
		if mp == nil || p.State() == kern.Zombie {
			continue
		}
		v.Mapped += mp.VirtualSize() / machine.PageSize
		e := mp.Events()
		v.Faults += e.Faults
		v.Cow += e.CowFaults
		v.Pageins += e.Pageins
		mp.Regions(func(ri vm.RegionInfo) bool {
			if ri.Wired > 0 {
				v.Wired += ri.Size / machine.PageSize
			}
			return true
		})
	}
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	v.Kernel = ms.HeapInuse + ms.StackInuse
	return v, nil
}

// Zone is one of kernel.System.Zones.
type Zone struct {
	Name  string `json:"name"`
	Size  uint64 `json:"element_size"` // bytes; 0 if they differ
	InUse int64  `json:"in_use"`
	Total uint64 `json:"allocated,omitempty"` // since boot
}

func zprint(r *request) (any, error) {
	var l []Zone
	for _, z := range r.Sys.Zones() {
		l = append(l, Zone{z.Name, z.Size, int64(z.Count), z.Total})
	}
	return l, nil
}
