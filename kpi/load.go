package kpi

import (
	"errors"
	"path"
	"strings"
	"time"

	"puggle/abi"
	"puggle/kext"
	"puggle/libkern"
	"puggle/mach/sched"
	"puggle/machine"
)

var _ kext.Kernel = (*KernelTask)(nil)

// kmod_info (<mach/kmod.h>, packed to 4 bytes).
const (
	kmodVersion = 8 // s32
	kmodID      = 12
	kmodName    = 16
	kmodVers    = 80
	kmodAddress = 156
	kmodSize    = 164
	kmodHdrSize = 172
	kmodStart   = 180
	kmodStop    = 188
	kmodInfoLen = 196
	kmodMaxName = 64
)

// Allocate is kext.Kernel's: room with a guard page on either side.
func (k *KernelTask) Allocate(size uint64) (uint64, error) {
	size = (size + machine.PageMask) &^ machine.PageMask
	if size == 0 || size > libkern.MaxImage {
		return 0, ErrNoMemory
	}
	a, err := k.guarded(size)
	return uint64(a), err
}

// Free gives back what Allocate reserved.
func (k *KernelTask) Free(base, size uint64) {
	k.freeGuarded(Addr(base), (size+machine.PageMask)&^machine.PageMask)
}

// Start is kext.Kernel's: it maps the image, runs constructors, then the start
// routine. When that fails, the extension is taken out again.
func (k *KernelTask) Start(l *kext.Loaded) error {
	if l.Image == nil {
		k.publishPersonalities(l.Bundle)
		return nil
	}
	th := k.ownThread("kextload")
	defer th.Detach()
	e, err := k.Install(l.Bundle.ID, l.Image)
	if err != nil {
		k.Free(l.Image.Base, l.Image.Size)
		return err
	}
	start, err := k.kmodInfo(e, l)
	driver := errors.Is(err, errNoStart) && len(l.Bundle.Personalities) > 0 // classes may be all it has
	if err == nil || driver {
		err = e.Construct(th)
	}
	if err == nil {
		err = k.iok.constructed(e, driver)
	}
	if err == nil && start != 0 {
		var v uint64
		if v, err = k.Call(th, start, uint64(e.info), 0); err == nil && int32(v) != 0 {
			err = errStart{KernReturn(int32(v))}
		}
	}
	if err == nil {
		e.started = true
		k.publishPersonalities(l.Bundle)
		return nil
	}
	// The code may have registered things before it failed.
	if !e.Dead() {
		e.Destruct(th)
	}
	if refs := e.References(); len(refs) > 0 {
		if !k.force(e, th) {
			k.diagnose(e.Name + ": failed to start, and can't be taken out: " + (&ReferencedError{e.Name, refs}).Error() + "\n")
			return err
		}
		if !e.Dead() {
			err = errors.Join(err, &ReferencedError{e.Name, refs})
		}
	}
	k.forgetClasses(e)
	e.Remove()
	return err
}

// ownThread is a kernel thread for the work of a command.
func (k *KernelTask) ownThread(name string) *sched.Thread {
	th := new(sched.Thread)
	th.Init(name, k.cfg.Tasks.Processors)
	th.SetTaskPriority(sched.BasePriKernel, sched.MaxPriKernel)
	th.Attach()
	return th
}

// kmodInfo finds the extension's kmod_info, or makes one for routines named after the
// executable (sleepkext_start, sleepkext_stop), and fills it in.
func (k *KernelTask) kmodInfo(e *Extension, l *kext.Loaded) (start Addr, err error) {
	find := func(name string) Addr {
		for i := range e.Image.Symbols {
			if s := &e.Image.Symbols[i]; s.Name == name {
				return Addr(s.Addr)
			}
		}
		return 0
	}
	info := find("_kmod_info")
	if info == 0 {
		base := strings.ReplaceAll(path.Base(l.Bundle.Executable), "-", "_")
		start, stop := find("_"+base+"_start"), find("_"+base+"_stop")
		if start == 0 {
			return 0, errNoStart
		}
		var ok bool
		if info, ok = k.alloc.get(kmodInfoLen, kindKernel, nil); !ok {
			return 0, ErrNoMemory
		}
		e.made = info
		var b [kmodInfoLen]byte
		le.PutUint32(b[kmodVersion:], 1)
		copy(b[kmodName:kmodName+kmodMaxName-1], l.Bundle.ID)
		copy(b[kmodVers:kmodVers+kmodMaxName-1], l.Bundle.Version.String())
		le.PutUint64(b[kmodStart:], uint64(start))
		le.PutUint64(b[kmodStop:], uint64(stop))
		k.Write(info, b[:])
	}
	e.info = info
	ok := k.PutU32(info+kmodID, uint32(l.Index)) && k.PutU64(info+kmodAddress, e.Image.Base) &&
		k.PutU64(info+kmodSize, e.Image.Size) && k.PutU64(info+kmodHdrSize, machine.PageSize)
	s, ok2 := k.U64(info + kmodStart)
	stop, ok3 := k.U64(info + kmodStop)
	if !ok || !ok2 || !ok3 {
		return 0, errors.New("its kmod_info can't be written")
	}
	e.stop = Addr(stop)
	if s == 0 {
		return 0, errNoStart
	}
	return Addr(s), nil
}

// Stop is kext.Kernel's: the stop routine, then destructors, each once; then, if
// nothing points into the extension any more, it is taken out. Of a dead
// extension nothing is run, and what points into it is taken away.
func (k *KernelTask) Stop(l *kext.Loaded) error {
	if l.Image == nil {
		k.iok.registry.Catalogue.RemoveBundle(l.Bundle.ID)
		return nil
	}
	e := k.extensionAt(Addr(l.Image.Base))
	if e == nil {
		return nil
	}
	th := k.ownThread("kextunload")
	defer th.Detach()
	th.Detach()
	err := k.stopDrivers(e, l.Bundle)
	th.Attach()
	if err != nil {
		return err
	}
	if !e.stopped && !e.Dead() {
		if e.stop != 0 {
			v, err := k.Call(th, e.stop, uint64(e.info), 0)
			if err != nil && !e.Dead() {
				return err
			}
			if kr := KernReturn(int32(v)); err == nil && kr != abi.KERN_SUCCESS {
				return errors.New("its stop routine refuses: " + errStart{kr}.code())
			}
		}
		e.stopped = true
		if !e.Dead() {
			if err := e.Destruct(th); err != nil && !e.Dead() {
				return err
			}
		}
	}
	if e.Dead() {
		k.force(e, th)
	}
	if refs := e.settled(); len(refs) > 0 {
		return &ReferencedError{e.Name, refs}
	}
	k.forgetClasses(e)
	e.Remove()
	return nil
}

// settled is References, once what is over soon is over: an interrupt handler or a
// callout has its effect before it has left the extension, and so has a thread that
// says that it is done. Handlers and callouts are waited for up to settleLimit,
// threads for settlePatience: they may have no end.
func (e *Extension) settled() []Reference {
	for start := time.Now(); ; time.Sleep(settlePause) {
		refs := e.References()
		patience := settleLimit
		for _, r := range refs {
			switch x := r.key.(type) {
			case *kthread:
				if !x.soon {
					patience = settlePatience
				}
			case *callout:
				if !e.k.calls.over(x) {
					return refs // there is nothing to wait for
				}
			default:
				return refs
			}
		}
		if len(refs) == 0 || time.Since(start) > patience {
			return refs
		}
	}
}

const (
	settleLimit    = 10 * time.Second
	settlePatience = 250 * time.Millisecond
	settlePause    = time.Millisecond
)

func (e errStart) code() string {
	return strings.TrimPrefix(e.Error(), "its start routine failed with ")
}

// force takes away what points into an extension that can't do it itself; false if
// something is left.
func (k *KernelTask) force(e *Extension, th *sched.Thread) bool {
	for _, r := range e.References() {
		if r.drop != nil {
			r.drop(th)
		}
	}
	return len(e.References()) == 0
}
