package kpi

import (
	"fmt"
	"sync"
	"time"

	"puggle/abi"
	"puggle/kernserv"
	"puggle/kernserv/nextbus"
	"puggle/libkern"
	"puggle/mach/sched"
)

// next is what NeXT's loadable kernel servers have of the kernel task: the loader, the
// NeXTbus, and what only their generation of the KPI has. All is nil until
// StartKernServ.
type next struct {
	loader *kernserv.Loader
	bus    *nextbus.Bus
	device nextbus.Mappings

	mu       sync.Mutex
	timeouts map[*usTimeout]struct{}
	switches nextSwitches
	modules  modules
}

// NextConfig says what kernel servers are connected to.
type NextConfig struct {
	Files kernserv.Files
	Names kernserv.NameServer // nil: names in the loader only
	Conf  string              // "" is kernserv.DefaultConf
	Bus   *nextbus.Bus        // nil: a cube without boards
}

// StartKernServ starts kern_loader, with no servers. Call it once.
func (k *KernelTask) StartKernServ(cfg NextConfig) (*kernserv.Loader, error) {
	n := &k.next
	if n.bus = cfg.Bus; n.bus == nil {
		n.bus = nextbus.New()
	}
	n.device.Bus = n.bus
	n.timeouts = map[*usTimeout]struct{}{}
	l, err := kernserv.New(kernserv.Config{Kernel: nextKernel{k}, Memory: k.cfg.Tasks.Machine.Memory(), Files: cfg.Files,
		Names: cfg.Names, Conf: cfg.Conf,
		NewThread: func(name string) *sched.Thread {
			th := new(sched.Thread)
			th.Init(name, k.cfg.Tasks.Processors)
			th.SetTaskPriority(sched.BasePriKernel, sched.MaxPriKernel)
			return th
		},
		Log: func(p kernserv.Priority, line string) {
			if p <= kernserv.LOG_NOTICE {
				k.print("kern_loader: " + line + "\n")
			}
		}})
	if err != nil {
		return nil, err
	}
	n.loader = l
	n.bus.Interrupt = func() { l.Interrupts.Bus(n.bus.Asserted, n.bus.Served) }
	n.bus.Storm = func(slot int) {
		k.print(fmt.Sprintf("NeXTbus: slot %d interrupts and nobody stops it: masked\n", slot))
	}
	return l, nil
}

// nextKernel is kernserv.Kernel over a kernel task.
type nextKernel struct{ k *KernelTask }

func (n nextKernel) Allocate(size uint64) (Addr, error) {
	a, err := n.k.Allocate(size)
	return Addr(a), err
}

func (n nextKernel) Deallocate(a Addr, size uint64) { n.k.Free(uint64(a), size) }

func (n nextKernel) Place(name string, img *libkern.Image) error {
	k := n.k
	// The room may have been used before.
	if kr := k.Map.Protect(Addr(img.Base), img.Size, abi.VM_PROT_READ|abi.VM_PROT_WRITE, false); kr != 0 {
		return ErrNoMemory
	}
	k.clear(Addr(img.Base), img.Size)
	_, err := k.Install(name, img)
	return err
}

func (n nextKernel) Remove(img *libkern.Image) {
	k := n.k
	if e := k.extensionAt(Addr(img.Base)); e != nil {
		th := k.ownThread("kern_loader")
		if !k.force(e, th) {
			k.print(e.Name + ": " + (&ReferencedError{e.Name, e.References()}).Error() + ", and taken out all the same\n")
		}
		th.Detach()
		k.withdraw(e)
	}
	n.sync()
	k.Map.Protect(Addr(img.Base), img.Size, abi.VM_PROT_NONE, false)
}

// withdraw takes an extension off the list; its memory stays.
func (k *KernelTask) withdraw(e *Extension) {
	if n, bytes := k.alloc.leaks(e); n > 0 {
		k.print(fmt.Sprintf("%s: %d blocks of memory (%d bytes) were not freed\n", e.Name, n, bytes))
	}
	k.dropSelects(e)
	k.mu.Lock()
	defer k.mu.Unlock()
	var l []*Extension
	for _, x := range *k.exts.Load() {
		if x != e {
			l = append(l, x)
		}
	}
	k.exts.Store(&l)
}

func (n nextKernel) Wire(a Addr, size uint64) abi.KernReturn {
	return n.k.Map.Wire(a, size, abi.VM_PROT_READ)
}

func (n nextKernel) Unwire(a Addr, size uint64) abi.KernReturn {
	if kr := n.k.Map.Unwire(a, size); kr != 0 {
		return abi.KERN_INVALID_ARGUMENT
	}
	return abi.KERN_SUCCESS
}

func (n nextKernel) Kalloc(size uint64) (Addr, error) {
	a, ok := n.k.alloc.get(size, kindKernel, nil)
	if !ok {
		return 0, ErrNoMemory
	}
	n.k.clear(a, size)
	return a, nil
}

func (n nextKernel) Kfree(a Addr, _ uint64) { n.k.alloc.put(a) }

func (n nextKernel) CopyIn(dst []byte, a Addr) abi.KernReturn { return n.k.Map.CopyIn(dst, a) }
func (n nextKernel) CopyOut(a Addr, b []byte) abi.KernReturn  { return n.k.Map.CopyOut(a, b) }

// Resolve prefers what the 1990 generation has under a later one's name: its rows
// begin with next_.
func (n nextKernel) Resolve(name string) (uint64, bool) {
	if a, ok := n.k.switchTable(name); ok {
		return a, true
	}
	if len(name) > 1 {
		if a, ok := n.k.lookup("", "_next"+name); ok {
			return a, true
		}
	}
	return n.k.lookup("", name)
}

func (n nextKernel) Call(th *sched.Thread, fn Addr, args ...uint64) (uint64, error) {
	v, err := n.k.CallSmall(th, fn, args...)
	n.k.next.loader.Interrupts.Forget(th)
	n.sync()
	return v, oneLine(err)
}

func (n nextKernel) Interrupt(th *sched.Thread, level int, fn Addr, args ...uint64) (uint64, error) {
	v, err := n.k.CallInterrupt(th, uint32(level), fn, args...)
	s := &n.k.next.switches
	s.mu.Lock()
	s.tell()
	s.mu.Unlock()
	return v, oneLine(err)
}

// oneLine shortens a panic to its reason; the report is in the message buffer.
func oneLine(err error) error {
	if p, ok := err.(*Panic); ok && p != nil {
		return fmt.Errorf("panic: %s", p.Reason)
	}
	return err
}

func (n nextKernel) Construct(th *sched.Thread, img *libkern.Image) error {
	if e := n.k.extensionAt(Addr(img.Base)); e != nil {
		return oneLine(e.Construct(th))
	}
	return nil
}

func (n nextKernel) Destruct(th *sched.Thread, img *libkern.Image) error {
	if e := n.k.extensionAt(Addr(img.Base)); e != nil {
		return oneLine(e.Destruct(th))
	}
	return nil
}

func (n nextKernel) References(a Addr, _ uint64) (l []string) {
	n.sync()
	if e := n.k.extensionAt(a); e != nil {
		for _, r := range e.settled() {
			l = append(l, r.Kind+" "+r.Name)
		}
	}
	return l
}

// loader is kern_loader; without one, what needs it is a panic.
func (c *Call) loader() *kernserv.Loader {
	l := c.K.next.loader
	if l == nil {
		c.Panic("there is no kern_loader in this machine")
	}
	return l
}

// pc is an address of the server that calls: the runtime may stand in between.
func (c *Call) pc() Addr {
	a := c.Caller()
	if c.K.extensionAt(a) == nil {
		if e := c.Owner(); e != nil {
			return Addr(e.Image.Base)
		}
	}
	return a
}

// usTimeout is one us_timeout.
type usTimeout struct {
	fn, arg Addr
	timer   *time.Timer
}
