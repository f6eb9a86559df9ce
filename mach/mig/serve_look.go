package mig

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/task"
)

// Who has a port for looking at a task or thread gets no other kind from it than one that
// allows as much or less.

// mayGet says whether task_get_special_port on p may give which.
func mayGet(p *ipc.Port, which int32) bool {
	_, kind := p.Kobject()
	switch which {
	case abi.TASK_NAME_PORT, abi.TASK_INSPECT_PORT:
		return true
	case abi.TASK_READ_PORT:
		return kind != abi.IKOT_TASK_INSPECT
	}
	return kind == abi.IKOT_TASK_CONTROL
}

// taskThreads gives ports of the kind of the task's.
func taskThreads(c *Call, t *task.Task) (l []*ipc.Port, kr kret) {
	if t == nil {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	_, kind := c.Port.Kobject()
	for _, th := range t.Threads() {
		switch kind {
		case abi.IKOT_TASK_READ:
			l = append(l, sendTo(th.ReadPort()))
		case abi.IKOT_TASK_INSPECT:
			l = append(l, sendTo(th.InspectPort()))
		default:
			l = append(l, convertThreadToPort(th))
		}
	}
	return l, abi.KERN_SUCCESS
}

func threadGetSpecialPort(c *Call, th *task.Thread, which int32) (*ipc.Port, kret) {
	if th == nil {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	_, kind := c.Port.Kobject()
	if kind == abi.IKOT_THREAD_INSPECT && which != abi.THREAD_INSPECT_PORT ||
		kind == abi.IKOT_THREAD_READ && which != abi.THREAD_INSPECT_PORT && which != abi.THREAD_READ_PORT {
		return nil, abi.KERN_INVALID_CAPABILITY
	}
	switch which {
	case abi.THREAD_KERNEL_PORT:
		return convertThreadToPort(th), abi.KERN_SUCCESS
	case abi.THREAD_INSPECT_PORT:
		return sendTo(th.InspectPort()), abi.KERN_SUCCESS
	case abi.THREAD_READ_PORT:
		return sendTo(th.ReadPort()), abi.KERN_SUCCESS
	}
	return nil, abi.KERN_INVALID_ARGUMENT
}
