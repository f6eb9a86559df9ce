package kpi

import (
	"bytes"
	"fmt"
	"sync"

	"puggle/bsd/dev"
	"puggle/mach/sched"
)

// NeXT's struct cdevsw: eleven functions. A server writes its own entry into
// cdevsw[major], and puts the old one back (Writing Loadable Kernel Servers, 2-10).
const (
	nextOpen, nextClose, nextRead, nextWrite, nextIoctl = 0, 8, 16, 24, 32
	nextStop, nextReset, nextSelect, nextMmap           = 40, 48, 56, 64
	nextCdevSize                                        = 88
)

// nextFields translates offsets of the later struct cdevsw, for cdevsw().
var nextFields = map[int]int{cdOpen: nextOpen, cdClose: nextClose, cdRead: nextRead, cdWrite: nextWrite, cdIoctl: nextIoctl,
	cdStop: nextStop, cdReset: nextReset, cdSelect: nextSelect, cdMmap: nextMmap}

// switchTable is the array cdevsw[], made when a server first names it: every
// entry is nodev, for what is the kernel's own can't be called by servers.
func (k *KernelTask) switchTable() (uint64, bool) {
	n := &k.next
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cdevsw != 0 {
		return uint64(n.cdevsw), true
	}
	nodev, ok := k.lookup("", "_nodev")
	if !ok {
		return 0, false
	}
	a, ok := k.alloc.get(dev.Nchrdev*nextCdevSize, kindKernel, nil)
	if !ok {
		return 0, false
	}
	n.shown = make([]byte, dev.Nchrdev*nextCdevSize)
	for i := 0; i < len(n.shown); i += 8 {
		le.PutUint64(n.shown[i:], nodev)
	}
	k.Write(a, n.shown)
	n.cdevsw = a
	return uint64(a), true
}

// nextSwitches are the entries that stand in the kernel's switch for servers', and
// what they took the place of.
type nextSwitches struct {
	mu  sync.Mutex
	own map[int]*dev.Cdevsw
	old map[int]*dev.Cdevsw
}

// sync takes over what servers have written into cdevsw[] since the last time:
// it is called whenever a server's routine has returned.
func (n nextKernel) sync() {
	k, x := n.k, &n.k.next
	x.mu.Lock()
	at := x.cdevsw
	x.mu.Unlock()
	if at == 0 {
		return
	}
	s := &x.switches
	s.mu.Lock()
	defer s.mu.Unlock()
	now := make([]byte, len(x.shown))
	if !k.Read(now, at) {
		return
	}
	nodev, _ := k.lookup("", "_nodev")
	for major := range dev.Nchrdev {
		e := now[major*nextCdevSize:][:nextCdevSize]
		shown := x.shown[major*nextCdevSize:][:nextCdevSize]
		if bytes.Equal(e, shown) {
			continue
		}
		copy(shown, e)
		s.replace(k, major, e, nodev)
	}
}

// replace installs an entry, or takes it away if it is all nodev. s.mu is held.
func (s *nextSwitches) replace(k *KernelTask, major int, e []byte, nodev uint64) {
	if s.own == nil {
		s.own, s.old = map[int]*dev.Cdevsw{}, map[int]*dev.Cdevsw{}
	}
	if own := s.own[major]; own != nil {
		if dev.CdevswAt(major) == own {
			dev.CdevswSwap(major, s.old[major])
		}
		delete(s.own, major)
		delete(s.old, major)
		k.DropReference("character device", -1-major)
	}
	var at []Addr
	for i := 0; i < nextCdevSize; i += 8 {
		if f := le.Uint64(e[i:]); f != nodev && f != 0 {
			at = append(at, Addr(f))
		}
	}
	if len(at) == 0 {
		return
	}
	entry := append([]byte(nil), e...)
	sw := k.cdevsw(func(off int) Addr {
		if f, ok := nextFields[off]; ok {
			return Addr(le.Uint64(entry[f:]))
		}
		return 0
	})
	old, ok := dev.CdevswSwap(major, sw)
	if !ok {
		return
	}
	s.own[major], s.old[major] = sw, old
	k.AddReference("character device", -1-major, fmt.Sprintf("cdevsw[%d]", major), func(*sched.Thread) { k.next.restore(k, major, nodev) }, at...)
}

// restore makes an entry nodev again, for a server that is gone.
func (n *next) restore(k *KernelTask, major int, nodev uint64) {
	s := &n.switches
	s.mu.Lock()
	defer s.mu.Unlock()
	e := n.shown[major*nextCdevSize:][:nextCdevSize]
	for i := 0; i < len(e); i += 8 {
		le.PutUint64(e[i:], nodev)
	}
	k.Write(n.cdevsw+Addr(major*nextCdevSize), e)
	s.replace(k, major, e, nodev)
}
