package kpi

import (
	"sync"

	"puggle/abi"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

func init() {
	register("sys/select.h", "2002", "bsd", []Row{
		{Name: "selrecord", Proto: "void selrecord(struct proc *p, struct selinfo *sip, void *wql)", Handler: selrecord},
		{Name: "selwakeup", Proto: "void selwakeup(struct selinfo *sip)", Handler: selwakeup},
		{Name: "selthreadclear", Since: "2006", Proto: "void selthreadclear(struct selinfo *sip)", Handler: selclear},
	})
}

// selects are the struct selinfo of code, by address: whom selwakeup tells. Nothing is in
// the structures themselves.
type selects struct {
	mu sync.Mutex
	by map[Addr]map[*deviceSelect]struct{}
}

// maxSelinfo bounds them.
const maxSelinfo = 4096

// deviceSelect is a device whose d_select is in an extension: who watches it, for reading
// or for writing.
type deviceSelect struct {
	k    *KernelTask
	fn   Addr
	dev  int32
	list sys.Klist
}

// deviceFilter is the sys.Filter of one direction.
type deviceFilter struct {
	*deviceSelect
	which uint64 // FREAD or FWRITE
}

func (f deviceFilter) Attach(kn *sys.Knote) { f.list.Add(kn) }
func (f deviceFilter) Detach(kn *sys.Knote) { f.list.Remove(kn) }

// Ready asks d_select, as the kernel: on a thread that needs no processor, since the one
// that selects keeps its own.
func (f deviceFilter) Ready(*sys.Knote) sys.Readiness {
	k := f.k
	h := k.handle.put(f.deviceSelect) // the wql
	if h == 0 {
		return sys.Readiness{Ready: true}
	}
	defer k.handle.drop(h)
	th := sched.NewThread("select")
	v, err := k.CallContext(&sys.Context{Thread: th, Cred: &sys.Cred{}}, f.fn, uint64(uint32(f.dev)), f.which, uint64(h), uint64(k.procHandle))
	if err != nil {
		return sys.Readiness{Ready: true, EOF: true} // a read tells what is wrong
	}
	return sys.Readiness{Ready: uint32(v) != 0, Data: int64(boolean(uint32(v) != 0))}
}

// selector makes the Select of a switch entry.
func (k *KernelTask) selector(fn Addr) func(dev int32, filter int16) sys.Filter {
	var mu sync.Mutex
	devices := map[int32]*deviceSelect{} // by minor number, as opened
	return func(dev int32, filter int16) sys.Filter {
		which := uint64(abi.FREAD)
		switch filter {
		case sys.EVFILT_READ:
		case sys.EVFILT_WRITE:
			which = abi.FWRITE
		default:
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		d := devices[dev]
		if d == nil {
			d = &deviceSelect{k: k, fn: fn, dev: dev}
			if len(devices) < maxSelinfo {
				devices[dev] = d
			}
		}
		return deviceFilter{d, which}
	}
}

// selrecord notes that selwakeup of sip is for who is asking.
func selrecord(c *Call) uint64 {
	d, ok := c.K.handle.get(c.Addr(2)).(*deviceSelect)
	if !ok {
		return c.Panic("selrecord: " + hex(c.Addr(2)) + " is not what d_select was given")
	}
	s := &c.K.selects
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[Addr]map[*deviceSelect]struct{}{}
	}
	if s.by[c.Addr(1)] == nil {
		if len(s.by) >= maxSelinfo {
			return c.Panic("selrecord: too many struct selinfo")
		}
		s.by[c.Addr(1)] = map[*deviceSelect]struct{}{}
	}
	s.by[c.Addr(1)][d] = struct{}{}
	return 0
}

// selwakeup has those who recorded ask again.
func selwakeup(c *Call) uint64 {
	s := &c.K.selects
	s.mu.Lock()
	l := s.by[c.Addr(0)]
	delete(s.by, c.Addr(0))
	s.mu.Unlock()
	for d := range l {
		d.list.Notify(0)
	}
	return 0
}

func selclear(c *Call) uint64 {
	s := &c.K.selects
	s.mu.Lock()
	delete(s.by, c.Addr(0))
	s.mu.Unlock()
	return 0
}

// dropSelects forgets what lies in an extension that is taken out.
func (k *KernelTask) dropSelects(e *Extension) {
	s := &k.selects
	s.mu.Lock()
	defer s.mu.Unlock()
	for a := range s.by {
		if e.Contains(a) {
			delete(s.by, a)
		}
	}
}
