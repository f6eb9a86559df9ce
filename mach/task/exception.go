package task

import (
	"sync"

	"puggle/abi"
	"puggle/mach/ipc"
)

// ExceptionAction says who hears of one kind of exception, and how.
type ExceptionAction struct {
	Port     *ipc.Port // a naked send right; nil for nobody
	Behavior abi.ExceptionBehavior
	Flavor   int32
}

// ExceptionPorts are the actions of a thread, a task, or the host. The zero
// value has none. Methods may be called concurrently.
type ExceptionPorts struct {
	mu      sync.Mutex
	actions [abi.EXC_TYPES_COUNT]ExceptionAction
	dead    bool
	touched bool // Set or Swap was called
}

// ExceptionGroup is what the calls about exception ports return: kinds that
// have the same action.
type ExceptionGroup struct {
	Mask abi.ExceptionMask
	ExceptionAction
}

// checkAction: KERN_INVALID_ARGUMENT for a mask, a behaviour or a flavour that
// there is not.
func checkAction(mask abi.ExceptionMask, a ExceptionAction) KernReturn {
	if mask&^abi.EXC_MASK_VALID != 0 {
		return abi.KERN_INVALID_ARGUMENT
	}
	if !ipc.IsValid(a.Port) {
		return abi.KERN_SUCCESS
	}
	switch a.Behavior &^ abi.MACH_EXCEPTION_CODES {
	case abi.EXCEPTION_DEFAULT, abi.EXCEPTION_STATE, abi.EXCEPTION_STATE_IDENTITY:
	default:
		return abi.KERN_INVALID_ARGUMENT
	}
	// THREAD_STATE_NONE is good for all; a state that can't be had is found when
	// there is an exception, which then goes to the next handler.
	if a.Flavor != 0 && a.Flavor != abi.THREAD_STATE_NONE && StateCount(a.Flavor) == 0 {
		return abi.KERN_INVALID_ARGUMENT
	}
	return abi.KERN_SUCCESS
}

// Set gives the exceptions in mask the action a, of which it makes its own
// rights: a.Port stays the caller's. KERN_INVALID_ARGUMENT as checkAction.
func (e *ExceptionPorts) Set(mask abi.ExceptionMask, a ExceptionAction) KernReturn {
	_, kr := e.swap(mask, a, false)
	return kr
}

// Swap is Set that returns what was there; its rights are the caller's.
func (e *ExceptionPorts) Swap(mask abi.ExceptionMask, a ExceptionAction) ([]ExceptionGroup, KernReturn) {
	return e.swap(mask, a, true)
}

func (e *ExceptionPorts) swap(mask abi.ExceptionMask, a ExceptionAction, want bool) ([]ExceptionGroup, KernReturn) {
	if kr := checkAction(mask, a); kr != abi.KERN_SUCCESS {
		return nil, kr
	}
	if !ipc.IsValid(a.Port) {
		a = ExceptionAction{Behavior: a.Behavior, Flavor: a.Flavor}
	}
	var old []ExceptionGroup
	var release []*ipc.Port
	e.mu.Lock()
	if want {
		old = e.groups(mask)
	}
	e.touched = true
	if !e.dead {
		for i := range e.actions {
			if mask&(1<<i) == 0 {
				continue
			}
			release = append(release, e.actions[i].Port)
			e.actions[i] = a
			e.actions[i].Port = ipc.CopySend(a.Port)
		}
	}
	e.mu.Unlock()
	for _, p := range release {
		ipc.ReleaseSend(p)
	}
	return old, abi.KERN_SUCCESS
}

// Get tells the actions for the exceptions in mask; the rights are the caller's.
func (e *ExceptionPorts) Get(mask abi.ExceptionMask) ([]ExceptionGroup, KernReturn) {
	if mask&^abi.EXC_MASK_VALID != 0 {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.groups(mask), abi.KERN_SUCCESS
}

// Touched says whether anybody has ever set an action: a thread that nobody has told of
// exceptions lists none, where a task lists its null ports.
func (e *ExceptionPorts) Touched() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.touched
}

// groups joins equal actions; each group gets a right. e.mu is held.
func (e *ExceptionPorts) groups(mask abi.ExceptionMask) []ExceptionGroup {
	var l []ExceptionGroup
next:
	for i, a := range e.actions {
		if mask&(1<<i) == 0 {
			continue
		}
		for j := range l {
			if l[j].ExceptionAction == a {
				l[j].Mask |= 1 << i
				continue next
			}
		}
		l = append(l, ExceptionGroup{1 << i, a})
	}
	for j := range l {
		l[j].Port = ipc.CopySend(l[j].Port)
	}
	return l
}

// Action gives the action for one exception, with a right that is the
// caller's; ok is false if nobody has asked.
func (e *ExceptionPorts) Action(exc int) (a ExceptionAction, ok bool) {
	if exc < 1 || exc >= abi.EXC_TYPES_COUNT {
		return a, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	a = e.actions[exc]
	if !ipc.IsValid(a.Port) || !a.Port.Active() {
		return a, false
	}
	a.Port = ipc.CopySend(a.Port)
	return a, true
}

// Inherit copies the actions of from, in a fork or a task_create.
func (e *ExceptionPorts) Inherit(from *ExceptionPorts) {
	from.mu.Lock()
	l := from.actions
	for i := range l {
		l[i].Port = ipc.CopySend(l[i].Port)
	}
	from.mu.Unlock()
	e.mu.Lock()
	old := e.actions
	e.actions = l
	e.mu.Unlock()
	for i := range old {
		ipc.ReleaseSend(old[i].Port)
	}
}

// clear releases everything, for ever.
func (e *ExceptionPorts) clear() {
	e.mu.Lock()
	l := e.actions
	e.actions = [abi.EXC_TYPES_COUNT]ExceptionAction{}
	e.dead = true
	e.mu.Unlock()
	for i := range l {
		ipc.ReleaseSend(l[i].Port)
	}
}
