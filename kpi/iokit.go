package kpi

import (
	_ "embed"
	"errors"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"puggle/iokit"
	"puggle/kext"
	"puggle/libkern"
	"puggle/mach/sched"
)

// The I/O Kit's classes are kernel code in C++ (iokit/), which is loaded when code first
// asks for a symbol of it. The registry that they are in is the kernel's (puggle/iokit): an
// entry that code has made is an iokit.Object whose hooks go up into C++.

//go:embed iokit/iokit.o
var ioObject []byte

// ioKit is what the kernel task knows of the classes.
type ioKit struct {
	registry *iokit.Registry
	load     sync.Mutex // held while the classes are loaded
	failed   error
	image    atomic.Pointer[libkern.Image]
	ending   atomic.Int32 // terminations that code asked for, in progress

	mu      sync.Mutex
	classes map[string]*kclass
	objects map[*iokit.Entry]Addr // of C++ that stand for the kernel's own entries
	refused map[*Extension]error  // a class that could not be defined
}

// kclass is an OSMetaClass.
type kclass struct {
	name  string
	meta  Addr
	count Addr       // where it counts its instances
	ext   *Extension // nil for the kernel's
	order int
}

func (i *ioKit) init(r *iokit.Registry) {
	if r == nil {
		r = iokit.NewRegistry()
	}
	i.registry = r
	i.classes, i.objects, i.refused = map[string]*kclass{}, map[*iokit.Entry]Addr{}, map[*Extension]error{}
}

// Registry is the I/O Registry that the task's drivers are in.
func (k *KernelTask) Registry() *iokit.Registry { return k.iok.registry }

// ioExports are the names that the classes offer, with their addresses if they were
// at 4 GB.
var ioExports = sync.OnceValue(func() map[string]uint64 {
	m := map[string]uint64{}
	if img, err := libkern.Link([][]byte{ioObject}, uint64(mapBase), func(string) (uint64, bool) { return uint64(mapBase), true }); err == nil {
		for i := range img.Symbols {
			if s := &img.Symbols[i]; s.Exported {
				m[s.Name] = s.Addr
			}
		}
	}
	return m
})

// ioSymbol finds a symbol of the classes, and loads them for it.
func (k *KernelTask) ioSymbol(name string) (uint64, bool) {
	if _, ok := ioExports()[name]; !ok {
		return 0, false
	}
	if err := k.loadIOKit(); err != nil {
		k.diagnose("the I/O Kit can't be loaded: " + err.Error() + "\n")
		return 0, false
	}
	s, ok := k.iok.image.Load().Lookup(name)
	return s.Addr, ok
}

// loadIOKit loads the classes, once. Errors are of memory.
func (k *KernelTask) loadIOKit() error {
	i := &k.iok
	i.load.Lock()
	defer i.load.Unlock()
	if i.image.Load() != nil || i.failed != nil {
		return i.failed
	}
	img, err := k.linkIOKit()
	if err == nil {
		i.image.Store(img)
		th := sched.NewThread("iokit")
		for _, fn := range img.Init {
			if _, err = k.Call(th, Addr(fn)); err != nil {
				break
			}
		}
		if err == nil {
			_, err = k.Call(th, k.ioFunc("iok_init"))
		}
	}
	i.failed = err
	return err
}

func (k *KernelTask) linkIOKit() (*libkern.Image, error) {
	plan, err := libkern.NewPlan([][]byte{ioObject})
	if err != nil {
		return nil, err
	}
	base, err := k.Allocate(plan.Size())
	if err != nil {
		return nil, err
	}
	img, err := plan.Link(base, func(name string) (uint64, bool) {
		if n, ok := byName()[name]; ok && !table[n].None {
			if table[n].Handler != nil {
				return uint64(k.stubAddr(n)), true
			}
			s, ok := k.rt.Lookup(name)
			return s.Addr, ok
		}
		return 0, false
	})
	if err == nil {
		err = k.place(img)
	}
	if err != nil {
		k.Free(base, plan.Size())
		return nil, err
	}
	return img, nil
}

// ioFunc is a function of iokit/glue.cpp; 0 before the classes are loaded.
func (k *KernelTask) ioFunc(name string) Addr {
	img := k.iok.image.Load()
	if img == nil {
		return 0
	}
	s, _ := img.Lookup("_" + name)
	return Addr(s.Addr)
}

// ioCall calls a function of glue.cpp on behalf of an extension, nil for nobody, on a thread of its own that
// needs no processor: who asks may hold one. Errors are Call's.
func (k *KernelTask) ioCall(ext *Extension, name string, args ...uint64) (uint64, error) {
	fn := k.ioFunc(name)
	if fn == 0 {
		return 0, errors.New("the I/O Kit is not loaded")
	}
	t, err := k.thread(sched.NewThread("iokit"))
	if err != nil {
		return 0, err
	}
	v, err := k.callAs(ext, t, fn, StackSize, args)
	k.after(t)
	return v, err
}

// lend puts bytes, and a zero, into the task's memory until free is called.
func (k *KernelTask) lendBytes(b []byte) (a Addr, free func()) {
	a, ok := k.alloc.get(uint64(len(b))+1, kindKernel, nil)
	if !ok {
		return 0, func() {}
	}
	if !k.Write(a, append(append([]byte(nil), b...), 0)) {
		k.alloc.put(a)
		return 0, func() {}
	}
	return a, func() { k.alloc.put(a) }
}

func (i *ioKit) class(name string) *kclass {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.classes[name]
}

// constructed says whether an extension's classes are good; need: it must have some.
func (i *ioKit) constructed(e *Extension, need bool) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	err := i.refused[e]
	delete(i.refused, e)
	if err != nil || !need {
		return err
	}
	for _, c := range i.classes {
		if c.ext == e {
			return nil
		}
	}
	return errNoStart
}

// classesOf lists an extension's classes, the last defined first.
func (i *ioKit) classesOf(e *Extension) (l []*kclass) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, c := range i.classes {
		if c.ext == e {
			l = append(l, c)
		}
	}
	sort.Slice(l, func(a, b int) bool { return l[a].order > l[b].order })
	return l
}

// publishPersonalities puts an extension's into the catalogue. Those without an IOClass are for others to use.
func (k *KernelTask) publishPersonalities(b *kext.Bundle) {
	names := make([]string, 0, len(b.Personalities))
	for n := range b.Personalities {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		p, _ := b.Personalities[n].(map[string]any)
		class, _ := p[iokit.ClassKey].(string)
		if class == "" {
			continue
		}
		id, _ := p["CFBundleIdentifier"].(string)
		if id == "" {
			id = b.ID
		}
		if err := k.iok.registry.Catalogue.Add(&iokit.Personality{Bundle: id, Table: p}); err != nil {
			k.diagnose(fmt.Sprintf("%s: personality %s: %v\n", b.ID, n, err))
		}
	}
}

// InstancesError is an extension that can't be unloaded since there are objects of its classes
// (kOSMetaClassHasInstances).
type InstancesError struct {
	Class string
	Count uint32
}

func (e *InstancesError) Error() string {
	return fmt.Sprintf("class %s still has %d instances", e.Class, e.Count)
}

// stopDrivers takes an extension's personalities out of the catalogue and terminates the services of its
// classes. *InstancesError if objects are left; then the personalities are back.
func (k *KernelTask) stopDrivers(e *Extension, b *kext.Bundle) error {
	r := k.iok.registry
	r.Catalogue.RemoveBundle(b.ID)
	for _, c := range k.iok.classesOf(e) {
		for _, x := range r.Instances(c.name) {
			x.Terminate(0)
		}
	}
	if e.Dead() {
		return nil
	}
	for start := time.Now(); ; time.Sleep(settlePause) {
		err := k.instances(e)
		if err == nil {
			return nil
		}
		if d := time.Since(start); d > settleLimit || d > settlePatience && k.iok.ending.Load() == 0 {
			k.publishPersonalities(b)
			return err
		}
	}
}

// instances is an *InstancesError if there are objects of an extension's classes.
func (k *KernelTask) instances(e *Extension) error {
	for _, c := range k.iok.classesOf(e) {
		if n, _ := k.U32(c.count); n != 0 {
			return &InstancesError{c.name, n}
		}
	}
	return nil
}

// forgetClasses undefines what is left of an extension's classes: a dead one's destructors have not run.
func (k *KernelTask) forgetClasses(e *Extension) {
	for _, c := range k.iok.classesOf(e) {
		k.ioCall(nil, "iok_forget", uint64(c.meta))
		k.iok.undefine(c.name, c.meta)
	}
}

func (i *ioKit) undefine(name string, meta Addr) {
	i.mu.Lock()
	c := i.classes[name]
	if c != nil && c.meta == meta {
		delete(i.classes, name)
	}
	i.mu.Unlock()
	if c != nil && c.meta == meta {
		i.registry.UndefineClass(name)
	}
}
