package kpi

import (
	"fmt"
	"sort"
	"sync"
	"sync/atomic"

	"puggle/abi"
	"puggle/iokit"
)

// startDrivers is the registry's Starter: each candidate's driver looks at the provider, and the first that
// starts, by score, is it. A class that is not here is asked of the extension that the personality names.
func (k *KernelTask) startDrivers(provider *iokit.Entry, candidates []*iokit.Personality) {
	type probed struct {
		obj   uint64
		score int32
		class string
		ext   *Extension
	}
	var l []probed
	if err := k.loadIOKit(); err != nil {
		k.diagnose(fmt.Sprintf("the I/O Kit can't be loaded: %v\n", oneLine(err)))
		return
	}
	where, err := k.objectOf(provider)
	if err != nil {
		return
	}
	for _, p := range candidates {
		c := k.iok.class(p.Class())
		if c == nil && k.cfg.LoadBundle != nil && p.Bundle != "" {
			if err := k.cfg.LoadBundle(p.Bundle); err != nil {
				k.diagnose(fmt.Sprintf("driver %s for %s: %v\n", p.Class(), provider.Class(), oneLine(err)))
				continue
			}
			c = k.iok.class(p.Class())
		}
		if c == nil || c.ext != nil && c.ext.Dead() {
			continue
		}
		obj, score := k.probe(c, where, p)
		if obj != 0 {
			l = append(l, probed{obj, score, c.name, c.ext})
		}
	}
	sort.SliceStable(l, func(i, j int) bool { return l[i].score > l[j].score })
	done := false
	for _, d := range l {
		if done || provider.State()&iokit.Inactive != 0 {
			k.ioCall(d.ext, "iok_release", d.obj)
			continue
		}
		v, err := k.ioCall(d.ext, "iok_start", d.obj, uint64(where))
		if err != nil {
			k.diagnose(fmt.Sprintf("driver %s for %s: %v\n", d.class, provider.Class(), oneLine(err)))
		}
		done = err == nil && uint32(v) != 0
	}
}

// probe makes a driver and has it look; 0 if it does not fit.
func (k *KernelTask) probe(c *kclass, provider Addr, p *iokit.Personality) (obj uint64, score int32) {
	table := map[string]any{}
	for key, v := range p.Table {
		table[key] = v
	}
	table[iokit.MatchCategoryKey] = p.Category()
	if p.Bundle != "" {
		table["CFBundleIdentifier"] = p.Bundle
	}
	xml := iokit.SerializeXML(table)
	text, free := k.lendBytes(xml)
	defer free()
	name, free2 := k.lendBytes([]byte(c.name))
	defer free2()
	at, free3 := k.lendBytes(make([]byte, 8))
	defer free3()
	if text == 0 || name == 0 || at == 0 {
		return 0, 0
	}
	k.PutU32(at, uint32(p.ProbeScore()))
	obj, err := k.ioCall(c.ext, "iok_probe", uint64(name), uint64(provider), uint64(text), uint64(len(xml)), uint64(at))
	if err != nil {
		k.diagnose(fmt.Sprintf("driver %s: %v\n", c.name, oneLine(err)))
		return 0, 0
	}
	v, _ := k.U32(at)
	return obj, int32(v)
}

// cxxEntry is an IORegistryEntry of C++ as the registry sees it. It holds one reference of the object from
// its first attachment to its last detachment, or to its termination.
type cxxEntry struct {
	iokit.NoObject
	k     *KernelTask
	obj   Addr
	class string
	e     *iokit.Entry

	ending atomic.Int32 // terminations that it asked for itself, in progress

	mu       sync.Mutex
	retained bool // the reference is there
	leaving  bool // and goes when users is 0
	users    int  // hooks in progress
}

func (x *cxxEntry) ext() *Extension {
	if c := x.k.iok.class(x.class); c != nil {
		return c.ext
	}
	return nil
}

// up calls a function of glue.cpp with the object, which lives as long; false if it is gone or the call failed.
func (x *cxxEntry) up(name string, args ...uint64) (uint64, bool) {
	x.mu.Lock()
	if !x.retained || x.leaving {
		x.mu.Unlock()
		return 0, false
	}
	x.users++
	x.mu.Unlock()
	v, err := x.k.ioCall(x.ext(), name, append([]uint64{uint64(x.obj)}, args...)...)
	x.mu.Lock()
	x.users--
	last := x.leaving && x.users == 0
	if last {
		x.retained, x.leaving = false, false
	}
	x.mu.Unlock()
	if last {
		x.k.ioCall(x.ext(), "iok_release", uint64(x.obj))
	}
	return v, err == nil
}

// leave gives the reference up, now or when the hooks in progress are done.
func (x *cxxEntry) leave() (now bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.retained || x.leaving {
		return false
	}
	if x.users > 0 {
		x.leaving = true
		return false
	}
	x.retained = false
	return true
}

func (x *cxxEntry) withXML(name string, v any) (uint64, bool) {
	xml := iokit.SerializeXML(v)
	a, free := x.k.lendBytes(xml)
	defer free()
	if a == 0 {
		return 0, false
	}
	return x.up(name, uint64(a), uint64(len(xml)))
}

func (x *cxxEntry) SetProperties(_ *iokit.Client, v any) abi.KernReturn {
	r, ok := x.withXML("iok_set_properties", v)
	if !ok {
		return iokit.IOReturnNoDevice
	}
	return abi.KernReturn(int32(r))
}

func (x *cxxEntry) MatchPropertyTable(table map[string]any) bool {
	r, ok := x.withXML("iok_match", table)
	return ok && uint32(r) != 0
}

func (x *cxxEntry) Message(kind uint32, provider *iokit.Entry, argument uint64) abi.KernReturn {
	var from Addr
	if provider != nil {
		from, _ = x.k.objectOf(provider)
	}
	r, ok := x.up("iok_message", uint64(kind), uint64(from), argument)
	if !ok {
		return iokit.IOReturnNoDevice
	}
	return abi.KernReturn(int32(r))
}

func (x *cxxEntry) Terminate(options uint32) {
	x.up("iok_terminate", uint64(options))
	if x.leave() {
		x.k.ioCall(x.ext(), "iok_release", uint64(x.obj))
	}
}

// objectOf is the object of C++ for an entry. The kernel's own entries get one that stands for
// them when they are first asked for, and keep it.
func (k *KernelTask) objectOf(e *iokit.Entry) (Addr, error) {
	if x, ok := e.Object().(*cxxEntry); ok {
		return x.obj, nil
	}
	k.iok.mu.Lock()
	a := k.iok.objects[e]
	k.iok.mu.Unlock()
	if a != 0 {
		return a, nil
	}
	class := e.Class()
	for k.iok.class(class) == nil || k.iok.class(class).ext != nil {
		super, _, ok := k.iok.registry.Superclass(class)
		if !ok || super == "" {
			class = "IORegistryEntry"
			break
		}
		class = super
	}
	name, free := k.lendBytes([]byte(class))
	defer free()
	h := k.handle.ref(e)
	if name == 0 || h == 0 {
		return 0, ErrNoMemory
	}
	v, err := k.ioCall(nil, "iok_wrap", uint64(h), uint64(name))
	if err != nil || v == 0 {
		k.handle.unref(h)
		if err == nil {
			err = ErrNoMemory
		}
		return 0, err
	}
	k.iok.mu.Lock()
	defer k.iok.mu.Unlock()
	if a := k.iok.objects[e]; a != 0 {
		return a, nil // somebody was faster; the one too many stays
	}
	k.iok.objects[e] = Addr(v)
	return Addr(v), nil
}
