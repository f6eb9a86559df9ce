package ktrace

import (
	"fmt"
	"strings"
	"sync"

	"puggle/abi"
	"puggle/mach/mig"
)

// subsystems are the interfaces whose message ids have names.
var subsystems = []mig.Subsystem{
	&mig.MachPortServer{}, &mig.TaskServer{}, &mig.ThreadActServer{}, &mig.MachVmServer{}, &mig.VmMapServer{},
	&mig.MachHostServer{}, &mig.HostPrivServer{}, &mig.ClockServer{}, &mig.ClockPrivServer{}, &mig.SemaphoreServer{},
	&mig.LockSetServer{}, &mig.ProcessorServer{}, &mig.ProcessorSetServer{}, &mig.MemoryEntryServer{},
	&mig.MachVoucherServer{},
	&mig.BootstrapServer{}, &mig.NetnameServer{}, &mig.NotifyServer{},
}

var routines = sync.OnceValue(func() map[int32]string {
	m := map[int32]string{}
	for _, s := range subsystems {
		for _, r := range s.Routines() {
			if _, ok := m[r.ID]; !ok {
				m[r.ID] = r.Name
			}
		}
	}
	for id, name := range map[int32]string{2401: "exception_raise", 2402: "exception_raise_state", 2403: "exception_raise_state_identity",
		2405: "mach_exception_raise", 2406: "mach_exception_raise_state", 2407: "mach_exception_raise_state_identity"} {
		m[id] = name
	}
	return m
})

// Routine names a message by its id: a MIG routine, or the reply to one (100
// above); "" if nobody knows it.
func Routine(id int32) string {
	if s := routines()[id]; s != "" {
		return s
	}
	if s := routines()[id-100]; s != "" {
		return s + " reply"
	}
	return ""
}

// header shows a mach_msg_header_t from its words.
func header(bits, size, remote, local, voucher, id uint32) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{id %d", int32(id))
	if s := Routine(int32(id)); s != "" {
		b.WriteByte(' ')
		b.WriteString(s)
	}
	right := func(what string, name, disposition uint32) {
		if name == 0 && disposition == 0 {
			return
		}
		fmt.Fprintf(&b, ", %s %#x", what, name)
		if s := msgTypes[int64(disposition)]; s != "" {
			b.WriteByte(' ')
			b.WriteString(s)
		}
	}
	right("remote", remote, bits&0x1f)
	right("local", local, bits>>8&0x1f)
	right("voucher", voucher, bits>>16&0x1f)
	if bits&abi.MACH_MSGH_BITS_COMPLEX != 0 {
		b.WriteString(", complex")
	}
	fmt.Fprintf(&b, ", %d bytes}", size)
	return b.String()
}

// message shows the header at a.
func (v *viewer) message(a uint64) string {
	b := v.read(a, abi.MsgHeaderSize)
	if b == nil {
		return hex(a)
	}
	return header(le.Uint32(b), le.Uint32(b[4:]), le.Uint32(b[8:]), le.Uint32(b[12:]), le.Uint32(b[16:]), le.Uint32(b[20:]))
}

// sent is a message buffer before the call: what is sent.
func sent(v *viewer, i int) string {
	if abi.MsgOption(v.c.Arg[1])&abi.MACH_SEND_MSG != 0 {
		return v.message(v.c.Arg[i])
	}
	return hex(v.c.Arg[i])
}

// received shows what a message call has received, "" if nothing has.
func (v *viewer) received() string {
	c := v.c
	name := c.Row().Name
	if !strings.HasPrefix(name, "mach_msg") || abi.MsgOption(c.Arg[1])&abi.MACH_RCV_MSG == 0 ||
		abi.MsgOption(c.Arg[1])&abi.MACH64_MSG_VECTOR != 0 || uint32(c.Ret[0]) != 0 {
		return ""
	}
	a := c.Arg[0]
	if name == "mach_msg_overwrite_trap" && c.Arg[7] != 0 {
		a = c.Arg[7]
	}
	return " -> " + v.message(a) + v.returned(a)
}

// returned is what a MIG reply at a says of the call: the code behind the header and the
// NDR record of a simple message; "" for success, and for other messages.
func (v *viewer) returned(a uint64) string {
	const at = abi.MsgHeaderSize + len(abi.NDRRecord)
	b := v.read(a, at+4)
	if b == nil || le.Uint32(b)&abi.MACH_MSGH_BITS_COMPLEX != 0 || le.Uint32(b[4:]) < uint32(at+4) {
		return ""
	}
	id := int32(le.Uint32(b[20:]))
	if routines()[id] != "" || routines()[id-100] == "" {
		return ""
	}
	if kr := le.Uint32(b[at:]); kr != 0 {
		return " " + kernReturn(kr)
	}
	return ""
}
