package kqueue

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Processes is what the room of processes supplies for PROC and SIGNAL.
//
// A process has one sys.Klist. Its room calls Notify on it with one of
// NOTE_EXIT|status (wait status), NOTE_FORK|child, NOTE_EXEC, NOTE_REAP,
// NOTE_SIGNAL|signo: data in the bits of NOTE_PDATAMASK. A signal counts when
// it is posted, ignored or not.
type Processes interface {
	// Klist gives the list of a live process: ESRCH when there is none, or it
	// has exited. status says that its exit status is wanted: EACCES unless the
	// caller is its parent or may send it SIGKILL. An exiting process must be
	// out of reach here before NOTE_EXIT is announced.
	Klist(ctx *sys.Context, pid int32, status bool) (*sys.Klist, abi.Errno)
}

// Procs is filled in before the first registration; until then PROC and SIGNAL
// give ENOTSUP.
var Procs Processes

var procFilter = filterOps{
	attach: func(ctx *sys.Context, kn *knote) (bool, abi.Errno) {
		if kn.Sfflags&(abi.NOTE_TRACK|abi.NOTE_TRACKERR|abi.NOTE_CHILD) != 0 {
			return false, abi.ENOTSUP
		}
		const exitStatus = abi.NOTE_EXIT | abi.NOTE_EXITSTATUS
		kn.flags |= abi.EV_CLEAR
		return false, procAttach(ctx, kn, int32(kn.Ident), kn.Sfflags&exitStatus == exitStatus)
	},
	detach: procDetach,
	touch: func(_ *sys.Context, kn *knote, kev abi.Kevent) (bool, abi.Errno) {
		kn.kq.mu.Lock()
		defer kn.kq.mu.Unlock()
		kn.Sfflags = kev.Fflags
		return kn.fflags != 0, 0
	},
	hint: func(kn *knote, hint uint32) bool {
		event := hint & abi.NOTE_PCTRLMASK
		kn.fflags |= event & kn.Sfflags
		if event == abi.NOTE_EXIT {
			kn.data = 0
			if kn.Sfflags&abi.NOTE_EXITSTATUS != 0 {
				kn.fflags |= abi.NOTE_EXITSTATUS
				kn.data = int64(hint & abi.NOTE_PDATAMASK)
			}
			if kn.Sfflags&abi.NOTE_EXIT_DETAIL != 0 {
				kn.fflags |= abi.NOTE_EXIT_DETAIL // none of the special reasons exists here
			}
		}
		// The last event of this process ends the registration.
		if event == abi.NOTE_REAP || event == abi.NOTE_EXIT && kn.Sfflags&abi.NOTE_REAP == 0 {
			kn.triggered = true
		}
		return kn.fflags != 0
	},
	process: func(kn *knote, ev *abi.Kevent) bool {
		kn.kq.mu.Lock()
		defer kn.kq.mu.Unlock()
		if kn.fflags == 0 {
			return false
		}
		ev.Fflags, ev.Data = kn.fflags, kn.data
		kn.fflags, kn.data = 0, 0
		if kn.triggered {
			ev.Flags |= abi.EV_EOF | abi.EV_ONESHOT
		}
		return true
	},
}

// procAttach hangs kn on the process's list, and looks again afterwards: a
// process that exited in between has announced it already.
func procAttach(ctx *sys.Context, kn *knote, pid int32, status bool) abi.Errno {
	if Procs == nil {
		return abi.ENOTSUP
	}
	list, err := Procs.Klist(ctx, pid, status)
	if err != 0 {
		return err
	}
	kn.klist = list
	list.Add(&kn.Knote)
	if again, err := Procs.Klist(ctx, pid, status); err != 0 || again != list {
		list.Remove(&kn.Knote)
		return abi.ESRCH
	}
	return 0
}

func procDetach(kn *knote) { kn.klist.Remove(&kn.Knote) }

// signalFilter counts the deliveries of one signal to the caller's process.
var signalFilter = filterOps{
	attach: func(ctx *sys.Context, kn *knote) (bool, abi.Errno) {
		if kn.Ident < 1 || kn.Ident >= abi.NSIG {
			return false, abi.EINVAL
		}
		kn.flags |= abi.EV_CLEAR
		return false, procAttach(ctx, kn, ctx.PID, false)
	},
	detach: procDetach,
	touch: func(_ *sys.Context, kn *knote, _ abi.Kevent) (bool, abi.Errno) {
		kn.kq.mu.Lock()
		defer kn.kq.mu.Unlock()
		return kn.data > 0, 0
	},
	hint: func(kn *knote, hint uint32) bool {
		if hint&abi.NOTE_SIGNAL == 0 || uint64(hint&abi.NOTE_PDATAMASK) != kn.Ident {
			return false
		}
		kn.data++
		return true
	},
	process: func(kn *knote, ev *abi.Kevent) bool {
		kn.kq.mu.Lock()
		defer kn.kq.mu.Unlock()
		ev.Data, kn.data = kn.data, 0
		return ev.Data > 0
	},
}
