package control

import (
	"puggle/abi"
	"puggle/bsd/vfs"
	"puggle/mach/vm"
)

// PIDArgs are the arguments of operations on one process.
type PIDArgs struct {
	PID int32 `json:"pid"`
}

// VMMap is the answer to "vmmap".
type VMMap struct {
	PID     int32    `json:"pid"`
	Comm    string   `json:"comm"`
	Regions []Region `json:"regions"`
	Faults  uint64   `json:"faults"`
	Cow     uint64   `json:"cow_faults"`
	Pageins uint64   `json:"pageins"`
}

// Region is an entry of the map. Sizes are in bytes.
type Region struct {
	Start    uint64 `json:"start"`
	End      uint64 `json:"end"`
	Prot     string `json:"protection"`
	Max      string `json:"maximum"`
	Share    string `json:"sharing"` // SM=: COW, PRV, NUL, ALI, SHM, ZER, S/A
	Tag      string `json:"type"`
	Resident uint64 `json:"resident"`
	Dirty    uint64 `json:"dirty"`
	Object   uint64 `json:"object,omitempty"`
	Offset   uint64 `json:"offset"`
	Refs     int    `json:"refs"`
	Shadows  int    `json:"shadows"`
	Wired    int    `json:"wired,omitempty"`
	Path     string `json:"path,omitempty"`
}

var shareModes = map[int]string{
	abi.SM_COW: "COW", abi.SM_PRIVATE: "PRV", abi.SM_EMPTY: "NUL", abi.SM_SHARED: "ALI", abi.SM_TRUESHARED: "SHM",
}

// tags are the VM_MEMORY_* that programs use (<mach/vm_statistics.h>).
var tags = map[uint8]string{
	0: "VM_ALLOCATE", 1: "MALLOC", 2: "MALLOC_SMALL", 3: "MALLOC_LARGE", 4: "MALLOC_HUGE", 6: "REALLOC", 7: "MALLOC_TINY",
	8: "MALLOC_LARGE_REUSABLE", 9: "MALLOC_LARGE_REUSED", 10: "ANALYSIS_TOOL", 11: "MALLOC_NANO", 12: "MALLOC_MEDIUM",
	20: "MACH_MSG", 21: "IOKIT", 30: "Stack", 31: "Guard", 32: "SHARED_PMAP", 33: "dylib", 35: "UNSHARED_PMAP",
	60: "dyld", 61: "dyld malloc", 62: "sqlite",
}

func vmmap(r *request) (any, error) {
	var a PIDArgs
	if err := r.decode(&a); err != nil {
		return nil, err
	}
	p, err := r.process(a.PID)
	if err != nil {
		return nil, err
	}
	v := VMMap{PID: p.PID, Comm: p.Comm(), Regions: []Region{}}
	m := p.Map()
	if m == nil {
		return v, nil // the kernel's own
	}
	ev := m.Events()
	v.Faults, v.Cow, v.Pageins = ev.Faults, ev.CowFaults, ev.Pageins
	segments := imageSegments(p)
	m.Regions(func(ri vm.RegionInfo) bool {
		d := Region{Start: uint64(ri.Start), End: uint64(ri.Start) + ri.Size, Prot: prot(ri.Prot), Max: prot(ri.Max),
			Share: shareModes[ri.ShareMode], Resident: ri.Resident << 12, Dirty: ri.Dirty << 12, Object: ri.ObjectID,
			Offset: ri.Offset, Refs: ri.RefCount, Shadows: ri.ShadowDepth, Wired: ri.Wired, Tag: tags[ri.Tag]}
		if ri.IsSubmap {
			d.Tag = "submap"
		}
		if vn := vfs.PagerVnode(ri.Pager); vn != nil && p.NS != nil {
			d.Path, _ = p.NS.GetPath(r.Sys.KernelContext(), vn)
			if d.Tag == "VM_ALLOCATE" || d.Tag == "" {
				d.Tag = "mapped file"
			}
		}
		if s := segments.at(d.Start); s != nil {
			d.Tag, d.Path = s.name, s.path
		}
		v.Regions = append(v.Regions, d)
		return len(v.Regions) < 1<<16
	})
	return v, nil
}

// prot is "rwx", with - for what is not allowed.
func prot(p abi.Prot) string {
	b := []byte("---")
	for i, bit := range []abi.Prot{abi.VM_PROT_READ, abi.VM_PROT_WRITE, abi.VM_PROT_EXECUTE} {
		if p&bit != 0 {
			b[i] = "rwx"[i]
		}
	}
	return string(b)
}
