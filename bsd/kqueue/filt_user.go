package kqueue

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// userFilter is USER: the guest itself triggers it. fflags and data are stored
// and come back as they are.
var userFilter = filterOps{
	attach: func(_ *sys.Context, kn *knote) (bool, abi.Errno) {
		kn.triggered = kn.Sfflags&abi.NOTE_TRIGGER != 0
		kn.Sfflags &= abi.NOTE_FFLAGSMASK
		return kn.triggered, 0
	},
	detach: func(*knote) {},
	touch: func(_ *sys.Context, kn *knote, kev abi.Kevent) (bool, abi.Errno) {
		fflags := kev.Fflags & abi.NOTE_FFLAGSMASK
		switch kev.Fflags & abi.NOTE_FFCTRLMASK {
		case abi.NOTE_FFAND:
			kn.Sfflags &= fflags
		case abi.NOTE_FFOR:
			kn.Sfflags |= fflags
		case abi.NOTE_FFCOPY:
			kn.Sfflags = fflags
		}
		kn.Sdata = kev.Data
		if kev.Fflags&abi.NOTE_TRIGGER != 0 {
			kn.triggered = true
		}
		return kn.triggered, 0
	},
	process: func(kn *knote, ev *abi.Kevent) bool {
		if !kn.triggered {
			return false
		}
		ev.Fflags, ev.Data = kn.Sfflags, kn.Sdata
		if kn.flags&abi.EV_CLEAR != 0 {
			kn.triggered = false
		}
		return true
	},
}
