package mig

import (
	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/sync"
	"puggle/mach/task"
	"puggle/mach/vm"
)

// Translations between ports and objects, named in mach_types.defs. From a port
// they give nil for anything that is not such an object; from an object a naked
// send right.

// kobject is the object behind p if its type is one of those wanted.
func kobject[T any](p *ipc.Port, kotypes ...uint32) (t T) {
	o, kt := p.Kobject()
	for _, want := range kotypes {
		if kt == want {
			t, _ = o.(T)
			return t
		}
	}
	return t
}

// The kinds of a task's ports, each with those that allow more. Reading looks at memory
// and registers, and suspends; inspecting tells what task_info and its like tell.
var (
	taskControl = []uint32{abi.IKOT_TASK_CONTROL}
	taskRead    = []uint32{abi.IKOT_TASK_CONTROL, abi.IKOT_TASK_READ}
	taskInspect = []uint32{abi.IKOT_TASK_CONTROL, abi.IKOT_TASK_READ, abi.IKOT_TASK_INSPECT}
)

func convertPortToTask(p *ipc.Port) *task.Task        { return kobject[*task.Task](p, taskControl...) }
func convertPortToTaskRead(p *ipc.Port) *task.Task    { return kobject[*task.Task](p, taskRead...) }
func convertPortToTaskInspect(p *ipc.Port) *task.Task { return kobject[*task.Task](p, taskInspect...) }

func convertPortToTaskName(p *ipc.Port) *task.Task {
	return kobject[*task.Task](p, abi.IKOT_TASK_CONTROL, abi.IKOT_TASK_READ, abi.IKOT_TASK_INSPECT, abi.IKOT_TASK_NAME)
}

func convertPortToThread(p *ipc.Port) *task.Thread {
	return kobject[*task.Thread](p, abi.IKOT_THREAD_CONTROL)
}

func convertPortToThreadRead(p *ipc.Port) *task.Thread {
	return kobject[*task.Thread](p, abi.IKOT_THREAD_CONTROL, abi.IKOT_THREAD_READ)
}

func convertPortToThreadInspect(p *ipc.Port) *task.Thread {
	return kobject[*task.Thread](p, abi.IKOT_THREAD_CONTROL, abi.IKOT_THREAD_READ, abi.IKOT_THREAD_INSPECT)
}

func mapOf(t *task.Task) *vm.Map {
	if t == nil {
		return nil
	}
	m, _ := t.Map().(*vm.Map)
	return m
}

func convertPortToMap(p *ipc.Port) *vm.Map        { return mapOf(convertPortToTask(p)) }
func convertPortToMapRead(p *ipc.Port) *vm.Map    { return mapOf(convertPortToTaskRead(p)) }
func convertPortToMapInspect(p *ipc.Port) *vm.Map { return mapOf(convertPortToTaskInspect(p)) }

func spaceOf(t *task.Task) *ipc.Space {
	if t == nil {
		return nil
	}
	s, _ := t.IPC.(*ipc.Space)
	return s
}

func convertPortToSpace(p *ipc.Port) *ipc.Space        { return spaceOf(convertPortToTask(p)) }
func convertPortToSpaceRead(p *ipc.Port) *ipc.Space    { return spaceOf(convertPortToTaskRead(p)) }
func convertPortToSpaceInspect(p *ipc.Port) *ipc.Space { return spaceOf(convertPortToTaskInspect(p)) }

func convertPortToHost(p *ipc.Port) *host.Host {
	return kobject[*host.Host](p, abi.IKOT_HOST, abi.IKOT_HOST_PRIV)
}

func convertPortToHostPriv(p *ipc.Port) *host.Host {
	return kobject[*host.Host](p, abi.IKOT_HOST_PRIV)
}

func convertPortToProcessor(p *ipc.Port) *host.Processor {
	return kobject[*host.Processor](p, abi.IKOT_PROCESSOR)
}

func convertPortToPset(p *ipc.Port) *host.ProcessorSet {
	return kobject[*host.ProcessorSet](p, abi.IKOT_PSET)
}

func convertPortToPsetName(p *ipc.Port) *host.ProcessorSet {
	return kobject[*host.ProcessorSet](p, abi.IKOT_PSET, abi.IKOT_PSET_NAME)
}

func convertPortToClock(p *ipc.Port) *host.Clock {
	return kobject[*host.Clock](p, abi.IKOT_CLOCK, abi.IKOT_CLOCK_CTRL)
}

func convertPortToClockCtrl(p *ipc.Port) *host.Clock {
	return kobject[*host.Clock](p, abi.IKOT_CLOCK_CTRL)
}

func convertPortToSemaphore(p *ipc.Port) *sync.Semaphore {
	return kobject[*sync.Semaphore](p, abi.IKOT_SEMAPHORE)
}

func convertPortToLockSet(p *ipc.Port) *sync.LockSet {
	return kobject[*sync.LockSet](p, abi.IKOT_LOCK_SET)
}

func sendTo(p *ipc.Port) *ipc.Port {
	if !ipc.IsValid(p) {
		return p
	}
	return p.MakeSend()
}

func convertTaskToPort(t *task.Task) *ipc.Port {
	if t == nil {
		return nil
	}
	return sendTo(t.SelfPort())
}

func convertThreadToPort(th *task.Thread) *ipc.Port {
	if th == nil {
		return nil
	}
	return sendTo(th.SelfPort())
}

func convertTaskNameToPort(t *task.Task) *ipc.Port         { return sendTo(t.NamePort()) }
func convertHostToPort(h *host.Host) *ipc.Port             { return sendTo(h.SelfPort()) }
func convertProcessorToPort(p *host.Processor) *ipc.Port   { return sendTo(p.Port()) }
func convertPsetToPort(s *host.ProcessorSet) *ipc.Port     { return sendTo(s.Port()) }
func convertPsetNameToPort(s *host.ProcessorSet) *ipc.Port { return sendTo(s.NamePort()) }
func convertClockToPort(c *host.Clock) *ipc.Port           { return sendTo(c.Port()) }
func convertClockCtrlToPort(c *host.Clock) *ipc.Port       { return sendTo(c.CtrlPort()) }
