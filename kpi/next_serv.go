package kpi

import (
	"puggle/abi"
	"puggle/kernserv"
)

func init() {
	const h = "kernserv/kern_server_types.h"
	register(h, "1990", "next", []Row{
		{Name: "kern_serv_bootstrap_port", Proto: "port_t kern_serv_bootstrap_port(kern_server_t *ksp)", Handler: servPort((*kernserv.Loader).BootstrapPort)},
		{Name: "kern_serv_callout", Proto: "kern_return_t kern_serv_callout(kern_server_t *ksp, void (*func)(void *), void *arg)", Handler: servCallout},
		{Name: "kern_serv_local_port", Proto: "port_t kern_serv_local_port(kern_server_t *ksp)", Handler: servPort((*kernserv.Loader).LocalPort)},
		{Name: "kern_serv_log", Proto: "void kern_serv_log(kern_server_t *ksp, int log_level, char *format, ...)", Handler: servLog, Note: "five arguments"},
		{Name: "kern_serv_notify", Proto: "kern_return_t kern_serv_notify(kern_server_t *ksp, port_t reply_port, port_t request_port)", Handler: servNotify},
		{Name: "kern_serv_notify_port", Proto: "port_t kern_serv_notify_port(kern_server_t *ksp)", Handler: servPort((*kernserv.Loader).NotifyPort)},
		{Name: "kern_serv_panic", Proto: "kern_return_t kern_serv_panic(port_t bootstrap_port, panic_msg_t message)", Handler: servPanic},
		{Name: "kern_serv_port_gone", Proto: "void kern_serv_port_gone(kern_server_t *ksp, port_name_t port)", Handler: servPortGone},
		{Name: "kern_serv_port_proc", Proto: "kern_return_t kern_serv_port_proc(kern_server_t *ksp, port_all_t port, port_map_proc_t function, int arg)", Handler: servMap((*kernserv.Loader).PortProc)},
		{Name: "kern_serv_port_serv", Proto: "kern_return_t kern_serv_port_serv(kern_server_t *ksp, port_all_t port, port_map_proc_t function, int arg)", Handler: servMap((*kernserv.Loader).PortServ)},
		{Name: "kern_serv_port_set", Proto: "port_set_name_t kern_serv_port_set(kern_server_t *ksp)", Handler: servPort((*kernserv.Loader).PortSet)},
		{Name: "kern_serv_unwire_range", Proto: "kern_return_t kern_serv_unwire_range(kern_server_t *ksp, vm_address_t address, vm_size_t size)", Handler: servWire((*kernserv.Loader).UnwireRange)},
		{Name: "kern_serv_wire_range", Proto: "kern_return_t kern_serv_wire_range(kern_server_t *ksp, vm_address_t address, vm_size_t size)", Handler: servWire((*kernserv.Loader).WireRange)},
	})
	register("mach/mach.h", "1990", "next", []Row{
		{Name: "task_self", Proto: "task_t task_self(void)", Handler: func(*Call) uint64 { return selfTask }},
		{Name: "kern_serv_kernel_task_port", Header: h, Proto: "port_t kern_serv_kernel_task_port(void)", Handler: func(*Call) uint64 { return kernelTask }, Note: "for vm_write only"},
		{Name: "port_allocate", Proto: "kern_return_t port_allocate(task_t task, port_name_t *port)", Handler: ofTask(portAllocate)},
		{Name: "port_deallocate", Proto: "kern_return_t port_deallocate(task_t task, port_name_t port)", Handler: ofTask(func(c *Call, t kernserv.Task) abi.KernReturn { return t.Space.PortDeallocate(c.port(1)) })},
		{Name: "port_set_allocate", Proto: "kern_return_t port_set_allocate(task_t task, port_set_name_t *set)", Handler: ofTask(portSetAllocate)},
		{Name: "port_set_deallocate", Proto: "kern_return_t port_set_deallocate(task_t task, port_set_name_t set)", Handler: ofTask(func(c *Call, t kernserv.Task) abi.KernReturn { return t.Space.PortSetDeallocate(c.port(1)) })},
		{Name: "port_set_add", Proto: "kern_return_t port_set_add(task_t task, port_set_name_t set, port_name_t port)", Handler: ofTask(func(c *Call, t kernserv.Task) abi.KernReturn { return t.Space.PortSetAdd(c.port(1), c.port(2)) })},
		{Name: "port_set_remove", Proto: "kern_return_t port_set_remove(task_t task, port_name_t port)", Handler: ofTask(func(c *Call, t kernserv.Task) abi.KernReturn { return t.Space.PortSetRemove(c.port(1)) })},
		{Name: "port_set_backlog", Proto: "kern_return_t port_set_backlog(task_t task, port_name_t port, int backlog)", Handler: ofTask(func(c *Call, t kernserv.Task) abi.KernReturn { return t.Space.PortSetBacklog(c.port(1), c.I32(2)) })},
		{Name: "msg_send", Proto: "msg_return_t msg_send(msg_header_t *header, msg_option_t option, msg_timeout_t timeout)", Handler: msgSend},
		{Name: "msg_receive", Proto: "msg_return_t msg_receive(msg_header_t *header, msg_option_t option, msg_timeout_t timeout)", Handler: msgReceive},
		{Name: "msg_rpc", Proto: "msg_return_t msg_rpc(msg_header_t *header, msg_option_t option, msg_size_t rcv_size, msg_timeout_t send_timeout, msg_timeout_t rcv_timeout)", Handler: msgRPC},
		{Name: "vm_write", Proto: "kern_return_t vm_write(vm_task_t target_task, vm_address_t address, pointer_t data, unsigned data_count)", Handler: vmWrite, Note: "from the server's task to the kernel's map, or back"},
	})
}

// The task_t values of the calls above. They are not ports: a server's task is
// known by the code that calls.
const (
	selfTask   = 1
	kernelTask = 2
)

// kr is a kern_return_t as a result.
func kr(r abi.KernReturn) uint64 { return uint64(uint32(r)) }

func (c *Call) port(i int) abi.PortName { return abi.PortName(c.U32(i)) }

func servPort(f func(*kernserv.Loader, Addr) abi.PortName) func(*Call) uint64 {
	return func(c *Call) uint64 {
		if l := c.loader(); l != nil {
			return uint64(f(l, c.Addr(0)))
		}
		return 0
	}
}

func servMap(f func(*kernserv.Loader, Addr, abi.PortName, Addr, uint64) abi.KernReturn) func(*Call) uint64 {
	return func(c *Call) uint64 {
		if l := c.loader(); l != nil {
			return kr(f(l, c.Addr(0), c.port(1), c.Addr(2), c.Arg(3)))
		}
		return 0
	}
}

func servWire(f func(*kernserv.Loader, Addr, Addr, uint64) abi.KernReturn) func(*Call) uint64 {
	return func(c *Call) uint64 {
		if l := c.loader(); l != nil {
			return kr(f(l, c.Addr(0), c.Addr(1), c.Arg(2)))
		}
		return 0
	}
}

func servCallout(c *Call) uint64 {
	if l := c.loader(); l != nil {
		return kr(l.Callout(c.Addr(0), c.Addr(1), c.Arg(2)))
	}
	return 0
}

func servLog(c *Call) uint64 {
	if l := c.loader(); l != nil {
		l.Log(c.Addr(0), c.I32(1), c.Addr(2), []uint64{c.Arg(3), c.Arg(4), c.Arg(5), c.Arg(6), c.Arg(7)})
	}
	return 0
}

func servNotify(c *Call) uint64 {
	if l := c.loader(); l != nil {
		return kr(l.Notify(c.Addr(0), c.port(1), c.port(2)))
	}
	return 0
}

func servPanic(c *Call) uint64 {
	if l := c.loader(); l != nil {
		return kr(l.Panic(c.pc(), c.port(0), c.Addr(1)))
	}
	return 0
}

func servPortGone(c *Call) uint64 {
	if l := c.loader(); l != nil {
		l.PortGone(c.Addr(0), c.port(1))
	}
	return 0
}

// ofTask is a call on the server's own task.
func ofTask(f func(c *Call, t kernserv.Task) abi.KernReturn) func(*Call) uint64 {
	return func(c *Call) uint64 {
		l := c.loader()
		if l == nil {
			return 0
		}
		t, ok := l.TaskAt(c.pc())
		if !ok || c.U32(0) != selfTask {
			return kr(abi.KERN_INVALID_ARGUMENT)
		}
		return kr(f(c, t))
	}
}

func portAllocate(c *Call, t kernserv.Task) abi.KernReturn {
	n, r := t.Space.PortAllocate()
	return c.giveName(n, r)
}

func portSetAllocate(c *Call, t kernserv.Task) abi.KernReturn {
	n, r := t.Space.PortSetAllocate()
	return c.giveName(n, r)
}

func (c *Call) giveName(n abi.PortName, r abi.KernReturn) abi.KernReturn {
	if r == abi.KERN_SUCCESS {
		c.Put32(c.Addr(1), uint32(n))
	}
	return r
}

// messages is a message call, which may sleep.
func (c *Call) messages(f func(t kernserv.Task) abi.KernReturn) uint64 {
	l := c.loader()
	if l == nil || !c.maySleep() {
		return 0
	}
	t, ok := l.TaskAt(c.pc())
	if !ok {
		return kr(abi.KERN_INVALID_ARGUMENT)
	}
	return kr(f(t))
}

func msgSend(c *Call) uint64 {
	return c.messages(func(t kernserv.Task) abi.KernReturn { return t.Send(c.Thread(), c.Addr(0), c.U32(1), c.U32(2)) })
}

func msgReceive(c *Call) uint64 {
	return c.messages(func(t kernserv.Task) abi.KernReturn {
		return t.Receive(c.Thread(), c.Addr(0), c.U32(1), c.U32(2))
	})
}

func msgRPC(c *Call) uint64 {
	return c.messages(func(t kernserv.Task) abi.KernReturn {
		return t.RPC(c.Thread(), c.Addr(0), c.U32(1), c.U32(2), c.U32(3), c.U32(4))
	})
}

// vmWrite copies out-of-line data, which is in the server's own map, to the
// kernel's, or the other way.
func vmWrite(c *Call) uint64 {
	l := c.loader()
	if l == nil || !c.maySleep() {
		return 0
	}
	t, ok := l.TaskAt(c.pc())
	switch {
	case ok && c.U32(0) == kernelTask:
		return kr(t.CopyToKernel(c.Addr(1), c.Addr(2), uint64(c.U32(3))))
	case ok && c.U32(0) == selfTask:
		return kr(t.CopyFromKernel(c.Addr(1), c.Addr(2), uint64(c.U32(3))))
	}
	return kr(abi.KERN_INVALID_ARGUMENT)
}
