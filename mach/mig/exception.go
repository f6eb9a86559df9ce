package mig

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/task"
)

// Exception offers an exception to the thread's handler, then the task's, then
// the host's. It runs on the thread's own goroutine and waits for the
// handler's answer; meanwhile the handler may look at the thread and change it.
// True means that the thread goes on: a handler has said so, or the wait was
// interrupted, and the exception happens again when the thread does what it did.
// A handler that fails or dies leaves the exception to the next.
func (k *Kernel) Exception(th *task.Thread, exc int, code, sub uint64) bool {
	for _, ports := range []*task.ExceptionPorts{&th.Exceptions, &th.Task.Exceptions, &k.Host.Exceptions} {
		a, ok := ports.Action(exc)
		if !ok {
			continue
		}
		var kr kret
		th.Parked(func() { kr = raise(th, a, exc, code, sub) })
		ipc.ReleaseSend(a.Port)
		if kr == abi.KERN_SUCCESS || kr == abi.MACH_RCV_INTERRUPTED || kr == abi.MACH_SEND_INTERRUPTED {
			return true
		}
	}
	return false
}

// raise sends one of the six messages and acts on the reply.
func raise(th *task.Thread, a task.ExceptionAction, exc int, code, sub uint64) kret {
	cl := &Client{Thread: &th.Thread}
	wide := a.Behavior&abi.MACH_EXCEPTION_CODES != 0
	codes := []int64{int64(code), int64(sub)}
	short := []int32{int32(code), int32(sub)}
	thread := func() *ipc.Port { return convertThreadToPort(th) }
	self := func() *ipc.Port { return convertTaskToPort(th.Task) }

	behavior := a.Behavior &^ abi.MACH_EXCEPTION_CODES
	if behavior == abi.EXCEPTION_DEFAULT {
		if wide {
			return MachExceptionRaise(cl, a.Port, thread(), self(), int32(exc), codes)
		}
		return ExceptionRaise(cl, a.Port, thread(), self(), int32(exc), short)
	}

	old, kr := th.State(nil, a.Flavor, task.StateCount(a.Flavor))
	if kr != abi.KERN_SUCCESS {
		return kr
	}
	flavor, state := a.Flavor, []uint32(nil)
	switch {
	case behavior == abi.EXCEPTION_STATE && wide:
		flavor, state, kr = MachExceptionRaiseState(cl, a.Port, int32(exc), codes, flavor, old)
	case behavior == abi.EXCEPTION_STATE:
		flavor, state, kr = ExceptionRaiseState(cl, a.Port, int32(exc), short, flavor, old)
	case wide:
		flavor, state, kr = MachExceptionRaiseStateIdentity(cl, a.Port, thread(), self(), int32(exc), codes, flavor, old)
	default:
		flavor, state, kr = ExceptionRaiseStateIdentity(cl, a.Port, thread(), self(), int32(exc), short, flavor, old)
	}
	if kr != abi.KERN_SUCCESS || len(state) == 0 {
		return kr
	}
	return th.SetState(nil, flavor, state)
}
