package kqueue

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// filterOps is struct filterops as this room has it: one row for each filter.
// All but hint are called with Kqueue.ops held and Kqueue.mu not.
type filterOps struct {
	isFd bool // ident is a descriptor; attach is addFd's business
	// attach hangs kn on what ident names, and says whether the event is there.
	attach func(ctx *sys.Context, kn *knote) (bool, abi.Errno)
	// detach undoes attach. After it, nothing activates kn.
	detach func(kn *knote)
	// touch takes a change of an existing registration, and says whether the
	// event is there.
	touch func(ctx *sys.Context, kn *knote, kev abi.Kevent) (bool, abi.Errno)
	// hint, with Kqueue.mu held, notes what happened and says whether that
	// concerns kn. Nil: everything does.
	hint func(kn *knote, hint uint32) bool
	// process says whether the event is there, fills ev (fflags, data, flags)
	// and forgets what is reported.
	process func(kn *knote, ev *abi.Kevent) bool
}

// filters is the table, by ^filter. Filters without a row give EINVAL.
var filters = [...]*filterOps{
	^sys.EVFILT_READ:     &fileFilter,
	^sys.EVFILT_WRITE:    &fileFilter,
	^sys.EVFILT_AIO:      &noFilter,
	^sys.EVFILT_VNODE:    &vnodeFilter,
	^sys.EVFILT_PROC:     &procFilter,
	^sys.EVFILT_SIGNAL:   &signalFilter,
	^sys.EVFILT_TIMER:    &timerFilter,
	^sys.EVFILT_MACHPORT: &machportFilter,
	^sys.EVFILT_FS:       &noFilter,
	^sys.EVFILT_USER:     &userFilter,
	^sys.EVFILT_VM:       &noFilter,
	^int16(-13):          &noFilter, // EVFILT_SOCK
	^int16(-14):          &noFilter, // EVFILT_MEMORYSTATUS
	^sys.EVFILT_EXCEPT:   &fileFilter,
	^int16(-16):          nil,
}

func lookupFilter(filter int16) *filterOps {
	if i := int(^filter); i >= 0 && i < len(filters) {
		return filters[i]
	}
	return nil
}

// noFilter is what Darwin has and this kernel hasn't.
var noFilter = filterOps{
	attach: func(*sys.Context, *knote) (bool, abi.Errno) { return false, abi.ENOTSUP },
}
