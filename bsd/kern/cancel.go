package kern

import "puggle/abi"

// Cancellation of threads: libSystem decides and unwinds; the kernel only ends
// the waits of a marked thread with EINTR, in calls that are cancellation points
// and in no other. The mark is set before the AST bit, and looked at when a call
// begins, so a mark that comes between libSystem's last look and the wait
// still ends it.

const (
	cancelMarked   = 1 << iota // UT_CANCEL
	cancelActed                // UT_CANCELED: the mark has done its work
	cancelDisabled             // UT_CANCELDISABLE
)

// MarkCancel is __pthread_markcancel(332).
func (ut *Uthread) MarkCancel() {
	if ut.cancel.Or(cancelMarked)&(cancelMarked|cancelActed|cancelDisabled) == 0 {
		ut.Thread.SetAST(astBSD)
	}
}

// CancelPoint is told at the start of a call that is a cancellation point.
func (ut *Uthread) CancelPoint() {
	ut.cancelPoint = true
	if ut.cancel.Load() == cancelMarked {
		ut.Thread.PostAST(astBSD)
	}
}

// cancelDue says whether EINTR is the result of the call in progress because
// the thread is to be cancelled.
func (ut *Uthread) cancelDue() bool { return ut.cancelPoint && ut.cancel.Load() == cancelMarked }

// Canceled is __pthread_canceled(333): 1 lets marks act, 2 does not, 0 asks
// whether there is one and uses it up. EINVAL when there is none.
func (ut *Uthread) Canceled(action int32) abi.Errno {
	switch action {
	case 1:
		ut.cancel.And(^uint32(cancelDisabled))
		return 0
	case 2:
		ut.cancel.Or(cancelDisabled)
		return 0
	}
	if ut.cancel.CompareAndSwap(cancelMarked, cancelActed) {
		return 0
	}
	return abi.EINVAL
}
