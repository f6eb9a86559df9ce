package kpi

import (
	"bytes"
	"fmt"
	"sync"

	"puggle/bsd/dev"
	"puggle/bsd/sys"
	"puggle/mach/sched"
)

// NeXT's switch tables: a server writes its own entry into cdevsw[major] or
// bdevsw[major], and puts the old one back (Writing Loadable Kernel Servers, 2-8 to 2-10).
type nextTable struct {
	kind  string
	size  int         // of an entry, bytes
	funcs int         // functions in it; the rest are flags
	field map[int]int // offsets in the later structure to those here
	// install makes an entry the kernel's; undo puts back what was there.
	install func(k *KernelTask, major int, fn func(off int) Addr) (undo func())
}

var nextTables = map[string]*nextTable{
	"_cdevsw": {kind: "cdevsw", size: 88, funcs: 11, field: map[int]int{cdOpen: 0, cdClose: 8, cdRead: 16, cdWrite: 24, cdIoctl: 32,
		cdStop: 40, cdReset: 48, cdSelect: 56, cdMmap: 64}, install: installCdevsw},
	"_bdevsw": {kind: "bdevsw", size: 48, funcs: 5, field: map[int]int{bdOpen: 0, bdClose: 8, bdStrategy: 16, bdDump: 24, bdPsize: 32},
		install: installBdevsw},
}

func installCdevsw(k *KernelTask, major int, fn func(int) Addr) func() {
	sw := k.cdevsw(fn)
	s := &k.next.switches
	var mine []*deviceSelect // under s.mu
	if sel := sw.Select; sel != nil {
		sw.Select = func(d int32, filter int16) sys.Filter {
			f := sel(d, filter)
			if x, ok := f.(deviceFilter); ok {
				s.mu.Lock()
				if !s.selects[x.deviceSelect] {
					if s.selects == nil {
						s.selects = map[*deviceSelect]bool{}
					}
					s.selects[x.deviceSelect] = true
					mine = append(mine, x.deviceSelect)
				}
				s.mu.Unlock()
			}
			return f
		}
	}
	old, ok := dev.CdevswSwap(major, sw)
	if !ok {
		return nil
	}
	return func() {
		for _, x := range mine {
			delete(s.selects, x)
		}
		if dev.CdevswAt(major) == sw {
			dev.CdevswSwap(major, old)
		}
	}
}

func installBdevsw(k *KernelTask, major int, fn func(int) Addr) func() {
	if fn(bdStrategy) == 0 {
		return nil
	}
	x := &kextBdev{strategy: fn(bdStrategy), sw: k.bdevsw(fn)}
	old, ok := dev.BdevswSwap(major, x.sw)
	if !ok {
		return nil
	}
	k.devMu.Lock()
	if k.bdevs == nil {
		k.bdevs = map[int]*kextBdev{}
	}
	before := k.bdevs[major]
	k.bdevs[major] = x
	k.devMu.Unlock()
	k.buffers.purge(k, major)
	return func() {
		if dev.BdevswAt(major) == x.sw {
			dev.BdevswSwap(major, old)
		}
		k.devMu.Lock()
		if before != nil {
			k.bdevs[major] = before
		} else {
			delete(k.bdevs, major)
		}
		k.devMu.Unlock()
		k.buffers.purge(k, major)
	}
}

// nextSwitch is one of the tables in the servers' memory, made when one first names it:
// every entry is nodev, for what is the kernel's own can't be called by servers.
type nextSwitch struct {
	*nextTable
	at    Addr
	shown []byte // as it was when it was last looked at
	undo  map[int]func()
}

// nextSwitches are the tables, by the linker's names.
type nextSwitches struct {
	mu sync.Mutex
	by map[string]*nextSwitch
	// selects are servers' devices that somebody has selected on: the 1990 interface has
	// no selwakeup, so they are asked again when any routine of a server has returned.
	selects map[*deviceSelect]bool
}

// switchTable is the array cdevsw[] or bdevsw[]; ok is false for other names.
func (k *KernelTask) switchTable(name string) (uint64, bool) {
	t := nextTables[name]
	if t == nil {
		return 0, false
	}
	s := &k.next.switches
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.by[name]; x != nil {
		return uint64(x.at), true
	}
	nodev, ok := k.lookup("", "_nodev")
	if !ok {
		return 0, false
	}
	x := &nextSwitch{nextTable: t, shown: make([]byte, dev.Nchrdev*t.size), undo: map[int]func(){}}
	if x.at, ok = k.alloc.get(uint64(len(x.shown)), kindKernel, nil); !ok {
		return 0, false
	}
	for major := range dev.Nchrdev {
		x.clear(major, nodev)
	}
	k.Write(x.at, x.shown)
	if s.by == nil {
		s.by = map[string]*nextSwitch{}
	}
	s.by[name] = x
	return uint64(x.at), true
}

// entry is what was last seen of one.
func (x *nextSwitch) entry(major int) []byte { return x.shown[major*x.size:][:x.size] }

// clear makes an entry nodev.
func (x *nextSwitch) clear(major int, nodev uint64) {
	e := x.entry(major)
	clear(e)
	for i := range x.funcs {
		le.PutUint64(e[8*i:], nodev)
	}
}

// sync takes over what servers have written into the tables since the last time: it is
// called whenever a server's routine has returned.
func (n nextKernel) sync() {
	s := &n.k.next.switches
	s.mu.Lock()
	defer s.mu.Unlock()
	nodev, _ := n.k.lookup("", "_nodev")
	for _, x := range s.by {
		now := make([]byte, len(x.shown))
		if !n.k.Read(now, x.at) {
			continue
		}
		for major := range dev.Nchrdev {
			if e := now[major*x.size:][:x.size]; !bytes.Equal(e, x.entry(major)) {
				copy(x.entry(major), e)
				s.replace(n.k, x, major, nodev)
			}
		}
	}
	s.tell()
}

// tell has those ask again who select on servers' devices. mu is held.
func (s *nextSwitches) tell() {
	for d := range s.selects {
		d.list.Notify(0)
	}
}

// replace installs an entry, or takes it away if it is all nodev. mu is held.
func (s *nextSwitches) replace(k *KernelTask, x *nextSwitch, major int, nodev uint64) {
	if undo := x.undo[major]; undo != nil {
		undo()
		delete(x.undo, major)
		k.DropReference(x.kind, -1-major)
	}
	e := append([]byte(nil), x.entry(major)...)
	var at []Addr
	for i := range x.funcs {
		if f := le.Uint64(e[8*i:]); f != nodev && f != 0 {
			at = append(at, Addr(f))
		}
	}
	if len(at) == 0 {
		return
	}
	undo := x.install(k, major, func(off int) Addr {
		if f, ok := x.field[off]; ok {
			return Addr(le.Uint64(e[f:]))
		}
		return 0
	})
	if undo == nil {
		return
	}
	x.undo[major] = undo
	k.AddReference(x.kind, -1-major, fmt.Sprintf("%s[%d]", x.kind, major), func(*sched.Thread) { s.restore(k, x, major, nodev) }, at...)
}

// restore makes an entry nodev again, for a server that is gone.
func (s *nextSwitches) restore(k *KernelTask, x *nextSwitch, major int, nodev uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.clear(major, nodev)
	k.Write(x.at+Addr(major*x.size), x.entry(major))
	s.replace(k, x, major, nodev)
}
