package mig

import (
	"hash/maphash"

	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/task"
	"puggle/mach/vm"
)

const (
	x86DebugState64 = 11
	x86DebugState   = 12
)

// taskState64 is how many words the debug state of a 64-bit task has, and where it
// begins, by flavour: with x86_DEBUG_STATE a header says what follows. A task has no
// other state of its own.
func taskState(flavor int32) (words, at int) {
	switch flavor {
	case x86DebugState64:
		return 16, 0
	case x86DebugState:
		return 18, 2
	}
	return 0, 0
}

// taskGetState gives debug registers that are not in use. KERN_INVALID_ARGUMENT for
// other flavours, or another count than theirs.
func taskGetState(_ *Call, t *task.Task, flavor int32, room int) ([]uint32, kret) {
	n, at := taskState(flavor)
	if t == nil || n == 0 || room < n {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	w := make([]uint32, n)
	if at > 0 {
		w[0], w[1] = x86DebugState64, uint32(n-at)
	}
	return w, abi.KERN_SUCCESS
}

// taskSetState: KERN_NOT_SUPPORTED for breakpoints: threads have no debug registers.
func taskSetState(_ *Call, t *task.Task, flavor int32, w []uint32) kret {
	n, at := taskState(flavor)
	if t == nil || n == 0 || len(w) != n || at > 0 && (w[0] != x86DebugState64 || w[1] != uint32(n-at)) {
		return abi.KERN_INVALID_ARGUMENT
	}
	for _, x := range w[at:] {
		if x != 0 {
			return abi.KERN_NOT_SUPPORTED
		}
	}
	return abi.KERN_SUCCESS
}

// threadConvertState: states are the same for every thread of this processor.
// KERN_INVALID_ARGUMENT for no such direction, KERN_INSUFFICIENT_BUFFER_SIZE.
func threadConvertState(_ *Call, th *task.Thread, direction, _ int32, in []uint32, room int) ([]uint32, kret) {
	switch {
	case th == nil || direction < 1 || direction > 2: // TO_SELF, FROM_SELF
		return nil, abi.KERN_INVALID_ARGUMENT
	case len(in) > room:
		return nil, abi.KERN_INSUFFICIENT_BUFFER_SIZE
	}
	return in, abi.KERN_SUCCESS
}

func taskPurgableInfo(_ *Call, t *task.Task) (stats [68]int32, kr kret) {
	if t == nil {
		return stats, abi.KERN_INVALID_ARGUMENT
	}
	if m, ok := t.Map().(*vm.Map); ok && m != nil {
		for i, s := range m.PurgeableStats() {
			stats[4*i], stats[4*i+1] = int32(s.Count), int32(s.Count>>32)
			stats[4*i+2], stats[4*i+3] = int32(s.Resident), int32(s.Resident>>32)
		}
	}
	return stats, abi.KERN_SUCCESS
}

func dyldImages(_ *Call, t *task.Task, images Memory) kret {
	switch {
	case t == nil:
		return abi.KERN_INVALID_TASK
	case images.Copy() == nil:
		return abi.KERN_INVALID_ADDRESS
	}
	return abi.KERN_SUCCESS
}

// Objects are shown to guests as numbers that are equal for equal objects, and tell
// nothing of where they are.
var objectSeed = maphash.MakeSeed()

func objectNumber[T comparable](o T) uint32 {
	return uint32(maphash.Comparable(objectSeed, o)) | 1
}

// groupsInfo spreads groups as groups does, with numbers instead of rights: the port's
// and its receiver's, 0 for none.
func groupsInfo(l []task.ExceptionGroup, kr kret) (m []abi.ExceptionMask, info [][2]uint32, b []abi.ExceptionBehavior, f []int32, _ kret) {
	for _, g := range l {
		var i [2]uint32
		if ipc.IsValid(g.Port) {
			i[0] = objectNumber(g.Port)
			if s := g.Port.Receiver(); s != nil {
				i[1] = objectNumber(s)
			}
		}
		ipc.ReleaseSend(g.Port)
		m, info = append(m, g.Mask), append(info, i)
		b, f = append(b, g.Behavior), append(f, g.Flavor)
	}
	return m, info, b, f, kr
}

func taskExceptionInfo(_ *Call, p *ipc.Port, mask abi.ExceptionMask) (m []abi.ExceptionMask, info [][2]uint32, b []abi.ExceptionBehavior, f []int32, kr kret) {
	t := convertPortToTask(p)
	if t == nil {
		return m, info, b, f, abi.KERN_INVALID_ARGUMENT
	}
	return groupsInfo(t.Exceptions.Get(mask))
}

func threadExceptionInfo(_ *Call, p *ipc.Port, mask abi.ExceptionMask) (m []abi.ExceptionMask, info [][2]uint32, b []abi.ExceptionBehavior, f []int32, kr kret) {
	th := convertPortToThread(p)
	if th == nil {
		return m, info, b, f, abi.KERN_INVALID_ARGUMENT
	}
	l, kr := th.Exceptions.Get(mask)
	if kr == abi.KERN_SUCCESS && !th.Exceptions.Touched() {
		l = nil
	}
	return groupsInfo(l, kr)
}

// machPortAllocateFull: qos is flags (name, prealloc) and a length, which nobody needs
// here. KERN_INVALID_VALUE for a prototype port, a name that is none, or a
// preallocation without a receive right; KERN_RESOURCE_SHORTAGE for too long a message.
func machPortAllocateFull(_ *Call, s *ipc.Space, r abi.PortRight, proto Right, qos [2]int32, n abi.PortName) ([2]int32, abi.PortName, kret) {
	const named, prealloc = 1, 2
	switch {
	case s == nil:
		return qos, 0, noTask
	case proto.Port() != nil, qos[0]&named != 0 && !n.Valid():
		return qos, 0, abi.KERN_INVALID_VALUE
	}
	if qos[0]&prealloc != 0 {
		if uint32(qos[1]) > ipc.MaxBody {
			return qos, 0, abi.KERN_RESOURCE_SHORTAGE
		}
		if r != abi.MACH_PORT_RIGHT_RECEIVE {
			return qos, 0, abi.KERN_INVALID_VALUE
		}
		qos[0] &^= prealloc
	}
	if qos[0]&named != 0 {
		return qos, n, s.AllocateName(r, n)
	}
	n, kr := s.Allocate(r)
	return qos, n, kr
}
