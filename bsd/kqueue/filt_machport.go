package kqueue

import (
	"puggle/abi"
	"puggle/bsd/sys"
)

// Machports is what the Mach half supplies for MACHPORT: the filter of the port
// set (or port) that the caller has under name. Ready gives the name of a
// member with a message in Data. ENOENT when there is no such right.
var Machports func(ctx *sys.Context, name uint32) (sys.Filter, abi.Errno)

// machRcvMsg is MACH_RCV_MSG: receive with the event. Not offered.
const machRcvMsg = 0x2

// machportFilter is MACHPORT: it says that a message waits, and where.
var machportFilter = filterOps{
	attach: func(ctx *sys.Context, kn *knote) (bool, abi.Errno) {
		if Machports == nil || kn.Sfflags&machRcvMsg != 0 {
			return false, abi.ENOTSUP
		}
		obj, err := Machports(ctx, uint32(kn.Ident))
		if err != 0 {
			return false, err
		}
		kn.obj = obj
		obj.Attach(&kn.Knote)
		return obj.Ready(&kn.Knote).Ready, 0
	},
	detach: fileDetach,
	touch: func(ctx *sys.Context, kn *knote, kev abi.Kevent) (bool, abi.Errno) {
		if kev.Fflags&machRcvMsg != 0 {
			return false, abi.ENOTSUP
		}
		return fileTouch(ctx, kn, kev)
	},
	process: fileProcess,
}
