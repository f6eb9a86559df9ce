package kqueue

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Change applies changes in order, as kevent's change list. Each change that
// fails, and each with EV_RECEIPT, puts an event with EV_ERROR and the errno
// (0 for a receipt) in data into events while there is room; n says how many.
// An error without room ends the call with that error.
//
// Errors of a change: EINVAL (filter, flags, nesting), ENOENT (no such
// registration), EBADF (ident is no descriptor), ESRCH, EACCES (process),
// ENOTSUP, ERANGE (timer), ENOMEM, EINPROGRESS (delete deferred).
func (kq *Kqueue) Change(ctx *sys.Context, tbl FdLookup, changes, events []abi.Kevent) (n int, err abi.Errno) {
	for i := range changes {
		kev := changes[i]
		kev.Flags &^= abi.EV_SYSFLAGS
		e := kq.register(ctx, tbl, kev)
		if e == 0 && kev.Flags&abi.EV_RECEIPT == 0 {
			continue
		}
		if n < len(events) {
			kev.Flags |= abi.EV_ERROR
			kev.Data = int64(e)
			events[n] = kev
			n++
		} else if e != 0 {
			return n, e
		}
	}
	return n, 0
}

// register is kevent_register for one change.
func (kq *Kqueue) register(ctx *sys.Context, tbl FdLookup, kev abi.Kevent) abi.Errno {
	filt := lookupFilter(kev.Filter)
	if filt == nil {
		return abi.EINVAL
	}
	if kev.Flags&abi.EV_VANISHED != 0 &&
		kev.Flags&(abi.EV_ADD|abi.EV_DISPATCH2) != abi.EV_ADD|abi.EV_DISPATCH2 {
		return abi.EINVAL
	}
	// Deleting and disabling overrule adding and enabling.
	if kev.Flags&abi.EV_DELETE != 0 {
		kev.Flags &^= abi.EV_ADD
	}
	if kev.Flags&abi.EV_DISABLE != 0 {
		kev.Flags &^= abi.EV_ENABLE
	}
	k := key{ident: kev.Ident, filter: kev.Filter}
	if filt.isFd {
		k.ident = uint64(int32(kev.Ident)) // a C int
	}
	if kev.Flags&abi.EV_UDATA_SPECIFIC != 0 {
		k.specific, k.udata = true, kev.Udata
	}

	// References to files go when ops is free again: the last one closes, and
	// that may sleep.
	var files [3]*sys.OpenFile
	var err abi.Errno
	kq.ops.Lock()
	kn := kq.knotes[k]
	if kn != nil && kn.file != nil && !kn.ending() {
		// A descriptor that is being closed may be another file already, before FdClose comes.
		f, e := tbl.Lookup(int32(k.ident))
		if files[2] = f; e == 0 && f != kn.file {
			kq.drop(kn)
			kn = nil
		}
	}
	switch {
	case kn == nil && kev.Flags&abi.EV_ADD == 0:
		err = abi.ENOENT
	case kn == nil:
		err = kq.add(ctx, tbl, filt, k, kev, files[:2])
	case kev.Flags&abi.EV_DELETE != 0:
		err = kq.remove(kn, kev)
	default:
		err = kq.touch(ctx, kn, kev)
	}
	kq.ops.Unlock()
	for _, f := range files {
		if f != nil {
			f.Unref(ctx)
		}
	}
	return err
}

// add makes a new registration. ops is held.
func (kq *Kqueue) add(ctx *sys.Context, tbl FdLookup, filt *filterOps, k key, kev abi.Kevent, files []*sys.OpenFile) abi.Errno {
	if len(kq.knotes) >= maxKnotes || allKnotes.Load() >= maxAllKnotes {
		return abi.ENOMEM
	}
	kn := &knote{kq: kq, key: k, filt: filt, kev: kev, flags: kev.Flags &^ abi.EV_VANISHED}
	kn.wantVanish = kev.Flags&abi.EV_VANISHED != 0
	kn.Knote = sys.Knote{Filter: kev.Filter, Ident: k.ident, Sfflags: kev.Fflags, Sdata: kev.Data,
		Flags: kev.Flags, Activate: kn.happened, Owner: kn}
	if kev.Flags&abi.EV_DISABLE != 0 {
		kn.status |= disabled
	}
	if filt.isFd {
		return kq.addFd(tbl, kn, files)
	}
	ready, err := filt.attach(ctx, kn)
	if err != 0 {
		// It may have been activated while it was attached.
		kq.mu.Lock()
		kn.deactivate()
		kn.status |= dropped
		kq.mu.Unlock()
		return err
	}
	kq.knotes[k] = kn
	allKnotes.Add(1)
	if ready {
		kn.poke()
	}
	return 0
}

// addFd makes a registration on a descriptor: list it, hang it on the object,
// and only then see whether the descriptor is still the same file and whether
// the event is there.
func (kq *Kqueue) addFd(tbl FdLookup, kn *knote, files []*sys.OpenFile) abi.Errno {
	fd := int32(kn.key.ident)
	file, err := tbl.Lookup(fd)
	if err != 0 {
		return err
	}
	files[0] = file
	if kn.obj = file.Ops.Filter(kn.key.filter); kn.obj == nil {
		return abi.EINVAL
	}
	if child, ok := file.Ops.(*Kqueue); ok {
		if err := kq.enclose(child); err != 0 {
			return err
		}
		kn.obj = nested{readable{child}, kq}
	}
	kn.file = file
	kn.fds = tbl.Knotes()
	kn.fds.add(kn)
	kq.knotes[kn.key] = kn
	allKnotes.Add(1)
	kn.obj.Attach(&kn.Knote)

	again, err := tbl.Lookup(fd)
	if files[1] = again; err == 0 && again != file {
		err = abi.EBADF
	}
	if err != 0 {
		kq.drop(kn)
		return err
	}
	if kn.obj.Ready(&kn.Knote).Ready {
		kn.poke()
	}
	return 0
}

// remove is EV_DELETE. A disabled EV_DISPATCH2 registration is only marked: its
// last event may be in some thread's hands, which will enable it.
func (kq *Kqueue) remove(kn *knote, kev abi.Kevent) abi.Errno {
	if kev.Flags&abi.EV_ENABLE == 0 && kn.flags&abi.EV_DISPATCH2 == abi.EV_DISPATCH2 {
		kq.mu.Lock()
		defers := kn.status&disabled != 0
		if defers {
			kn.status |= deferDelete
		}
		kq.mu.Unlock()
		if defers {
			return abi.EINPROGRESS
		}
	}
	kq.drop(kn)
	return 0
}

// ending says that all that is left of a registration is to be told so.
func (kn *knote) ending() bool {
	kn.kq.mu.Lock()
	defer kn.kq.mu.Unlock()
	return kn.status&(deferDelete|vanished) != 0
}

// touch updates a registration: new fflags and data as the filter understands
// them, new udata, enable or disable; and it looks at the level again. The EV_
// flags stay those of the registration.
func (kq *Kqueue) touch(ctx *sys.Context, kn *knote, kev abi.Kevent) abi.Errno {
	ready := false
	if kn.ending() {
		ready = kev.Flags&abi.EV_ENABLE != 0
	} else {
		var err abi.Errno
		if ready, err = kn.filt.touch(ctx, kn, kev); err != 0 {
			return err
		}
	}
	if kn.flags&abi.EV_UDATA_SPECIFIC == 0 {
		kn.kev.Udata = kev.Udata
	}
	kq.mu.Lock()
	queued := false
	switch {
	case kev.Flags&abi.EV_DISABLE != 0:
		kn.status |= disabled
		kn.deactivate()
	case kev.Flags&abi.EV_ENABLE != 0:
		kn.status &^= disabled
		if kn.status&active != 0 {
			queued = kn.activate()
		}
	}
	if ready {
		queued = kn.activate() || queued
	}
	kq.mu.Unlock()
	if queued {
		kq.announce()
	}
	return 0
}
