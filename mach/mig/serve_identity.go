package mig

import (
	"puggle/abi"
	"puggle/mach/ipc"
	"puggle/mach/task"
)

// Flavours of a task's ports (mach_task_flavor_t).
const (
	taskFlavorControl = iota
	taskFlavorRead
	taskFlavorInspect
	taskFlavorName
)

// identity is a task_id_token: it names a task, and gives power over it only to those
// who may have it anyway.
type identity struct{ task *task.Task }

func (k *Kernel) taskCreateIdentityToken(_ *Call, t *task.Task) (*ipc.Port, kret) {
	if t == nil {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	p := k.objectPort(&identity{t}, abi.IKOT_TASK_ID_TOKEN, nil)
	if p == nil {
		return nil, abi.KERN_RESOURCE_SHORTAGE
	}
	return p, abi.KERN_SUCCESS
}

// taskIdentityTokenGetTaskPort: KERN_NOT_FOUND when the task has ended, KERN_DENIED
// when the caller may not have more than its name.
func (k *Kernel) taskIdentityTokenGetTaskPort(c *Call, token *ipc.Port, flavor int32) (*ipc.Port, kret) {
	id := kobject[*identity](token, abi.IKOT_TASK_ID_TOKEN)
	if id == nil || flavor < 0 || flavor > taskFlavorName {
		return nil, abi.KERN_INVALID_ARGUMENT
	}
	p := [...]func(*task.Task) *ipc.Port{taskFlavorControl: (*task.Task).SelfPort, taskFlavorRead: (*task.Task).ReadPort,
		taskFlavorInspect: (*task.Task).InspectPort, taskFlavorName: (*task.Task).NamePort}[flavor](id.task)
	if th := caller(c); flavor != taskFlavorName && th != nil && th.Task != id.task && (k.Hooks.MayControl == nil || !k.Hooks.MayControl(th, id.task)) {
		return nil, abi.KERN_DENIED
	}
	switch p {
	case ipc.Dead:
		return nil, abi.KERN_NOT_FOUND
	case nil:
		return nil, abi.KERN_RESOURCE_SHORTAGE
	}
	return p.MakeSend(), abi.KERN_SUCCESS
}
