package kqueue

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// fileFilter is READ, WRITE and EXCEPT: the object says what its state is.
var fileFilter = filterOps{
	isFd:    true,
	detach:  fileDetach,
	touch:   fileTouch,
	process: fileProcess,
}

func fileDetach(kn *knote) { kn.obj.Detach(&kn.Knote) }

func fileTouch(_ *sys.Context, kn *knote, kev abi.Kevent) (bool, abi.Errno) {
	// An EV_ENABLE or EV_ADD brings new low-water marks and masks.
	kn.Sfflags, kn.Sdata = kev.Fflags, kev.Data
	return kn.obj.Ready(&kn.Knote).Ready, 0
}

func fileProcess(kn *knote, ev *abi.Kevent) bool {
	r := kn.obj.Ready(&kn.Knote)
	if !r.Ready {
		return false
	}
	ev.Data, ev.Fflags = r.Data, r.Fflags
	if r.EOF {
		ev.Flags |= abi.EV_EOF
	}
	return true
}

// vnodeFilter is VNODE: the vnode tells what happened (the hint of Notify), and
// the knote collects what it was asked for. A vnode's Ready may add bits that
// hold for good, such as NOTE_DELETE.
var vnodeFilter = filterOps{
	isFd:   true,
	detach: fileDetach,
	touch: func(_ *sys.Context, kn *knote, kev abi.Kevent) (bool, abi.Errno) {
		kn.kq.mu.Lock()
		kn.Sfflags = kev.Fflags
		ready := kn.fflags != 0
		kn.kq.mu.Unlock()
		return ready, 0
	},
	hint: func(kn *knote, hint uint32) bool {
		kn.fflags |= hint & kn.Sfflags
		return kn.fflags != 0
	},
	process: func(kn *knote, ev *abi.Kevent) bool {
		r := kn.obj.Ready(&kn.Knote)
		kn.kq.mu.Lock()
		ev.Fflags = kn.fflags | r.Fflags&kn.Sfflags
		if kn.flags&abi.EV_CLEAR != 0 {
			kn.fflags = 0
		}
		kn.kq.mu.Unlock()
		ev.Data = r.Data
		if r.EOF {
			ev.Flags |= abi.EV_EOF
		}
		return ev.Fflags != 0
	},
}
