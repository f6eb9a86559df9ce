package mig

import (
	"fmt"
	"testing"

	"puggle/abi"
	"puggle/mach/host"
	"puggle/mach/ipc"
	"puggle/mach/sched"
	"puggle/mach/task"
	"puggle/mach/vm"
	"puggle/machine"
)

func must(t *testing.T, what string, kr abi.KernReturn) {
	t.Helper()
	if kr != abi.KERN_SUCCESS {
		t.Fatalf("%s: %d", what, kr)
	}
}

func TestPortsByMessage(t *testing.T) {
	w := newWorld(t)
	self := w.t.SelfPort()
	n, kr := MachPortAllocate(w.cl, self, abi.MACH_PORT_RIGHT_RECEIVE)
	must(t, "allocate", kr)
	typ, kr := MachPortType(w.cl, self, n)
	must(t, "type", kr)
	if typ != abi.MACH_PORT_TYPE_RECEIVE {
		t.Errorf("type %#x", typ)
	}
	if _, kr = MachPortType(w.cl, self, n+0x100); kr != abi.KERN_INVALID_NAME {
		t.Errorf("type of no name: %d", kr)
	}
	p, kr := MachPortExtractRight(w.cl, self, n, abi.MACH_MSG_TYPE_MAKE_SEND)
	must(t, "extract", kr)
	if p.Type != abi.MACH_MSG_TYPE_PORT_SEND || !p.Port.HasSenders() {
		t.Errorf("extracted %v", p)
	}
	must(t, "insert", MachPortInsertRight(w.cl, self, n, p))
	names, types, kr := MachPortNames(w.cl, self)
	must(t, "names", kr)
	if len(names) != 1 || names[0] != n || types[0] != abi.MACH_PORT_TYPE_SEND_RECEIVE {
		t.Errorf("names %x types %x", names, types)
	}
	info, kr := MachPortGetAttributes(w.cl, self, n, abi.MACH_PORT_RECEIVE_STATUS, 10)
	must(t, "attributes", kr)
	if len(info) != 10 || info[3] != abi.MACH_PORT_QLIMIT_DEFAULT {
		t.Errorf("status %v", info)
	}
	so := kernelPort(t)
	old, kr := MachPortRequestNotification(w.cl, self, n, abi.MACH_NOTIFY_NO_SENDERS, 0, so.MakeSendOnce())
	must(t, "notification", kr)
	if ipc.IsValid(old) {
		t.Error("a previous request")
	}
	must(t, "destroy", MachPortDestroy(w.cl, self, n))
	so.DestroyKernel()
}

func TestTaskByMessage(t *testing.T) {
	w := newWorld(t)
	self := w.t.SelfPort()
	l, kr := TaskThreads(w.cl, self)
	must(t, "threads", kr)
	if len(l) != 1 || convertPortToThread(l[0]) != w.th {
		t.Errorf("threads %v", l)
	}
	ipc.ReleaseSend(l[0])
	info, kr := TaskInfo(w.cl, self, MACH_TASK_BASIC_INFO, 12)
	must(t, "info", kr)
	if len(info) != 12 {
		t.Errorf("%d words", len(info))
	}
	if _, kr = TaskInfo(w.cl, self, MACH_TASK_BASIC_INFO, 11); kr != abi.KERN_INVALID_ARGUMENT {
		t.Errorf("too little room: %d", kr)
	}
	boot := kernelPort(t)
	must(t, "set", TaskSetSpecialPort(w.cl, self, abi.TASK_BOOTSTRAP_PORT, boot.MakeSend()))
	p, kr := TaskGetSpecialPort(w.cl, self, abi.TASK_BOOTSTRAP_PORT)
	must(t, "get", kr)
	if p != boot {
		t.Error("another bootstrap port")
	}
	ipc.ReleaseSend(p)

	must(t, "exception ports", TaskSetExceptionPorts(w.cl, self, 1<<abi.EXC_BAD_ACCESS|1<<abi.EXC_ARITHMETIC, boot.MakeSend(),
		abi.EXCEPTION_DEFAULT|abi.MACH_EXCEPTION_CODES, abi.THREAD_STATE_NONE&0))
	masks, ports, behaviors, flavors, kr := TaskGetExceptionPorts(w.cl, self, abi.EXC_MASK_ALL)
	must(t, "get exception ports", kr)
	if len(masks) != 2 || len(ports) != 2 || len(behaviors) != 2 || len(flavors) != 2 {
		t.Fatalf("%d masks", len(masks))
	}
	if masks[0] != 1<<abi.EXC_BAD_ACCESS|1<<abi.EXC_ARITHMETIC || ports[0] != boot || ipc.IsValid(ports[1]) {
		t.Errorf("masks %x ports %v", masks, ports)
	}
	for _, p := range ports {
		ipc.ReleaseSend(p)
	}
	w.k.TaskEnded(w.t)
	if boot.HasSenders() {
		t.Error("an ended task keeps rights")
	}
	boot.DestroyKernel()
}

func TestSemaphoreLives(t *testing.T) {
	w := newWorld(t)
	self := w.t.SelfPort()
	ports, _ := ipc.Counts()
	s, kr := SemaphoreCreate(w.cl, self, 0, 1)
	must(t, "create", kr)
	sem := convertPortToSemaphore(s)
	if sem == nil {
		t.Fatal("no semaphore behind its port")
	}
	ipc.ReleaseSend(s)
	if kr := sem.Signal(); kr != abi.KERN_TERMINATED {
		t.Errorf("without rights it still works: %d", kr)
	}
	s, kr = SemaphoreCreate(w.cl, self, 0, 1)
	must(t, "create", kr)
	sem = convertPortToSemaphore(s)
	must(t, "destroy", SemaphoreDestroy(w.cl, self, ipc.CopySend(s)))
	if kr := sem.Signal(); kr != abi.KERN_TERMINATED {
		t.Errorf("destroyed: %d", kr)
	}
	ipc.ReleaseSend(s)
	if now, _ := ipc.Counts(); now != ports {
		t.Errorf("%d ports before, %d after", ports, now)
	}
}

func TestSuspendToken(t *testing.T) {
	w := newWorld(t)
	tok, kr := TaskSuspend2(w.cl, w.t.SelfPort())
	must(t, "suspend", kr)
	if w.t.SuspendCount() != 1 {
		t.Error("not suspended")
	}
	ipc.ReleaseSendOnce(tok)
	if w.t.SuspendCount() != 0 {
		t.Error("a lost token leaves the task suspended")
	}
	if tok, kr = TaskSuspend2(w.cl, w.t.SelfPort()); kr != 0 {
		t.Fatal(kr)
	}
	must(t, "resume", TaskResume2(w.cl, tok))
	if w.t.SuspendCount() != 0 {
		t.Error("not resumed")
	}
}

func TestRegions(t *testing.T) {
	w := newWorld(t)
	a, kr := w.m.Allocate(0x200000, 3*machine.PageSize, vm.Flags(0))
	must(t, "allocate", kr)
	at, size, info, _, kr := vmRegion(nil, w.m, a-1, VM_REGION_BASIC_INFO_64, 9)
	must(t, "region", kr)
	if at != a || size != 3*machine.PageSize || len(info) != 9 || info[0] != 3 || info[1] != 7 {
		t.Errorf("region %#x %#x %v", at, size, info)
	}
	for room, want := range map[int]int{12: 12, 14: 14, 16: 16, 17: 17, 19: 19, 32: 19} {
		_, _, _, w, kr := vmRegionRecurse(nil, w.m, a, 0, room)
		if kr != 0 || len(w) != want {
			t.Errorf("room %d: %d words, %d", room, len(w), kr)
		}
	}
	if _, _, _, _, kr = vmRegion(nil, w.m, a+3*machine.PageSize, VM_REGION_BASIC_INFO_64, 9); kr != abi.KERN_INVALID_ADDRESS {
		t.Errorf("beyond the last: %d", kr)
	}
}

func TestHostInfo(t *testing.T) {
	w := newWorld(t)
	h := w.k.Host.SelfPort()
	for f, n := range map[int32]int{host.HOST_BASIC_INFO: 12, host.HOST_PRIORITY_INFO: 8, host.HOST_SCHED_INFO: 2} {
		info, kr := HostInfo(w.cl, h, f, 68)
		must(t, "info", kr)
		if len(info) != n {
			t.Errorf("flavour %d: %d words", f, len(info))
		}
	}
	for f, n := range map[int32]int{host.HOST_LOAD_INFO: 6, host.HOST_VM_INFO: 15, host.HOST_VM_INFO64: 38, host.HOST_CPU_LOAD_INFO: 4} {
		info, kr := HostStatistics64(w.cl, h, f, 256)
		must(t, "statistics", kr)
		if len(info) != n {
			t.Errorf("flavour %d: %d words", f, len(info))
		}
	}
	v, kr := HostKernelVersion(w.cl, h)
	must(t, "version", kr)
	if v != w.k.Host.KernelVersion {
		t.Errorf("version %q", v)
	}
	count, info, kr := HostProcessorInfo(w.cl, h, host.PROCESSOR_CPU_LOAD_INFO)
	must(t, "processors", kr)
	if count != 2 || len(info) != 8 {
		t.Errorf("%d processors, %d words", count, len(info))
	}
}

// Whatever is sent to any routine of any subsystem, nothing is left over.
func TestMalformed(t *testing.T) {
	w := newWorld(t)
	targets := []*ipc.Port{w.t.SelfPort(), w.th.SelfPort(), w.k.Host.SelfPort(), w.k.Host.Set.Port()}
	shapes := []struct {
		name  string
		descs func(spare *ipc.Port) []ipc.Desc
		data  int
	}{
		{"empty", nil, 0}, {"one word", nil, 4}, {"ndr", nil, 8}, {"three words", nil, 12}, {"long", nil, 64}, {"very long", nil, 9000},
		{"a right", func(spare *ipc.Port) []ipc.Desc {
			return []ipc.Desc{{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: abi.MACH_MSG_TYPE_PORT_SEND, Port: spare.MakeSend()}}
		}, 24},
		{"the wrong right", func(spare *ipc.Port) []ipc.Desc {
			return []ipc.Desc{{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: abi.MACH_MSG_TYPE_PORT_SEND_ONCE, Port: spare.MakeSendOnce()}}
		}, 12},
		{"memory", func(spare *ipc.Port) []ipc.Desc {
			return []ipc.Desc{{Type: abi.MACH_MSG_OOL_DESCRIPTOR, Copy: 1, Mem: vm.NewCopy(make([]byte, 24)), Size: 24}}
		}, 28},
		{"rights", func(spare *ipc.Port) []ipc.Desc {
			return []ipc.Desc{{Type: abi.MACH_MSG_OOL_PORTS_DESCRIPTOR, Disp: abi.MACH_MSG_TYPE_PORT_SEND, Ports: []*ipc.Port{spare.MakeSend()}}}
		}, 20},
		{"too many", func(spare *ipc.Port) (l []ipc.Desc) {
			for range 5 {
				l = append(l, ipc.Desc{Type: abi.MACH_MSG_PORT_DESCRIPTOR, Disp: abi.MACH_MSG_TYPE_PORT_SEND, Port: spare.MakeSend()})
			}
			return l
		}, 20},
	}
	for _, r := range w.k.Table().Routines() {
		for _, target := range targets {
			for _, s := range shapes {
				for _, fill := range []byte{0, 0xff, 1} {
					t.Run(fmt.Sprintf("%s/%s/%d", r.Name, s.name, fill), func(t *testing.T) { malformed(t, w, r.ID, target, s.descs, s.data, fill) })
				}
			}
		}
	}
}

func malformed(t *testing.T, w *world, id int32, target *ipc.Port, descs func(spare *ipc.Port) []ipc.Desc, size int, fill byte) {
	// What a routine makes on purpose belongs to the task: names, semaphores.
	ports, msgs := ipc.Counts()
	made := func() int64 {
		w.k.mu.Lock()
		defer w.k.mu.Unlock()
		return int64(len(w.k.ports) + len(w.k.susp))
	}
	names, objects := w.space.Count(), made()
	data := make([]byte, size)
	for i := range data {
		data[i] = fill
	}
	spare := kernelPort(t)
	var l []ipc.Desc
	if descs != nil {
		l = descs(spare)
	}
	rp := kernelPort(t)
	k := ipc.NewMessage(target.MakeSend(), abi.MACH_MSG_TYPE_PORT_SEND, id, l, data)
	k.SetReplyPort(rp.MakeSendOnce(), abi.MACH_MSG_TYPE_PORT_SEND_ONCE)
	must(t, "send", ipc.SendFromKernel(k))
	reply, kr := rp.ReceiveInKernel(w.cl.Thread, sched.After(1))
	must(t, "reply", kr)
	switch oneWay := w.k.Table().Find(id).OneWay; {
	case oneWay && reply.ID() != abi.MACH_NOTIFY_SEND_ONCE:
		t.Errorf("a reply with id %d to a routine without one", reply.ID())
	case oneWay:
	case reply.ID() != id+100:
		t.Errorf("reply has id %d", reply.ID())
	case !reply.IsComplex() && len(reply.Body()) < 12:
		t.Errorf("reply has %d bytes", len(reply.Body()))
	}
	reply.Destroy()
	rp.DestroyKernel()
	for w.t.Resume() || w.th.Resume() { // what the call did on purpose is undone
	}
	w.t.RegisterPorts([3]*ipc.Port{})
	w.t.SetSpecialPort(abi.TASK_HOST_PORT, nil)
	w.t.SetSpecialPort(abi.TASK_BOOTSTRAP_PORT, nil)
	w.t.SetSpecialPort(abi.TASK_ACCESS_PORT, nil)
	w.t.Exceptions.Set(abi.EXC_MASK_VALID, task.ExceptionAction{})
	w.th.Exceptions.Set(abi.EXC_MASK_VALID, task.ExceptionAction{})
	left := spare.HasSenders()
	spare.DestroyKernel()
	// The kernel's own ports are made when first asked for; count from there.
	p, m := ipc.Counts()
	grown := int64(w.space.Count()-names) + made() - objects
	if m != msgs || left {
		t.Errorf("messages %d before, %d after; rights left: %v", msgs, m, left)
	}
	if p-ports > grown+lazy {
		t.Errorf("ports %d before, %d after; %d were made on purpose", ports, p, grown)
	}
}

// lazy is how many permanent ports one call may make: a host's processors, its
// privileged port.
const lazy = 3
