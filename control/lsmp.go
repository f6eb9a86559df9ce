package control

import (
	"fmt"
	"sort"
	"strings"

	"puggle/abi"
	"puggle/bsd/kern"
	"puggle/mach/ipc"
	"puggle/mach/task"
)

// LsmpArgs are the arguments of "lsmp": a process, or 0 for all of them.
type LsmpArgs struct {
	PID int32 `json:"pid,omitempty"`
}

// TaskPorts are the names in one task's port space.
type TaskPorts struct {
	PID   int32      `json:"pid"`
	Comm  string     `json:"comm"`
	Names []PortName `json:"names"`
}

// PortName is one name.
type PortName struct {
	Name     uint32 `json:"name"`
	Port     string `json:"port,omitempty"` // the same for the same port, anywhere
	Rights   string `json:"rights"`         // recv, send, send-once, port-set, dead-name
	Urefs    uint32 `json:"urefs"`
	Requests string `json:"requests,omitempty"` // D dead-name, S send-possible, N no-senders, P port-destroyed
	// Of the port:
	Flags    string `json:"flags,omitempty"` // G guarded, I immovable
	Queued   uint32 `json:"queued"`
	Limit    uint32 `json:"limit"`
	Senders  uint32 `json:"senders"`
	Once     uint32 `json:"send_once"`
	Seqno    uint32 `json:"seqno"`
	Members  int    `json:"members,omitempty"`
	Kind     string `json:"kind,omitempty"` // of the kernel object behind it
	Object   string `json:"object,omitempty"`
	Receiver string `json:"receiver,omitempty"` // who has the receive right
}

// kinds are the names of the kernel objects, IKOT_*.
var kinds = map[uint32]string{
	abi.IKOT_NONE: "", abi.IKOT_THREAD_CONTROL: "THREAD-CONTROL", abi.IKOT_TASK_CONTROL: "TASK-CONTROL",
	abi.IKOT_HOST: "HOST", abi.IKOT_HOST_PRIV: "HOST-PRIV", abi.IKOT_TASK_NAME: "TASK-NAME",
	abi.IKOT_SEMAPHORE:        "SEMAPHORE",
	abi.IKOT_PROCESSOR:        "PROCESSOR",
	abi.IKOT_PSET:             "PROCESSOR-SET",
	abi.IKOT_PSET_NAME:        "PROCESSOR-SET-NAME",
	abi.IKOT_MASTER_DEVICE:    "IO-MAIN",
	abi.IKOT_IOKIT_OBJECT:     "IOKIT-OBJECT",
	abi.IKOT_IOKIT_CONNECT:    "IOKIT-CONNECT",
	abi.IKOT_TIMER:            "TIMER",
	abi.IKOT_MEMORY_OBJECT:    "MEMORY-OBJECT",
	abi.IKOT_LOCK_SET:         "LOCK-SET",
	abi.IKOT_CLOCK:            "CLOCK",
	abi.IKOT_CLOCK_CTRL:       "CLOCK-CTRL",
	abi.IKOT_NAMED_ENTRY:      "NAMED-MEMORY",
	abi.IKOT_UPL:              "UPL",
	abi.IKOT_FILEPORT:         "FILEPORT",
	abi.IKOT_TASK_RESUME:      "TASK-RESUME",
	abi.IKOT_VOUCHER:          "VOUCHER",
	abi.IKOT_UX_HANDLER:       "UX-HANDLER",
	abi.IKOT_TASK_INSPECT:     "TASK-INSPECT",
	abi.IKOT_TASK_READ:        "TASK-READ",
	abi.IKOT_THREAD_INSPECT:   "THREAD-INSPECT",
	abi.IKOT_THREAD_READ:      "THREAD-READ",
	abi.IKOT_TASK_ID_TOKEN:    "TASK-ID-TOKEN",
	abi.IKOT_IPC_SET:          "IPC-SET",
	abi.IKOT_IPC_NOTIFICATION: "IPC-NOTIFICATION",
	abi.IKOT_IPC_RPC:          "IPC-RPC",
}

var rightNames = []struct {
	bit  abi.PortType
	name string
}{
	{abi.MACH_PORT_TYPE_RECEIVE, "recv"}, {abi.MACH_PORT_TYPE_SEND, "send"}, {abi.MACH_PORT_TYPE_SEND_ONCE, "send-once"},
	{abi.MACH_PORT_TYPE_PORT_SET, "port-set"}, {abi.MACH_PORT_TYPE_DEAD_NAME, "dead-name"},
}

func lsmp(r *request) (any, error) {
	var a LsmpArgs
	if err := r.decode(&a); err != nil {
		return nil, err
	}
	procs := r.Sys.Procs.Procs()
	if a.PID != 0 {
		p, err := r.process(a.PID)
		if err != nil {
			return nil, err
		}
		procs = []*kern.Proc{p}
	}
	sort.Slice(procs, func(i, j int) bool { return procs[i].PID < procs[j].PID })
	l := []TaskPorts{}
	for _, p := range procs {
		if p.Task == nil {
			continue
		}
		sp, _ := p.Task.IPC.(*ipc.Space)
		if sp == nil {
			continue
		}
		tp := TaskPorts{PID: p.PID, Comm: p.Comm(), Names: []PortName{}}
		for _, h := range sp.Inspect() {
			tp.Names = append(tp.Names, portName(h))
		}
		l = append(l, tp)
	}
	return l, nil
}

func portName(h ipc.Held) PortName {
	n := PortName{Name: uint32(h.Name), Port: h.Port, Urefs: h.Urefs, Members: h.Members, Queued: h.Status.Msgcount,
		Limit: h.Status.Qlimit, Senders: h.Senders, Once: h.Status.Sorights, Seqno: h.Status.Seqno}
	var rights []string
	for _, r := range rightNames {
		if h.Type&r.bit != 0 {
			rights = append(rights, r.name)
		}
	}
	n.Rights = strings.Join(rights, ",")
	if h.Type&abi.MACH_PORT_TYPE_DNREQUEST != 0 {
		n.Requests += "D"
	}
	if h.Type&abi.MACH_PORT_TYPE_SPREQUEST != 0 {
		n.Requests += "S"
	}
	if h.Type&abi.MACH_PORT_TYPE_RECEIVE != 0 {
		if h.Status.NsRequest != 0 {
			n.Requests += "N"
		}
		if h.Status.PdRequest != 0 {
			n.Requests += "P"
		}
	}
	if h.Status.Flags&abi.MACH_PORT_STATUS_FLAG_GUARDED != 0 {
		n.Flags += "G"
	}
	if h.Status.Flags&abi.MACH_PORT_STATUS_FLAG_GUARD_IMMOVABLE_RECEIVE != 0 {
		n.Flags += "I"
	}
	var known bool
	if n.Kind, known = kinds[h.Kotype]; !known {
		n.Kind = fmt.Sprintf("KOBJECT-%d", h.Kotype)
	}
	n.Object = object(h.Kobject)
	if h.Port != "" && h.Members == 0 && h.Type&abi.MACH_PORT_TYPE_PORT_SET == 0 {
		n.Receiver = receiver(h)
	}
	return n
}

// object names a task, a thread, or what can name itself.
func object(o any) string {
	switch o := o.(type) {
	case *task.Task:
		return taskName(o)
	case *task.Thread:
		return fmt.Sprintf("%s thread %d", taskName(o.Task), o.ID)
	case fmt.Stringer:
		return o.String()
	}
	return ""
}

func taskName(t *task.Task) string {
	if p, _ := t.BSD.(*kern.Proc); p != nil {
		return fmt.Sprintf("%s (%d)", p.Comm(), p.PID)
	}
	return t.Name
}

func receiver(h ipc.Held) string {
	switch {
	case h.Type&abi.MACH_PORT_TYPE_DEAD_NAME != 0:
		return ""
	case h.Receiver == nil:
		return "in a message"
	case h.Receiver == ipc.KernelSpace:
		return "kernel"
	}
	if t, _ := h.Receiver.Task.(*task.Task); t != nil {
		return fmt.Sprintf("%s name %#x", taskName(t), uint32(h.ReceiverName))
	}
	return "?"
}
