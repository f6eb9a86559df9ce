package kernel

import (
	"puggle/bsd/dev"
	"puggle/kpi"
	"puggle/machine"
)

// kmem is /dev/kmem and /dev/mem. The kernel task is made when it is first read.
type kmem struct{ s *System }

var _ dev.Kmem = kmem{}

func (m kmem) with(f func(k *kpi.KernelTask) bool) bool {
	x, err := m.s.Extensions()
	return err == nil && f(x.Task)
}

func (m kmem) Read(b []byte, addr uint64) bool {
	return m.with(func(k *kpi.KernelTask) bool { return k.Read(b, kpi.Addr(addr)) })
}

func (m kmem) Write(b []byte, addr uint64) bool {
	return m.with(func(k *kpi.KernelTask) bool { return k.Write(kpi.Addr(addr), b) })
}

// ReadPhysical reads what the machine has in memory: a page that was never touched, or is paged
// out, is not there.
func (m kmem) ReadPhysical(b []byte, addr uint64) bool {
	return kpi.ReadPhysical(m.s.trapm.Memory(), b, addr) == len(b)
}

// WritePhysical writes to pages that guests and the kernel task have touched; the machine's own stay
// as they are.
func (m kmem) WritePhysical(b []byte, addr uint64) bool {
	w, ok := m.s.trapm.Memory().(interface {
		WriteGuest(p machine.Phys, b []byte) bool
	})
	return ok && w.WriteGuest(machine.Phys(addr), b)
}

func (m kmem) Secure() bool { return m.s.Sysctl.SecureLevel() > 0 }
