package kernel

import (
	"reflect"
	"runtime"
	"strconv"

	"puggle/bsd/kern"
	"puggle/mach/ipc"
	"puggle/mach/mig"
	"puggle/mach/task"
	"puggle/mach/vm"
)

// Zones are the kinds of the kernel's objects. The first are counted by the rooms
// themselves; those named kalloc.N are the size classes of the Go heap, in which all
// of them are; malloc.N is what kernel code has by _MALLOC, by type, with the mean size. It looks at every process, and stops the kernel for a moment.
func (s *System) Zones() []mig.Zone {
	ports, kmsgs := ipc.Counts()
	procs := s.Procs.Procs()
	var tasks, entries uint64
	for _, p := range procs {
		if p.Task == nil || p.State() == kern.Zombie {
			continue
		}
		tasks++
		if m := p.Map(); m != nil {
			m.Regions(func(vm.RegionInfo) bool { entries++; return true })
		}
	}
	size := func(v any) uint64 { return uint64(reflect.TypeOf(v).Elem().Size()) }
	threads := uint64(s.Tasks.NumThreads())
	l := []mig.Zone{
		{Name: "proc", Size: size((*kern.Proc)(nil)), Count: uint64(len(procs)), Total: s.Procs.Stats().Forks.Load()},
		{Name: "tasks", Size: size((*task.Task)(nil)), Count: tasks},
		{Name: "threads", Size: size((*task.Thread)(nil)), Count: threads},
		{Name: "uthreads", Size: size((*kern.Uthread)(nil)), Count: threads},
		{Name: "ipc ports", Size: size((*ipc.Port)(nil)), Count: uint64(ports)},
		{Name: "ipc kmsgs", Size: size((*ipc.Kmsg)(nil)), Count: uint64(kmsgs)},
		{Name: "VM map entries", Size: size((*vm.Entry)(nil)), Count: entries},
	}
	if x := s.ext.made.Load(); x != nil {
		for _, t := range x.Task.MallocTypes() {
			l = append(l, mig.Zone{Name: "malloc." + strconv.Itoa(int(t.Type)), Size: t.Bytes / max(t.InUse, 1), Count: t.InUse, Total: t.Requests})
		}
	}
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	for _, c := range ms.BySize {
		if c.Mallocs > 0 {
			l = append(l, mig.Zone{Name: "kalloc." + strconv.Itoa(int(c.Size)), Size: uint64(c.Size), Count: c.Mallocs - c.Frees, Total: c.Mallocs})
		}
	}
	return l
}

// lockGroups are the groups that kernel code has put its locks in.
func (s *System) lockGroups() []mig.LockGroup {
	x, err := s.Extensions()
	if err != nil {
		return nil
	}
	var l []mig.LockGroup
	for _, g := range x.Task.LockProfile() {
		l = append(l, mig.LockGroup{Name: g.Name, Locks: g.Locks, Acquired: g.Acquired, Missed: g.Missed, Waited: g.Waited})
	}
	return l
}
