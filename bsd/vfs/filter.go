package vfs

import (
	"sync/atomic"

	"puggle/abi"
	"puggle/bsd/sys"
)

// NOTE_* of EVFILT_VNODE (<sys/event.h>).
const (
	noteDelete = 0x1
	noteWrite  = 0x2
	noteExtend = 0x4
	noteAttrib = 0x8
	noteLink   = 0x10
	noteRename = 0x20
)

// evPoll marks a knote of select or poll (EV_POLL), to which a regular file is
// always ready.
const evPoll = 0x1000

// watched counts knotes on vnodes. As long as there is none, nobody is looked for
// who might want to hear of a change.
var watched atomic.Int64

// Filter gives the READ, WRITE and VNODE filters. Devices have their own.
func (f *File) Filter(filter int16) sys.Filter {
	if filter == sys.EVFILT_VNODE {
		return vnodeFilter{f}
	}
	if f.dev != nil {
		if own := f.dev.Filter(filter); own != nil {
			return own
		}
	}
	switch filter {
	case sys.EVFILT_READ:
		return readFilter{f}
	case sys.EVFILT_WRITE:
		return writeFilter{f}
	}
	return nil
}

type vnodeFilter struct{ f *File }

func (x vnodeFilter) Attach(kn *sys.Knote) {
	attach(x.f.v, kn)
	x.f.v.watchOutside()
}
func (x vnodeFilter) Detach(kn *sys.Knote) {
	x.f.v.unwatchOutside()
	detach(x.f.v, kn)
}

func attach(v *Vnode, kn *sys.Knote) {
	watched.Add(1)
	v.Klist.Add(kn)
}

func detach(v *Vnode, kn *sys.Knote) {
	v.Klist.Remove(kn)
	watched.Add(-1)
}

// Ready has nothing to add: what happened came with the hints.
func (vnodeFilter) Ready(*sys.Knote) sys.Readiness { return sys.Readiness{} }

// readFilter is ready while the file goes on behind the open file's position.
type readFilter struct{ f *File }

func (x readFilter) Attach(kn *sys.Knote) { attach(x.f.v, kn) }
func (x readFilter) Detach(kn *sys.Knote) { detach(x.f.v, kn) }
func (x readFilter) Ready(kn *sys.Knote) sys.Readiness {
	if kn.Flags&evPoll != 0 || x.f.v.Type != VREG {
		return sys.Readiness{Ready: true, Data: 1}
	}
	var st abi.Stat
	if e := x.f.v.Ops.GetAttr(nil, &st); e != 0 {
		return sys.Readiness{Ready: true, EOF: true}
	}
	n := st.Size - x.f.offset()
	return sys.Readiness{Ready: n != 0, Data: n}
}

// writeFilter is always ready.
type writeFilter struct{ f *File }

func (x writeFilter) Attach(kn *sys.Knote)         { attach(x.f.v, kn) }
func (x writeFilter) Detach(kn *sys.Knote)         { detach(x.f.v, kn) }
func (writeFilter) Ready(*sys.Knote) sys.Readiness { return sys.Readiness{Ready: true} }
