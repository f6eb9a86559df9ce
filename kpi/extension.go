package kpi

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync/atomic"

	"puggle/libkern"
	"puggle/mach/sched"
)

// Extension is code in the kernel task: a KEXT, or a kernel server.
type Extension struct {
	Name  string
	Image *libkern.Image

	k       *KernelTask
	dead    atomic.Bool
	panic   atomic.Pointer[Panic]
	started bool
	stopped bool
	atexit  []exitRoutine // under KernelTask.mu
	stop    Addr          // kext's stop routine, 0 for none
	info    Addr          // kmod_info
	made    Addr          // kmod_info that we allocated
}

// exitRoutine is what __cxa_atexit registered.
type exitRoutine struct{ fn, arg Addr }

func (e *Extension) die(p *Panic) {
	e.panic.CompareAndSwap(nil, p)
	if e.dead.CompareAndSwap(false, true) {
		go e.k.silence(e) // who panics may hold locks
	}
}

// Dead says whether it has panicked.
func (e *Extension) Dead() bool { return e.dead.Load() }

func (e *Extension) lastPanic() *Panic {
	if p := e.panic.Load(); p != nil {
		return p
	}
	return &Panic{Reason: "it has panicked", Extension: e}
}

// LastPanic is why it is dead, nil if it isn't.
func (e *Extension) LastPanic() *Panic { return e.panic.Load() }

// Contains says whether a lies in the extension.
func (e *Extension) Contains(a Addr) bool { return uint64(a)-e.Image.Base < e.Image.Size }

// extensionAt finds the extension that an address belongs to, nil if none.
func (k *KernelTask) extensionAt(a Addr) *Extension {
	l := *k.exts.Load()
	i := sort.Search(len(l), func(i int) bool { return l[i].Image.Base > uint64(a) }) - 1
	if i >= 0 && l[i].Contains(a) {
		return l[i]
	}
	return nil
}

// Extensions lists what is loaded, by address.
func (k *KernelTask) Extensions() []*Extension { return append([]*Extension(nil), *k.exts.Load()...) }

// Install maps a linked image, whose room Allocate gave, as an extension. No code
// runs. Errors are of memory.
func (k *KernelTask) Install(name string, img *libkern.Image) (*Extension, error) {
	if err := k.place(img); err != nil {
		return nil, err
	}
	e := &Extension{Name: name, Image: img, k: k}
	k.mu.Lock()
	l := append(append([]*Extension(nil), *k.exts.Load()...), e)
	sort.Slice(l, func(i, j int) bool { return l[i].Image.Base < l[j].Image.Base })
	k.exts.Store(&l)
	k.mu.Unlock()
	return e, nil
}

// Construct runs the image's constructors.
func (e *Extension) Construct(th *sched.Thread) error {
	for _, fn := range e.Image.Init {
		if _, err := e.k.Call(th, Addr(fn)); err != nil {
			return err
		}
	}
	return nil
}

// Destruct runs what the code registered for its end, the last first, and then
// the destructors.
func (e *Extension) Destruct(th *sched.Thread) error {
	for {
		e.k.mu.Lock()
		n := len(e.atexit) - 1
		if n < 0 {
			e.k.mu.Unlock()
			break
		}
		x := e.atexit[n]
		e.atexit = e.atexit[:n]
		e.k.mu.Unlock()
		if _, err := e.k.Call(th, x.fn, uint64(x.arg)); err != nil {
			return err
		}
	}
	for i := len(e.Image.Fini) - 1; i >= 0; i-- {
		if _, err := e.k.Call(th, Addr(e.Image.Fini[i])); err != nil {
			return err
		}
	}
	return nil
}

// formerlyMax bounds the memory of what was unloaded, for reports of stale
// pointers.
const formerlyMax = 64

type gone struct {
	name string
	base uint64
	size uint64
}

// Remove takes an extension out and frees its memory. The caller has seen to it
// that nothing points into it (References).
func (e *Extension) Remove() {
	k := e.k
	if n, bytes := k.alloc.leaks(e); n > 0 {
		k.diagnose(fmt.Sprintf("%s: %d blocks of memory (%d bytes) were not freed\n", e.Name, n, bytes))
	}
	k.mu.Lock()
	old := *k.exts.Load()
	l := make([]*Extension, 0, len(old))
	for _, x := range old {
		if x != e {
			l = append(l, x)
		}
	}
	k.exts.Store(&l)
	if len(k.gone) == formerlyMax {
		k.gone = k.gone[1:]
	}
	k.gone = append(k.gone, gone{e.Name, e.Image.Base, e.Image.Size})
	k.mu.Unlock()
	k.dropSelects(e)
	k.mbufs.freeOf(e)
	k.dbg.forget(e)
	if e.made != 0 {
		k.alloc.put(e.made)
	}
	k.Free(e.Image.Base, e.Image.Size)
}

// formerly names the extension that was at an address before it was unloaded.
func (k *KernelTask) formerly(a Addr) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := len(k.gone) - 1; i >= 0; i-- {
		if g := k.gone[i]; uint64(a)-g.base < g.size {
			return ", which belonged to " + g.name + " before it was unloaded"
		}
	}
	return ""
}

// Reference is something of the kernel that points into code or data of an
// extension.
type Reference struct {
	Kind string // "sysctl", "character device" ...
	Name string
	at   []Addr
	key  any // a *callout, a *kthread for what may be over soon
	// drop takes it away by force, when its extension is dead.
	drop func(th *sched.Thread)
}

type refKey struct {
	kind string
	key  any
}

// AddReference notes a reference, until DropReference. kind and key identify it; drop,
// which may be nil, takes it away when a dead extension is unloaded.
func (k *KernelTask) AddReference(kind string, key any, name string, drop func(th *sched.Thread), at ...Addr) {
	k.mu.Lock()
	k.refs[refKey{kind, key}] = &Reference{kind, name, at, key, drop}
	k.mu.Unlock()
}

// DropReference forgets one.
func (k *KernelTask) DropReference(kind string, key any) {
	k.mu.Lock()
	delete(k.refs, refKey{kind, key})
	k.mu.Unlock()
}

// References lists what points into an extension, threads that are inside
// included.
func (e *Extension) References() []Reference {
	k := e.k
	k.mu.Lock()
	defer k.mu.Unlock()
	var l []Reference
	for _, r := range k.refs {
		for _, a := range r.at {
			if e.Contains(a) {
				l = append(l, *r)
				break
			}
		}
	}
	for a := range k.active {
		if t := a.inside(e); t != nil {
			l = append(l, Reference{Kind: "thread", Name: t.th.Name, key: t})
		}
	}
	sort.Slice(l, func(i, j int) bool { return l[i].Kind+l[i].Name < l[j].Kind+l[j].Name })
	return l
}

// ReferencedError is an extension that can't be unloaded: something points into it.
type ReferencedError struct {
	Name string
	Refs []Reference
}

func (e *ReferencedError) Error() string {
	const show = 8
	var l []string
	for i, r := range e.Refs {
		if i == show {
			l = append(l, fmt.Sprintf("%d more", len(e.Refs)-show))
			break
		}
		l = append(l, r.Kind+" "+r.Name)
	}
	return "still referred to by " + strings.Join(l, ", ")
}

// errStart is a start routine that failed.
type errStart struct{ kr KernReturn }

func (e errStart) Error() string {
	return fmt.Sprintf("its start routine failed with %#x", uint32(e.kr))
}

var errNoStart = errors.New("it has no _kmod_info, and no start routine named after its executable")
